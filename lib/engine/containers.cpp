#include "engine/containers.hpp"

#include "core/text.hpp"
#include "engine/create_request.hpp"
#include "engine/json_fields.hpp"
#include "engine/networks.hpp"
#include "engine/stream.hpp"
#include "host/kernel_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace teal::engine {

namespace {

constexpr Milliseconds k_longest_wait{500}; ///< for a container's end, between looks whether it is still wanted

constexpr std::string_view k_engine = "the engine"; // who broken JSON is blamed on
constexpr std::chrono::seconds k_patience_for_cause(2);
constexpr Milliseconds k_pause{25};

std::string path_of(const std::string& id, std::string_view action = {}) {
  return fmt::format("/containers/{}{}", http::percent_encode(id), action);
}

std::string without_slash(const std::string& name) {
  return name.starts_with('/') ? name.substr(1) : name;
}

std::uint16_t to_port(std::string_view text) {
  return static_cast<std::uint16_t>(parse_integer(text.substr(0, text.find('/'))).value_or(0));
}

/// From HostConfig, so that they are known also while the container is detached from its network.
std::vector<PortBinding> requested_ports(const boost::json::value& value) {
  std::vector<PortBinding> ports;
  for (const auto& member : fields::object(value, {"HostConfig", "PortBindings"})) {
    for (const auto& binding : fields::array(member.value(), {})) {
      ports.push_back({.host_address = fields::text(binding, {"HostIp"}),
                       .host_port = to_port(fields::text(binding, {"HostPort"})),
                       .container_port = to_port(member.key())});
    }
  }
  return ports;
}

std::map<std::string, std::string> addresses(const boost::json::value& value) {
  std::map<std::string, std::string> found;
  for (const auto& member : fields::object(value, {"NetworkSettings", "Networks"})) {
    found.emplace(member.key(), fields::text(member.value(), {"IPAddress"}));
  }
  return found;
}

/// An argument vector of what an image has as HEALTHCHECK: ["CMD", …], ["CMD-SHELL", TEXT], ["NONE"].
std::vector<std::string> health_command(const boost::json::value& value) {
  std::vector<std::string> test = fields::texts(value, {"Config", "Healthcheck", "Test"});
  if (test.size() < 2) {
    return {};
  }
  if (test.front() == "CMD-SHELL") {
    return {"/bin/sh", "-c", test[1]};
  }
  return test.front() == "CMD" ? std::vector<std::string>(test.begin() + 1, test.end()) : std::vector<std::string>();
}

Container read_container(const boost::json::value& value) {
  Container container;
  container.id = fields::text(value, {"Id"});
  container.name = without_slash(fields::text(value, {"Name"}));
  container.image = fields::text(value, {"Config", "Image"});
  container.image_id = fields::text(value, {"Image"});
  container.status = fields::text(value, {"State", "Status"});
  // The engine calls a container that waits for its next restart running too.
  container.running = fields::flag(value, {"State", "Running"}) && !fields::flag(value, {"State", "Restarting"});
  container.exit_code = static_cast<int>(fields::number(value, {"State", "ExitCode"}));
  container.restart = fields::text(value, {"HostConfig", "RestartPolicy", "Name"});
  container.restarts = static_cast<int>(fields::number(value, {"RestartCount"}));
  container.out_of_memory = fields::flag(value, {"State", "OOMKilled"});
  container.error = fields::text(value, {"State", "Error"});
  container.pid = static_cast<pid_t>(fields::number(value, {"State", "Pid"}));
  container.stop_signal = fields::text(value, {"Config", "StopSignal"}, "SIGTERM");
  container.created = parse_time(fields::text(value, {"Created"}));
  container.started = fields::text(value, {"State", "StartedAt"});
  container.finished = parse_time(fields::text(value, {"State", "FinishedAt"}));
  container.labels = fields::text_map(value, {"Config", "Labels"});
  container.addresses = addresses(value);
  container.ports = requested_ports(value);
  container.health_command = health_command(value);
  if (const auto timeout = fields::number(value, {"Config", "Healthcheck", "Timeout"}); timeout > 0) {
    container.health_timeout = std::chrono::duration_cast<Milliseconds>(std::chrono::nanoseconds(timeout));
  }
  return container;
}

std::vector<PortBinding> published_ports(const boost::json::value& value) {
  std::vector<PortBinding> ports;
  for (const auto& port : fields::array(value, {"Ports"})) {
    if (fields::find(port, {"PublicPort"}) != nullptr && fields::text(port, {"Type"}) == "tcp") {
      ports.push_back({.host_address = fields::text(port, {"IP"}),
                       .host_port = static_cast<std::uint16_t>(fields::number(port, {"PublicPort"})),
                       .container_port = static_cast<std::uint16_t>(fields::number(port, {"PrivatePort"}))});
    }
  }
  return ports;
}

std::vector<std::string> own_addresses(const boost::json::value& value) {
  std::vector<std::string> own;
  for (const auto& member : fields::object(value, {"NetworkSettings", "Networks"})) {
    if (auto address = fields::text(member.value(), {"IPAMConfig", "IPv4Address"}); !address.empty()) {
      own.push_back(std::move(address));
    }
  }
  return own;
}

ContainerSummary read_summary(const boost::json::value& value) {
  const std::vector<std::string> names = fields::texts(value, {"Names"});
  return {.id = fields::text(value, {"Id"}),
          .name = names.empty() ? std::string() : without_slash(names.front()),
          .image = fields::text(value, {"Image"}),
          .status = fields::text(value, {"State"}),
          .running = fields::text(value, {"State"}) == "running",
          .labels = fields::text_map(value, {"Labels"}),
          .ports = published_ports(value),
          .addresses = own_addresses(value),
          .networks = addresses(value)};
}

std::vector<ContainerSummary> read_summaries(const http::Response& response) {
  std::vector<ContainerSummary> summaries;
  for (const auto& value : fields::array(fields::parse(response.body, k_engine), {})) {
    summaries.push_back(read_summary(value));
  }
  return summaries;
}

/// A call of which one refusal is as good as success.
void call_unless(int fine_status, Engine& engine, std::string_view method, const std::string& target) {
  try {
    engine.call(method, target);
  } catch (const ApiError& error) {
    if (error.status() != fine_status) {
      throw;
    }
  }
}

std::string exec_request(const std::vector<std::string>& command) {
  return boost::json::serialize(boost::json::object{
      {"AttachStdout", true}, {"AttachStderr", true}, {"Cmd", boost::json::array(command.begin(), command.end())}});
}

} // namespace

