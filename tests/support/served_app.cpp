#include "support/served_app.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace teal {

namespace {

std::string last_line(const std::string& text) {
  return last_lines(trim(text), 1);
}

} // namespace

ServedApp::ServedApp(const std::vector<std::string>& arguments, std::string_view settings)
    : m_project(m_host, arguments) {
  set_settings(settings);
  push("v1");
}

void ServedApp::set_settings(std::string_view yaml) const {
  m_host.set_settings(m_name, yaml);
}

std::string ServedApp::push(const std::string& version, Color color) const {
  m_project.commit(version);
  const std::string told = what_was_told(m_project.push(m_name, color));
  INFO(told);
  REQUIRE_THAT(told, ContainsSubstring("\nready in "));
  return told;
}

std::string ServedApp::push_in_vain(const std::string& version, Color color) const {
  const std::string before = answer();
  const std::string commit = m_project.commit(version);
  std::string told = what_was_told(m_project.push(m_name, color));
  INFO(told);
  CHECK_THAT(told, ContainsSubstring("\nerror: "));
  CHECK_THAT(last_line(told), ContainsSubstring("FAILED") && ContainsSubstring("runs"));
  CHECK(answer() == before);
  CHECK(newest().at("commit").as_string() == commit);
  CHECK(newest().at("status").as_string() == "failed");
  return told;
}

boost::json::value ServedApp::newest() const {
  const auto history = boost::json::parse(m_host.tealhook_ok({"history", m_name, "--json"}));
  for (const auto& entry : history.as_array()) {
    if (entry.at("kind") == "deployment") {
      return entry;
    }
  }
  FAIL("it was never deployed");
  return {};
}

boost::json::value ServedApp::ended_step(std::string_view step) const {
  boost::json::value found;
  const auto has_ended = [&] {
    const auto deployment = newest();
    for (const auto& one : deployment.at("steps").as_array()) {
      if (one.at("name").as_string() == step && one.at("status").as_string() != "running") {
        found = one;
      }
    }
    return !found.is_null();
  };
  wait_until(has_ended, k_patience, fmt::format("the end of step '{}'", step));
  return found;
}

std::string what_was_told(const Outcome& push) {
  constexpr std::string_view k_mark = "remote: ";
  std::string told;
  for (const std::string& line : split(push.tail, '\n')) {
    if (line.starts_with(k_mark)) {
      told += fmt::format("{}\n", line.substr(k_mark.size(), line.find_last_not_of(' ') + 1 - k_mark.size()));
    }
  }
  return told;
}

ChangedFile::ChangedFile(std::filesystem::path file, std::string_view from, std::string_view to)
    : m_file(std::move(file)), m_before(read_file(m_file)) {
  std::string text = m_before;
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  write_file(m_file, text.replace(at, from.size(), to));
}

ChangedFile::~ChangedFile() {
  write_file(m_file, m_before);
}

} // namespace teal
