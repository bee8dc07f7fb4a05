#include "route/signpost_router.hpp"

#include "core/error.hpp"
#include "process/files.hpp"
#include "route/entrance.hpp"
#include "route/farewell.hpp"
#include "route/kept_file.hpp"

#include <algorithm>
#include <csignal>
#include <thread>
#include <utility>

namespace teal::route {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience(15);
constexpr std::chrono::seconds k_patience_for_end(30);
constexpr Milliseconds k_pause{5}; ///< programs tell nobody that they are ready

} // namespace

SignpostRouter::SignpostRouter(const ServerSettings::Router& settings, fs::path folder, Program program,
                               const Environment& environment)
    : m_settings(settings), m_folder(std::move(folder)), m_program(std::move(program)),
      m_process(m_program.name, m_folder, environment), m_tables(m_folder), m_signposts(signposts_in(m_folder)),
      m_connections(m_folder), m_certificates(m_folder) {}

std::optional<pid_t> SignpostRouter::pid() const {
  const auto process = m_process.find();
  return process ? std::optional(process->pid) : std::nullopt;
}

http::Response SignpostRouter::ask(http::Request request) const {
  http::Client client({http::Endpoint::Kind::unix_socket, socket().string(), 0});
  request.headers["Connection"] = "close";
  return client.request(request, {.total = k_patience});
}

std::optional<Running> SignpostRouter::running() const {
  try {
    return find_running(ask(question()).body);
  } catch (const Error&) { // none listens
    return std::nullopt;
  }
}

void SignpostRouter::up(const Check& check) {
  const FileLock held = m_tables.lock();
  if (is_running()) {
    return;
  }
  m_process.require_program();
  const std::uint64_t generation = m_tables.newest();
  const RoutingTable table = check(m_tables.read(generation));
  write(table, generation + 1);
  require_valid();
  m_signposts.set_all(table);
  files::remove(socket()); // of one that was killed: it would be in the way
  m_process.end_orphans();
  require_free_entrances(entrances(table, m_settings)); // Caddy says that it has a table, and fails for a port then
  m_process.start(m_program.arguments);
  try {
    await(generation + 1, [] { return true; });
  } catch (const Error&) {
    m_process.stop(SIGTERM, k_patience_for_end);
    throw;
  }
}

void SignpostRouter::await(std::uint64_t generation, const std::function<bool()>& is_ready) const {
  const Stopwatch stopwatch;
  while (pid() && stopwatch.elapsed() < k_patience) {
    if (is_ready()) {
      const auto now = running();
      if (now && now->generation == generation) {
        return;
      }
    }
    std::this_thread::sleep_for(k_pause);
  }
  m_process.refuse_to_wait();
}

bool SignpostRouter::down() {
  const FileLock held = m_tables.lock();
  return m_process.stop(m_program.ending, k_patience_for_end);
}

RouterStatus SignpostRouter::status() {
  const auto pid = this->pid();
  const std::vector<fs::path> files = config_files();
  RouterStatus status{.running = pid.has_value(), .pid = pid.value_or(0), .config = files.front().string()};
  status.complaint = advice();
  try {
    status.version = version();
  } catch (const Error& error) { // not installed
    status.complaint = error.message();
  }
  for (const fs::path& file : files) {
    if (std::string edit = describe_edit(file); !edit.empty()) {
      status.complaint = std::move(edit);
    }
  }
  return status;
}

RoutingTable SignpostRouter::table_of(const std::optional<Running>& now) const {
  RoutingTable table = m_tables.read(now ? now->generation : m_tables.newest());
  return now && now->follows ? m_signposts.followed(std::move(table)) : table;
}

RoutingTable SignpostRouter::table() {
  return table_of(is_running() ? running() : std::nullopt);
}

std::vector<Route> SignpostRouter::routes(std::string_view app) {
  const auto now = is_running() ? running() : std::nullopt;
  RoutingTable written{m_tables.routes(now ? now->generation : m_tables.newest(), app)};
  return now && now->follows ? m_signposts.followed(std::move(written)).routes : written.routes;
}

void SignpostRouter::replace_all(const Changes& changes) {
  const FileLock held = m_tables.lock();
  const auto now = is_running() ? running() : std::nullopt;
  const RoutingTable before = table_of(now);
  const RoutingTable after = with_changes(before, changes);
  require_distinct(after, m_settings);
  if (before == after) {
    return;
  }
  if (!is_running()) {
    write(after, m_tables.newest() + 1);
  } else {
    prepare(before, after);
    if (now && now->follows && is_told_by_signposts(m_tables.read(now->generation), after)) {
      turn(changes, before, after, now->generation);
    } else {
      reload(changes, before, after, now.value_or(Running()));
    }
    m_connections.note_changes(changes, before);
  }
  m_certificates.forget_but(after);
}

/// A group of servers that share requests is written down, and so is whether their answers are counted: else those of
/// replicas would be for good.
bool SignpostRouter::is_told_by_signposts(const RoutingTable& written, const RoutingTable& wanted) const {
  return same_entrances(written, wanted) && (is_counted(written) == is_counted(wanted) || !is_weighed(wanted)) &&
         std::equal(
             wanted.routes.begin(), wanted.routes.end(), written.routes.begin(),
             [](const Route& one, const Route& other) { return !is_weighed(one) || one.servers == other.servers; });
}

/// The program is told nothing: it looks at the signposts.
void SignpostRouter::turn(const Changes& changes, const RoutingTable& before, const RoutingTable& after,
                          std::uint64_t running) const {
  const std::uint64_t next = m_tables.newest() + 1;
  m_tables.write(next, after);
  try {
    m_signposts.set_some(changes, before);
  } catch (const Error&) {
    m_tables.write(next, m_signposts.followed(m_tables.read(running)));
    throw;
  }
  const std::vector<fs::path> files = config_files();
  if (std::any_of(files.begin(), files.end(), was_edited)) {
    write_configuration(m_tables.read(running), running);
  }
  m_tables.forget_but({running, next});
}

void SignpostRouter::reload(const Changes& changes, const RoutingTable& before, const RoutingTable& after,
                            const Running& now) const {
  const std::uint64_t generation = m_tables.newest();
  if (can_follow()) { // one of somebody else's may listen there for others already
    require_free_entrances(entrances(after, m_settings), entrances(before, m_settings));
  }
  try {
    write(after, generation + 1);
    require_valid();
    if (can_follow() && !now.follows) {
      m_signposts.set_all(before);
    }
    const Farewell farewell(farewell_file(m_folder, now.generation), ports_of(before, m_settings));
    take_over(generation + 1);
  } catch (const Error&) {
    write(before, generation + 2);
    take_back();
    throw;
  }
  if (can_follow()) {
    m_signposts.set_some(changes, before);
  }
  m_tables.forget_but({generation, generation + 1});
}

void SignpostRouter::write(const RoutingTable& table, std::uint64_t generation) const {
  m_certificates.keep(table);
  m_tables.write(generation, table);
  write_configuration(table, generation);
}

std::vector<Traffic> SignpostRouter::traffic(std::string_view app) {
  return m_connections.count(app, routes(app));
}

std::uint64_t SignpostRouter::in_flight(std::string_view app, std::string_view container) {
  return m_connections.count_one(app, container, routes(app));
}

} // namespace teal::route
