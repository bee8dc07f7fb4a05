/// @file
/// DockerRollout: an image built, or built elsewhere and pulled, kept in the registry, and run as containers beside
/// what serves.
///
/// Invariant: what serves is not touched before all of the successor is healthy, but for the published port where there
/// is no router, and with deploy.order: stop-first. Which container is which is told by their names.
#pragma once

#include "target/docker/build.hpp"
#include "target/docker/replica_crew.hpp"
#include "target/rollout.hpp"
#include "target/services.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace teal {

/// A kind that brings its containers up in another way is one of these, and has another produce(), fetch(), start(), …
class DockerRollout : public Rollout {
public:
  DockerRollout(Services& services, const RolloutOrder& order);

  [[nodiscard]] Release produce(const git::Repository& repository) override;
  [[nodiscard]] Release obtain() override;
  [[nodiscard]] std::string publish(const Release& release) override;
  void fetch(const Release& release) override;
  void prepare(const Release& release) override;
  [[nodiscard]] std::string start(const Release& release) override;
  [[nodiscard]] std::string check() override;
  void confirm() override;
  [[nodiscard]] Running successor() override;
  [[nodiscard]] std::string take_over() override;
  [[nodiscard]] bool is_under_way() const override { return m_is_under_way; }
  [[nodiscard]] std::string last_words() override;

  /// That the program listens on, once prepare() has found out.
  [[nodiscard]] std::uint16_t container_port() const { return m_settings.container_port; }

protected:
  [[nodiscard]] Services& services() const { return m_services; }
  [[nodiscard]] const RolloutOrder& order() const { return m_order; }
  [[nodiscard]] const Slot& web() const { return m_web; }
  /// To the registry; returns the digest. By a thread of its own.
  std::string push(const std::string& repository, const std::string& tag);
  /// What the successor consists of: a port that answers, and processes beside it.
  void set_shape(std::uint16_t port, const std::vector<std::string>& processes);
  /// deploy.before_switch, such as a database's migrations: `run` is given each, and what it is called in a message.
  using RunTask = std::function<void(const std::vector<std::string>& command, const std::string& name)>;
  void run_tasks(const RunTask& run);
  /// From here on a failure is undone.
  void begin_start() { m_is_under_way = true; }
  /// All of the successor runs beside what serves, but where there is no router for `next_web`, which gets the port
  /// now: there is one then. Returns the fact worth knowing.
  [[nodiscard]] std::string finish_start(const std::optional<engine::Container>& next_web);

private:
  void make_room_first();
  [[nodiscard]] std::string make_room();
  [[nodiscard]] std::string build();
  [[nodiscard]] engine::Image find_built();
  [[nodiscard]] const std::string& find_login();
  void take_port(const engine::Container& next);
  [[nodiscard]] RunRequest request_for(const Slot& slot, const Release& release) const;
  void prove_running(const Slot& slot);
  void settle_port(const Release& release);

  Services& m_services;
  const RolloutOrder m_order;
  AppSettings m_settings;  ///< the plan's, with the port of the image once that is known
  std::string m_port_note; ///< why it is that port, where nobody said it
  const Slot& m_web;       ///< what answers requests
  BuildPlace m_place;
  std::vector<Slot> m_replicas;  ///< that answer requests; m_web first
  std::vector<Slot> m_processes; ///< that answer none
  ReplicaCrew m_crew;            ///< of m_replicas
  Stopwatch m_since_start;
  std::optional<std::string> m_login; ///< asked for once; secret
  std::string m_tag;                  ///< of the image that was made, beside the color's
  bool m_is_pulled = false;           ///< it was not made here
  bool m_is_under_way = false;
  std::optional<engine::Image> m_built; ///< or brought in, by this rollout
};

} // namespace teal
