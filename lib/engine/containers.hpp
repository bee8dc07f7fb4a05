/// @file
/// Containers: made, started, stopped and looked at.
#pragma once

#include "core/clock.hpp"
#include "engine/engine.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::engine {

using Labels = std::map<std::string, std::string>;

/// Whether `labels` has each of `wanted`, with its value.
[[nodiscard]] inline bool has_labels(const Labels& labels, const Labels& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& label) {
    const auto found = labels.find(label.first);
    return found != labels.end() && found->second == label.second;
  });
}

/// What stands in a label; "" where there is none.
[[nodiscard]] inline std::string label_of(const Labels& labels, const char* name) {
  const auto found = labels.find(name);
  return found == labels.end() ? "" : found->second;
}

/// A number there; 0 where it is none.
[[nodiscard]] std::int64_t number_in_label(const Labels& labels, const char* name);
/// A port there; 0 where it is none.
[[nodiscard]] std::uint16_t port_in_label(const Labels& labels, const char* name);

struct PortBinding {
  std::string host_address; ///< "0.0.0.0"
  std::uint16_t host_port = 0;
  std::uint16_t container_port = 0;
};

struct ContainerSpec {
  std::string name;
  std::string image; ///< by digest
  std::map<std::string, std::string> env;
  Labels labels;
  std::string network;               ///< the first; published ports belong to it
  std::vector<std::string> networks; ///< further ones
  std::string alias;                 ///< a name of it in its first network; may be empty
  std::string address;               ///< IPv4, its own in its first network for ever; empty: any, and another each time
  std::vector<PortBinding> ports;
  std::vector<std::string> volumes;   ///< "source:/path[:ro]"
  std::uint64_t memory = 0;           ///< bytes; 0: no limit
  double cpus = 0;                    ///< 0: no limit
  std::vector<std::string> arguments; ///< given to the entry point; empty: the image's own
  std::vector<std::string> command;   ///< in place of entry point and arguments; empty: those
  bool terminal = false;              ///< its streams are a terminal's
  bool reads_input = false;           ///< whoever is attached first writes to it, until they leave
  bool auto_remove = false;           ///< by the engine, once it has ended
  Milliseconds stop_timeout{10'000};
  std::string restart = "unless-stopped"; ///< "always", "unless-stopped", "no"
};

struct Container {
  std::string id;
  std::string name;     ///< without the engine's leading '/'
  std::string image;    ///< as it was given at creation
  std::string image_id; ///< "sha256:…"
  std::string status;   ///< created running paused restarting removing exited dead
  bool running = false;
  int exit_code = 0;
  std::string restart;        ///< what the engine does when it ends by itself; see ContainerSpec::restart
  int restarts = 0;           ///< by the engine, since it was made
  bool out_of_memory = false; ///< killed for it
  std::string error;          ///< why the engine could not start it, where it could not
  pid_t pid = 0;              ///< of its first process, on the engine's host; 0 unless running
  std::string stop_signal;    ///< "SIGTERM" unless the image says otherwise
  std::optional<TimePoint> created;
  std::string started;               ///< RFC 3339, as the engine gives it
  std::optional<TimePoint> finished; ///< when it ended last; long ago if it never did
  Labels labels;
  std::map<std::string, std::string> addresses; ///< network name to IPv4 address; empty address unless running
  std::vector<PortBinding> ports;               ///< as asked for at creation
  std::vector<std::string> health_command;      ///< of its image's HEALTHCHECK; empty where that has none
  Milliseconds health_timeout{30'000};          ///< of that

  /// Running, or between two lives.
  [[nodiscard]] bool is_alive() const { return running || status == "restarting"; }
};

/// What stands in a label of a container; "" where there is none.
[[nodiscard]] inline std::string label_of(const Container& container, const char* name) {
  return label_of(container.labels, name);
}

struct ContainerSummary {
  std::string id;
  std::string name;
  std::string image;
  std::string status;
  bool running = false;
  Labels labels;
  std::vector<PortBinding> ports;              ///< published now
  std::vector<std::string> addresses;          ///< its own, whether it runs or not
  std::map<std::string, std::string> networks; ///< network name to IPv4 address; empty address unless it has processes

  /// Running or paused: its addresses are its.
  [[nodiscard]] bool has_processes() const { return running || status == "paused"; }
};

/// How a container ended that may live again.
struct Death {
  int exit_code = 0;
  bool out_of_memory = false;
  TimePoint at;
};

struct ExecResult {
  int exit_code = 0;
  std::string output; ///< both streams
};

inline constexpr int k_killed = 137; ///< exit code after SIGKILL, which the kernel sends too

class Containers {
public:
  explicit Containers(Engine& engine) : m_engine(engine) {}

  /// Returns the id. Logs are rotated (json-file, 3 files of 10 MB). Throws ApiError(409) if the name is taken.
  std::string create(const ContainerSpec& spec);
  void start(const std::string& id);
  /// SIGTERM (or the image's stop signal), then SIGKILL after `timeout` (whole seconds, rounded up). Fine if it is not
  /// there.
  void stop(const std::string& id, Milliseconds timeout);
  /// SIGKILL if it runs, and start.
  void restart(const std::string& id);
  /// Until it has ended by itself. Returns its exit code; throws Error(timeout) after `patience`.
  [[nodiscard]] int wait(const std::string& id, Milliseconds patience);
  /// Whether it ends, or has ended, within `patience`.
  [[nodiscard]] bool ends_within(const std::string& id, Milliseconds patience);
  void rename(const std::string& id, const std::string& name);
  /// Whether that can be changed once the container is made.
  [[nodiscard]] bool can_set_restart() { return !m_engine.version().is_podman; }
  /// What the engine does when the container ends by itself; see ContainerSpec::restart.
  void set_restart(const std::string& id, const std::string& restart);
  /// By force, with its anonymous volumes; fine if it is not there.
  void remove(const std::string& id);
  [[nodiscard]] std::optional<Container> inspect(const std::string& id_or_name);
  /// `ended` with the cause of its end. That memory was out the engine hears apart, at times later and at times never
  /// (containerd asks a control group that may be gone by then); and it forgets it when the container starts again.
  [[nodiscard]] Container await_cause(Container ended);
  /// How it ended last, in whichever of its lives. Nothing if the engine does not remember: it does so of its last 256
  /// events only.
  [[nodiscard]] std::optional<Death> last_death(const std::string& id);
  /// Running or not, those that carry all of `labels` (an empty value: with that label, whatever its value).
  [[nodiscard]] std::vector<ContainerSummary> list(const Labels& labels);
  /// Every container of the engine that publishes `port` on the host, running only.
  [[nodiscard]] std::vector<ContainerSummary> publishing(std::uint16_t port);
  /// The last `lines` of both streams, as text.
  [[nodiscard]] std::string last_log(const std::string& id, int lines);
  /// Runs `command` in the container. Throws Error(timeout) after `patience`.
  [[nodiscard]] ExecResult exec(const std::string& id, const std::vector<std::string>& command, Milliseconds patience);

private:
  [[nodiscard]] std::string events_of(const std::string& id, const std::vector<std::string>& names);

  Engine& m_engine;
};

} // namespace teal::engine
