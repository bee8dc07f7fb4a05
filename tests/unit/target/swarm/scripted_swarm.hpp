/// @file
/// ScriptedSwarm: the API of a Swarm's manager over a real socket, whose nodes run nothing: a service that is made has
/// its tasks at once, in the state that the test wants: "s1t1" and so on of the first one.
#pragma once

#include "core/text.hpp"
#include "unit/engine/scripted_api.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace teal {

class ScriptedSwarm {
public:
  [[nodiscard]] std::string host() const { return m_api.host(); }

  /// What it says of itself; "active" and a manager, unless told otherwise.
  void be(const std::string& state, bool is_manager) {
    const std::lock_guard lock(m_mutex);
    m_state = state;
    m_is_manager = is_manager;
  }
  /// Nothing is decided any more.
  void lose_leader() {
    const std::lock_guard lock(m_mutex);
    m_has_leader = false;
  }
  /// Of tasks that are made from now on, with Swarm's words.
  void let_tasks_be(const std::string& state, const std::string& error = {}) {
    const std::lock_guard lock(m_mutex);
    m_task_state = state;
    m_task_error = error;
  }
  /// Of two, which have the tasks in turn: "n1" at 127.0.0.1, and "n2" at 127.0.0.2.
  void lose_node(const std::string& id) {
    const std::lock_guard lock(m_mutex);
    m_lost_node = id;
  }
  /// The next update comes second: somebody else's was there before.
  void update_meanwhile() {
    const std::lock_guard lock(m_mutex);
    m_is_meanwhile = true;
  }
  void set_update(const std::string& service, const std::string& state) {
    const std::lock_guard lock(m_mutex);
    m_services.at(service).update = state;
  }

  /// The port of all tasks.
  void publish(std::uint16_t port) {
    const std::lock_guard lock(m_mutex);
    m_port = port;
  }

  /// By name, the label's value as it is now.
  [[nodiscard]] std::map<std::string, std::string> labels(const std::string& label) const {
    const std::lock_guard lock(m_mutex);
    std::map<std::string, std::string> found;
    for (const auto& [id, service] : m_services) {
      const auto* value = service.spec.at("Labels").as_object().if_contains(label);
      found.emplace(service.spec.at("Name").as_string().c_str(), value == nullptr ? "" : value->as_string().c_str());
    }
    return found;
  }

private:
  using Answer = engine::ScriptedAnswer;
  struct Service {
    boost::json::object spec;
    int version = 1;
    std::string update;
    std::string task_state;
    std::string task_error;
  };

  static Answer as_json(const boost::json::value& value, int status = 200) {
    return {.status = status, .body = boost::json::serialize(value), .headers = {}};
  }
  static Answer refuse(int status, const std::string& why) {
    return as_json(boost::json::object{{"message", why}}, status);
  }

  /// What the filters of a list name: "tealhook.app=shop", a service's id.
  static std::vector<std::string> filters(const std::string& line) {
    std::vector<std::string> found;
    const auto at = line.find("?filters=");
    if (at == std::string::npos) {
      return found;
    }
    std::string text;
    for (std::size_t i = at + 9; i < line.size(); ++i) {
      if (line[i] == '%') {
        text += static_cast<char>(std::stoi(line.substr(i + 1, 2), nullptr, 16));
        i += 2;
      } else {
        text += line[i];
      }
    }
    const boost::json::value all = boost::json::parse(text);
    for (const auto& [name, values] : all.as_object()) {
      for (const auto& value : values.as_array()) {
        found.emplace_back(value.as_string());
      }
    }
    return found;
  }

  Answer answer(const std::string& line, const std::string& body) {
    const std::lock_guard lock(m_mutex);
    const auto space = line.find(' ');
    const std::string method = line.substr(0, space);
    const std::string path = line.substr(space + 2, line.find('?') - space - 2);
    const auto parts = split(path, '/');
    if (parts[0] == "info") {
      return as_json({{"Swarm", {{"LocalNodeState", m_state}, {"ControlAvailable", m_is_manager}, {"NodeID", "n1"}}}});
    }
    if (!m_has_leader) {
      return refuse(500, "rpc error: code = Unknown desc = The swarm does not have a leader");
    }
    if (parts[0] == "nodes") {
      return as_json(nodes());
    }
    if (parts[0] == "tasks") {
      return parts.size() > 1 ? task(parts[1]) : as_json(tasks(filters(line)));
    }
    if (parts[0] == "images") {
      return as_json({{"Id", "sha256:1"}});
    }
    if (parts[0] == "services") {
      return parts.size() == 1 ? as_json(list(filters(line))) : act(method, line, parts, body);
    }
    return refuse(404, "no such thing");
  }

  boost::json::array nodes() const {
    boost::json::array all;
    for (const std::string id : {"n1", "n2"}) {
      all.push_back(
          {{"ID", id},
           {"Description", {{"Hostname", "node" + id.substr(1)}}},
           {"Status",
            {{"State", id == m_lost_node ? "down" : "ready"}, {"Addr", id == "n1" ? "0.0.0.0" : "127.0.0.2"}}},
           {"ManagerStatus", {{"Addr", "127.0.0.1:2377"}}}});
    }
    return all;
  }