std::int64_t number_in_label(const Labels& labels, const char* name) {
  return parse_integer(label_of(labels, name)).value_or(0);
}

std::uint16_t port_in_label(const Labels& labels, const char* name) {
  return parse_port(label_of(labels, name)).value_or(0);
}

std::string Containers::create(const ContainerSpec& spec) {
  const http::Response response =
      m_engine.call("POST", "/containers/create?name=" + http::percent_encode(spec.name), create_request(spec));
  std::string id = fields::text(fields::parse(response.body, k_engine), {"Id"});
  try {
    for (const std::string& network : spec.networks) {
      connect(m_engine, network, id, {});
    }
  } catch (...) {
    remove(id);
    throw;
  }
  return id;
}

void Containers::start(const std::string& id) {
  m_engine.call("POST", path_of(id, "/start"));
}

void Containers::restart(const std::string& id) {
  m_engine.call("POST", path_of(id, "/restart?t=0"));
}

void Containers::stop(const std::string& id, Milliseconds timeout) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(timeout);
  try {
    m_engine.call("POST", path_of(id, fmt::format("/stop?t={}", seconds.count())), {}, seconds + m_engine.timeout());
  } catch (const ApiError& error) {
    if (error.status() != 404) {
      throw;
    }
  }
}

int Containers::wait(const std::string& id, Milliseconds patience) {
  const Stopwatch stopwatch;
  for (;;) {
    m_engine.require_uninterrupted();
    const Milliseconds left = std::max(patience - stopwatch.elapsed(), Milliseconds(1));
    try {
      const auto response = m_engine.call("POST", path_of(id, "/wait"), {}, std::min(left, k_longest_wait));
      return static_cast<int>(fields::number(fields::parse(response.body, k_engine), {"StatusCode"}));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::timeout || left <= k_longest_wait) {
        throw;
      }
    }
  }
}

bool Containers::ends_within(const std::string& id, Milliseconds patience) try {
  static_cast<void>(wait(id, patience));
  return true;
} catch (const Error& error) {
  if (error.kind() != ErrorKind::timeout) {
    throw;
  }
  return false;
}

void Containers::rename(const std::string& id, const std::string& name) {
  m_engine.call("POST", path_of(id, "/rename?name=" + http::percent_encode(name)));
}

void Containers::set_restart(const std::string& id, const std::string& restart) {
  m_engine.call("POST", path_of(id, "/update"),
                boost::json::serialize(boost::json::object{{"RestartPolicy", boost::json::object{{"Name", restart}}}}));
}

