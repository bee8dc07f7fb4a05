/// @file
/// Swarm: services, tasks and nodes of the Docker Swarm whose manager the engine is.
///
/// Facts about the API are Docker's Engine API reference, 1.41 to 1.47: Swarm, Services, Tasks, Nodes.
#pragma once

#include "engine/engine.hpp"
#include "engine/service_request.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace teal::engine {

struct Service {
  std::string id;
  std::string name;
  Labels labels;
  std::string image;
  std::int64_t replicas = 0; ///< that it is to have
  std::string created;       ///< RFC 3339: the later, the greater
  std::string update; ///< what became of the last update of its tasks: "completed", "rollback_completed"; or empty
  std::string update_message;
};

struct Task {
  std::string id;
  std::string service; ///< id
  std::int64_t slot = 0;
  std::string node;      ///< id; empty until it has one
  std::string state;     ///< "preparing", "running", "failed", "rejected", …
  std::string wanted;    ///< the state that Swarm wants it to have: "running", "shutdown"
  std::string error;     ///< Swarm's words; of one that waits for a node, why
  std::string container; ///< the id at its node's engine; empty until it has one
  int exit_code = 0;
  std::uint16_t published = 0; ///< at its node; 0: not known, or none

  [[nodiscard]] bool runs() const { return state == "running" && wanted == "running"; }
};

struct Node {
  std::string id;
  std::string name;
  std::string address; ///< that it advertises
  bool is_ready = false;
};

/// Whether the Swarm itself could not do it, for now: whatever was asked.
[[nodiscard]] bool is_swarms_fault(const ApiError& error);

class Swarm {
public:
  explicit Swarm(Engine& engine) : m_engine(engine) {}

  /// Throws Error(environment), saying what to do, if the engine is in no Swarm, is no manager of its, or if too few
  /// managers run to decide anything.
  void require_manager();
  /// The id of the engine's own node.
  [[nodiscard]] std::string own_node();

  /// `login` is the header X-Registry-Auth, with which nodes pull the image; it may be empty. Returns the id. Throws
  /// ApiError(409) if the name is taken.
  std::string create(const ServiceSpec& spec, const std::string& login);
  [[nodiscard]] std::optional<Service> inspect(const std::string& id_or_name);
  [[nodiscard]] std::vector<Service> services(const Labels& labels);
  /// What `labels` does not name stays; no task is touched.
  void set_labels(const std::string& id, const Labels& labels);
  void scale(const std::string& id, std::int64_t replicas);
  /// Swarm stops its tasks then, each with its stop timeout. Fine if it is not there.
  void remove(const std::string& id);
  /// The last `lines` that its tasks printed.
  [[nodiscard]] std::string last_log(const std::string& id, int lines);

  /// A service's, also the last ones that have ended.
  [[nodiscard]] std::vector<Task> tasks(const std::string& service);
  [[nodiscard]] std::optional<Task> task(const std::string& id);
  /// By id.
  [[nodiscard]] std::map<std::string, Node> nodes();

private:
  http::Response call(std::string_view method, const std::string& target, const std::string& body = {},
                      const http::Headers& headers = {});
  template <class Change>
  void update(const std::string& id, Change&& change);

  Engine& m_engine;
};

} // namespace teal::engine
