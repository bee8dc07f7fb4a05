#include "route/worker_counts.hpp"

#include "process/atomic_file.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace teal::route {

namespace json = boost::json;

void WorkerCounts::note(pid_t worker, const std::string& server, Counts counts) {
  Counts& known = m_servers[server][worker];
  known.requests = std::max(known.requests, counts.requests);
  known.errors = std::max(known.errors, counts.errors);
}

WorkerCounts::Counts WorkerCounts::sum(const std::string& server) const {
  Counts sum;
  if (const auto found = m_servers.find(server); found != m_servers.end()) {
    for (const auto& [worker, counts] : found->second) {
      sum.requests += counts.requests;
      sum.errors += counts.errors;
    }
  }
  return sum;
}

void WorkerCounts::take_in(const std::filesystem::path& file) {
  try {
    const json::value rows = json::parse(read_file(file));
    for (const auto& row : rows.as_array()) {
      note(row.at("worker").to_number<pid_t>(), std::string(row.at("server").as_string()),
           {row.at("requests").to_number<std::uint64_t>(), row.at("errors").to_number<std::uint64_t>()});
    }
  } catch (const std::exception&) { // not there; or changed by hand, and nothing that traffic depends on
  }
}

void WorkerCounts::keep(const std::filesystem::path& file, const std::set<std::string>& servers) const {
  json::array rows;
  for (const auto& [server, workers] : m_servers) {
    if (!servers.contains(server)) {
      continue;
    }
    for (const auto& [worker, counts] : workers) {
      rows.push_back(json::object{
          {"server", server}, {"worker", worker}, {"requests", counts.requests}, {"errors", counts.errors}});
    }
  }
  write_file(file, json::serialize(rows), 0600);
}

} // namespace teal::route