void Containers::remove(const std::string& id) {
  try {
    call_unless(404, m_engine, "DELETE", path_of(id, "?force=1&v=1"));
  } catch (const ApiError& error) {
    if (error.status() != 409) {
      throw;
    }
    // Somebody else is at removing it: its name and ports are free once they are done.
    call_unless(404, m_engine, "POST", path_of(id, "/wait?condition=removed"));
  }
}

std::optional<Container> Containers::inspect(const std::string& id_or_name) {
  try {
    return read_container(fields::parse(m_engine.call("GET", path_of(id_or_name, "/json")).body, k_engine));
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return std::nullopt;
    }
    throw;
  }
}

Container Containers::await_cause(Container ended) {
  const Stopwatch stopwatch;
  while (ended.exit_code == k_killed && !ended.out_of_memory) {
    ended.out_of_memory = !events_of(ended.id, {"oom"}).empty() || tells_of_memory_kill(ended.id);
    if (ended.out_of_memory || stopwatch.elapsed() > k_patience_for_cause) {
      break;
    }
    std::this_thread::sleep_for(k_pause);
  }
  return ended;
}

/// Up to now, of the last 256 events that the engine remembers: a line of JSON each. One whose clock is behind ours
/// would wait for our now; then there are none.
std::string Containers::events_of(const std::string& id, const std::vector<std::string>& names) {
  const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
  const std::string filters = boost::json::serialize(boost::json::object{
      {"container", boost::json::array{id}}, {"event", boost::json::array(names.begin(), names.end())}});
  const std::string target =
      fmt::format("/events?since=1&until={:.6f}&filters={}", now.count(), http::percent_encode(filters));
  try {
    return std::string(trim(m_engine.call("GET", target, {}, k_patience_for_cause).body));
  } catch (const Error&) {
    return "";
  }
}

std::optional<Death> Containers::last_death(const std::string& id) {
  std::optional<Death> last;
  bool out_of_memory = false;
  for (const std::string& line : split(events_of(id, {"die", "oom"}), '\n')) {
    if (line.empty()) {
      continue;
    }
    const boost::json::value event = fields::parse(line, k_engine);
    if (fields::text(event, {"Action"}) == "oom") {
      out_of_memory = true; // it dies next
      continue;
    }
    const auto code = parse_integer(fields::text(event, {"Actor", "Attributes", "exitCode"}));
    last = Death{.exit_code = static_cast<int>(code.value_or(-1)),
                 .out_of_memory = std::exchange(out_of_memory, false),
                 .at = TimePoint(std::chrono::seconds(fields::number(event, {"time"})))};
  }
  return last;
}

std::vector<ContainerSummary> Containers::list(const Labels& labels) {
  boost::json::array wanted;
  for (const auto& [name, value] : labels) {
    wanted.emplace_back(value.empty() ? name : fmt::format("{}={}", name, value));
  }
  const std::string filters = boost::json::serialize(boost::json::object{{"label", wanted}});
  return read_summaries(m_engine.call("GET", "/containers/json?all=1&filters=" + http::percent_encode(filters)));
}

std::vector<ContainerSummary> Containers::publishing(std::uint16_t port) {
  std::vector<ContainerSummary> running = read_summaries(m_engine.call("GET", "/containers/json"));
  std::erase_if(running, [port](const ContainerSummary& container) {
    return std::none_of(container.ports.begin(), container.ports.end(),
                        [port](const PortBinding& binding) { return binding.host_port == port; });
  });
  return running;
}

std::string Containers::last_log(const std::string& id, int lines) {
  return demultiplex(m_engine.call("GET", path_of(id, fmt::format("/logs?stdout=1&stderr=1&tail={}", lines))).body);
}

ExecResult Containers::exec(const std::string& id, const std::vector<std::string>& command, Milliseconds patience) {
  const http::Response created = m_engine.call("POST", path_of(id, "/exec"), exec_request(command));
  const std::string exec = "/exec/" + fields::text(fields::parse(created.body, k_engine), {"Id"});
  ExecResult result;
  try {
    result.output =
        demultiplex(m_engine.call("POST", exec + "/start", R"({"Detach":false,"Tty":false})", patience).body);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::timeout) {
      throw;
    }
    throw Error(ErrorKind::timeout,
                fmt::format("'{}' did not end within {}", join(command, " "), format_duration(patience)));
  }
  const boost::json::value state = fields::parse(m_engine.call("GET", exec + "/json").body, k_engine);
  result.exit_code = static_cast<int>(fields::number(state, {"ExitCode"}, -1));
  return result;
}

} // namespace teal::engine
