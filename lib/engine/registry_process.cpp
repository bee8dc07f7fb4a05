#include "engine/registry_process.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "host/port_owner.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

constexpr const char* k_program = "docker-registry";
constexpr std::chrono::seconds k_stop_patience(10);
constexpr std::size_t k_log_lines = 10;

/// A JSON text is a YAML text too.
std::string quoted(const std::string& text) {
  return boost::json::serialize(boost::json::string(text));
}

std::string absolute_path(const std::filesystem::path& path) {
  return files::absolute(path).string();
}

/// The file's content, or nothing where it is missing or cannot be read.
std::optional<std::string> try_read(const std::filesystem::path& file) {
  try {
    return read_file(file);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::optional<ProcessId> parse_process(std::string_view text) {
  boost::json::error_code fault;
  const boost::json::value value = boost::json::parse({text.data(), text.size()}, fault);
  if (fault) {
    return std::nullopt;
  }
  return ProcessId{.pid = static_cast<pid_t>(fields::number(value, {"pid"})),
                   .start_ticks = static_cast<std::uint64_t>(fields::number(value, {"start_ticks"}))};
}

} // namespace

RegistryProcess::RegistryProcess(Environment environment, RegistryServerSettings settings)
    : m_environment(std::move(environment)), m_settings(std::move(settings)) {}

std::optional<ProcessId> RegistryProcess::find() const {
  const auto text = try_read(pid_file());
  const auto process = text ? parse_process(*text) : std::nullopt;
  // The number and the moment of its start may both come again after a reboot.
  const bool ours = process && process->pid > 0 && is_alive(*process) && program_of(process->pid) == k_program;
  return ours ? process : std::nullopt;
}

bool RegistryProcess::was_started() const {
  return files::exists(pid_file());
}

bool RegistryProcess::is_as_wanted() const {
  return find() && try_read(config_file()) == config();
}

bool RegistryProcess::is_possible() const {
  return find_program(k_program, m_environment).has_value();
}

std::string RegistryProcess::config() const {
  std::string text = fmt::format("version: 0.1\n"
                                 "log:\n"
                                 "  level: warn\n"
                                 "  accesslog: {{disabled: true}}\n"
                                 "storage:\n"
                                 "  filesystem: {{rootdirectory: {}}}\n"
                                 "  delete: {{enabled: true}}\n"
                                 "http:\n"
                                 "  addr: {}\n",
                                 quoted(absolute_path(m_settings.data())),
                                 quoted(fmt::format("{}:{}", m_settings.listen, m_settings.port())));
  if (m_settings.htpasswd) {
    text += fmt::format("auth:\n"
                        "  htpasswd: {{realm: tealhook, path: {}}}\n",
                        quoted(absolute_path(m_settings.htpasswd_file())));
  }
  return text;
}

void RegistryProcess::start() {
  files::create_directories(m_settings.data());
  files::remove(log_file());
  write_file(config_file(), config());
  Command command;
  command.arguments = {k_program, "serve", absolute_path(config_file())};
  command.environment = m_environment;
  const ProcessId process = start_detached(command, log_file());
  write_file(pid_file(),
             boost::json::serialize(boost::json::object{{"pid", process.pid}, {"start_ticks", process.start_ticks}}));
}

bool RegistryProcess::stop() {
  const auto process = find();
  if (process && !end_process(*process, k_stop_patience)) {
    throw Error(ErrorKind::environment, fmt::format("cannot end the registry, pid {}", process->pid));
  }
  files::remove(pid_file());
  return process.has_value();
}

std::string RegistryProcess::last_log() const {
  return last_lines(try_read(log_file()).value_or(""), k_log_lines);
}

} // namespace teal::engine
