/// @file
/// Target: how a release is run. A kind is a folder of this one and a line in targets.cpp.
///
/// Invariant: a target says what is, by asking what runs it, and remembers nothing: a runner that was killed is
/// followed by one that asks again. What is retired, or was undone, is never what gets requests: who does is told to
/// it.
#pragma once

#include "config/settings.hpp"
#include "core/clock.hpp"
#include "core/error.hpp"
#include "model/release.hpp"
#include "model/slot.hpp"
#include "process/file_lock.hpp"
#include "process/subprocess.hpp"
#include "target/rollout.hpp"
#include "target/running.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct Probe {
  bool healthy = false;
  bool answered = false; ///< by the program, whatever it said
  std::string answer;    ///< "GET / -> 200", "connection refused"
};

/// A slot at rest.
struct Settled {
  std::optional<Running> current;
  bool had_successor = false; ///< of a deployment that did not end
};

struct Revival {
  std::vector<Running> started; ///< of what serves the slot: each is to be proven before it gets requests
  bool is_well = true;
};

struct LogOrder {
  std::optional<TimePoint> since; ///< nothing: from the beginning
  std::optional<int> lines;       ///< the last ones; nothing: all
  bool follow = false;            ///< until what prints it has ended
};

/// What a slot's program prints, by a command that prints that.
struct ProgramLog {
  std::string id;   ///< of what prints it; another one takes its place with the next deployment
  std::string name; ///< for people
  bool runs = false;
  Command command;
};

struct OneOffOrder {
  const Slot& slot;
  const Release& release;
  const Plan& plan; ///< that the release runs with
  std::vector<std::string> command;
  bool terminal = false;
};

class Target {
public:
  /// Tells the ids of what gets requests now.
  using FindRouted = std::function<std::set<std::string>()>;
  using Tell = std::function<void(const std::string&)>;

  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  /// All that the order refers to must outlive the rollout.
  [[nodiscard]] virtual std::unique_ptr<Rollout> roll_out(const RolloutOrder& order) = 0;
  /// What would make it fail, found out before anything is touched, each with what mends it.
  [[nodiscard]] virtual std::vector<Error> obstacles(const Slot& slot, const AppSettings& settings) = 0;
  /// Without a router: throws Error(environment), saying by whom, if the slot's port is not `current`'s and is taken.
  virtual void require_port(const Slot& slot, const std::optional<Running>& current, const AppSettings& settings) = 0;

  /// What serves the slot, with its replicas.
  [[nodiscard]] virtual std::optional<Running> current(const Slot& slot) = 0;
  /// Without them.
  [[nodiscard]] virtual std::optional<Running> find(const std::string& id) = 0;
  /// All that is there of the home.
  [[nodiscard]] virtual std::vector<Running> all() = 0;

  /// What a killed runner or a failed step left of the slot is put right: it has the successor that it should have, and
  /// no other. `find_routed` is asked only where something is to be settled; `failed` is a deployment that is to be
  /// undone. `app_lock` is the app's.
  virtual Settled settle(const FileLock& app_lock, const Slot& slot, const FindRouted& find_routed,
                         std::int64_t failed = 0) = 0;
  /// What serves the slot is retired, all of it, and nothing follows.
  virtual void retire(const Slot& slot) = 0;
  /// Of all the app's slots, what waits for its end.
  [[nodiscard]] virtual std::vector<Running> retired(const Slot& any) = 0;
  /// Stopped, with `stop_timeout` to do so by itself, and removed; fine if it is not there. Several threads may call it
  /// at once.
  virtual void end(const Running& retired, Milliseconds stop_timeout) = 0;
  /// What the start of the slot's current one needed, and nobody does any more, is removed.
  virtual void tidy(const Slot& slot) = 0;

  /// One look, not at its replicas. Throws Error(environment) if it does not run. Several threads may call it at once.
  [[nodiscard]] virtual Probe probe(const Running& running, const HealthSettings& health) = 0;
  /// Waits until it is healthy; throws as a deployment's check does. Several threads may call it at once.
  virtual void prove(const Running& running, const HealthSettings& health) = 0;
  /// Whether replicas come and go by themselves, so that a router has to follow them.
  [[nodiscard]] virtual bool moves_replicas() const { return false; }
  /// What ought to run and does not is started again; what a person stopped stays so.
  virtual Revival revive(const Slot& slot, const Tell& tell) = 0;

  /// What serves the slot is stopped, and stays so until it is started or another takes its place.
  virtual void stop(const Slot& slot, Milliseconds stop_timeout);
  /// What stop() stopped runs again; not proven yet.
  virtual void start(const Slot& slot);

  /// Nothing where the slot has none. `slot` may be of a process.
  [[nodiscard]] virtual std::optional<ProgramLog> program_log(const Slot& slot, const LogOrder& order);
  /// Becoming the result runs `command` in what serves the slot, which may be of a process. Throws Error(usage) if that
  /// does not run.
  [[nodiscard]] virtual Command enter(const Slot& slot, const std::vector<std::string>& command, bool terminal);
  /// The same in something of its own beside what serves, which goes when it ends.
  [[nodiscard]] virtual Command run_once(const OneOffOrder& order);

  /// Ids of the releases of which something is there.
  [[nodiscard]] virtual std::set<std::int64_t> releases_in_use(std::string_view app) = 0;
  /// What is kept of a release goes, but for what any of the app's `others` is, too.
  virtual void discard(const Release& release, const std::vector<Release>& others) = 0;
  /// What runners that were killed left of releases that never came to be goes: `kept` are all that the app has.
  virtual void keep_only(std::string_view app, const std::vector<Release>& kept);
  /// All of the app goes, but for what its releases left elsewhere: see discard(). Returns the names of what stays,
  /// since somebody else uses it.
  virtual std::vector<std::string> remove(std::string_view app) = 0;
};

} // namespace teal