  static boost::json::object description(const std::string& id, const Service& service) {
    boost::json::object object{{"ID", id},
                               {"Version", {{"Index", service.version}}},
                               {"CreatedAt", "2026-11-27T18:00:0" + id.substr(1)},
                               {"Spec", service.spec}};
    if (!service.update.empty()) {
      object["UpdateStatus"] = {{"State", service.update}, {"Message", "as was said"}};
    }
    return object;
  }

  boost::json::array list(const std::vector<std::string>& labels) const {
    boost::json::array all;
    for (const auto& [id, service] : m_services) {
      const auto& has = service.spec.at("Labels").as_object();
      const bool fits = std::all_of(labels.begin(), labels.end(), [&](const std::string& one) {
        const auto equals = one.find('=');
        const auto* value = has.if_contains(one.substr(0, equals));
        return value != nullptr && value->as_string() == one.substr(equals + 1);
      });
      if (fits) {
        all.push_back(description(id, service));
      }
    }
    return all;
  }

  boost::json::object task_of(const std::string& id, const Service& service, std::int64_t slot) const {
    const bool runs = service.task_state == "running";
    return {{"ID", fmt::format("{}t{}", id, slot)},
            {"ServiceID", id},
            {"Slot", slot},
            {"NodeID", slot % 2 == 1 ? "n1" : "n2"},
            {"DesiredState", "running"},
            {"Status",
             {{"State", service.task_state},
              {"Err", service.task_error},
              {"ContainerStatus", {{"ExitCode", 3}, {"ContainerID", fmt::format("c{}", slot)}}},
              {"PortStatus",
               {{"Ports",
                 runs ? boost::json::array{boost::json::object{{"PublishedPort", m_port}}} : boost::json::array{}}}}}}};
  }

  boost::json::array tasks(const std::vector<std::string>& of) const {
    boost::json::array all;
    for (const auto& [id, service] : m_services) {
      if (!of.empty() && of.front() != id) {
        continue;
      }
      const auto count = service.spec.at("Mode").at("Replicated").at("Replicas").to_number<std::int64_t>();
      for (std::int64_t slot = 1; slot <= count; ++slot) {
        all.push_back(task_of(id, service, slot));
      }
    }
    return all;
  }

  Answer task(const std::string& id) const {
    for (const auto& one : tasks({})) {
      if (one.at("ID") == id.c_str()) {
        return as_json(one);
      }
    }
    return refuse(404, "no such task");
  }

  Answer act(const std::string& method, const std::string& line, const std::vector<std::string>& parts,
             const std::string& body) {
    if (parts[1] == "create") {
      const std::string id = fmt::format("s{}", ++m_made);
      m_services[id] = {.spec = boost::json::parse(body).as_object(),
                        .version = 1,
                        .update = {},
                        .task_state = m_task_state,
                        .task_error = m_task_error};
      return as_json({{"ID", id}}, 201);
    }
    auto found = m_services.find(parts[1]);
    for (auto one = m_services.begin(); found == m_services.end() && one != m_services.end(); ++one) {
      if (one->second.spec.at("Name") == parts[1].c_str()) {
        found = one;
      }
    }
    if (found == m_services.end()) {
      return refuse(404, "no such service");
    }
    if (method == "DELETE") {
      m_services.erase(found);
      return {};
    }
    if (parts.size() > 2 && parts[2] == "logs") {
      return {.status = 200, .body = "said last\n", .headers = {}};
    }
    if (parts.size() > 2 && parts[2] == "update") {
      return update(found->second, line, body);
    }
    return as_json(description(found->first, found->second));
  }

  Answer update(Service& service, const std::string& line, const std::string& body) {
    if (std::exchange(m_is_meanwhile, false)) {
      ++service.version;
    }
    if (line.substr(line.find("version=") + 8) != std::to_string(service.version)) {
      return refuse(500, "rpc error: code = Unknown desc = update out of sequence");
    }
    service.spec = boost::json::parse(body).as_object();
    ++service.version;
    return as_json(boost::json::object());
  }

  mutable std::mutex m_mutex; // of what follows
  std::string m_state = "active";
  bool m_is_manager = true;
  bool m_has_leader = true;
  std::string m_task_state = "running";
  std::string m_task_error;
  std::string m_lost_node;
  bool m_is_meanwhile = false;
  std::uint16_t m_port = 32768;
  std::map<std::string, Service> m_services; ///< by id: "s1", "s2"
  int m_made = 0;
  /// It has one client at a time, and others wait: nobody keeps a connection.
  engine::ScriptedApi m_api{[this](const std::string& line, const std::string& body) {
    Answer given = answer(line, body);
    given.headers = "Connection: close\r\n";
    return given;
  }};
};

} // namespace teal
