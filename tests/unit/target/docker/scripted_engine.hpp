/// @file
/// ScriptedEngine: an engine's API over a real socket whose containers are but what was said of them: which there are,
/// what they are called, whether they run and in which networks. It remembers what was done to them.
#pragma once

#include "model/app.hpp"
#include "unit/engine/scripted_api.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace teal {

class ScriptedEngine {
public:
  struct Container {
    std::string id;
    std::string name;
    bool running = false;
    int exit_code = 0;
    std::string restart = "no";
    boost::json::object labels;
    boost::json::object ports; ///< as HostConfig.PortBindings has them
    std::set<std::string> networks;
    std::string log;
  };

  [[nodiscard]] std::string host() const { return m_api.host(); }

  void add(Container container) {
    const std::lock_guard lock(m_mutex);
    m_containers.push_back(std::move(container));
  }
  void add_image(const std::string& reference) {
    const std::lock_guard lock(m_mutex);
    m_images.insert(reference);
  }
  /// A network as the app's own are made, of that home.
  void add_network(const std::string& name, const std::string& home, const std::string& app) {
    const std::lock_guard lock(m_mutex);
    m_networks.push_back(
        {{"Name", name},
         {"Labels", boost::json::object{{label::k_home, home}, {label::k_app, app}}},
         {"IPAM", boost::json::object{{"Config", boost::json::array{boost::json::object{
                                                     {"Subnet", "10.213.0.0/26"}, {"IPRange", "10.213.0.32/27"}}}}}}});
  }
  /// What is started of that name ends at once.
  void let_end(const std::string& name, int exit_code, const std::string& log) {
    const std::lock_guard lock(m_mutex);
    m_endings.push_back({.id = {}, .name = name, .exit_code = exit_code, .log = log});
  }

  /// "create shop-blue-next", "start shop-blue-next", "disconnect tealhook-shop shop-blue", in order; names as they
  /// were then.
  [[nodiscard]] std::vector<std::string> done() const {
    const std::lock_guard lock(m_mutex);
    return m_done;
  }
  [[nodiscard]] std::vector<std::string> names() const {
    const std::lock_guard lock(m_mutex);
    std::vector<std::string> names;
    std::transform(m_containers.begin(), m_containers.end(), std::back_inserter(names),
                   [](const Container& one) { return one.name; });
    std::sort(names.begin(), names.end());
    return names;
  }
  /// The label as it was given to what is, or was, made under that name.
  [[nodiscard]] std::string label_of(const std::string& name, const char* label) const {
    const std::lock_guard lock(m_mutex);
    for (const Container& one : m_containers) {
      if (const auto* const value = one.name == name ? one.labels.if_contains(label) : nullptr) {
        return value->as_string().c_str();
      }
    }
    return "";
  }
  [[nodiscard]] std::vector<std::string> asked() const { return m_api.asked(); }

private:
  using Answer = engine::ScriptedAnswer;

  static Answer as_json(const boost::json::value& value, int status = 200) {
    return {.status = status, .body = boost::json::serialize(value), .headers = {}};
  }
  static Answer missing() { return as_json(boost::json::object{{"message", "no such thing"}}, 404); }

  /// "/containers/shop-blue/json" is {"containers", "shop-blue", "json"}.
  static std::vector<std::string> parts_of(std::string_view path) {
    return split(path.substr(1, path.find('?') - 1), '/');
  }
  static std::string query_name(const std::string& line) {
    const auto at = line.find("?name=");
    return at == std::string::npos ? "" : line.substr(at + 6);
  }

  Answer answer(const std::string& line, const std::string& body) {
    const std::lock_guard lock(m_mutex);
    const auto space = line.find(' ');
    const std::string method = line.substr(0, space);
    const std::vector<std::string> parts = parts_of(std::string_view(line).substr(space + 1));
    const std::string what = parts.at(0);
    if (what == "containers") {
      return parts.at(1) == "json"     ? list()
             : parts.at(1) == "create" ? create(query_name(line), boost::json::parse(body).as_object())
                                       : act(method, line, parts, body);
    }
    if (what == "networks") {
      return parts.size() < 3 ? network(parts.at(1)) : join(parts, boost::json::parse(body));
    }
    if (what == "images") {
      return m_images.contains(replace_all(parts.at(1), "%3A", ":")) ? as_json(boost::json::object{{"Id", "sha256:1"}})
                                                                     : missing();
    }
    if (what == "exec") {
      return parts.size() > 2 && parts.at(2) == "json" ? as_json(boost::json::object{{"ExitCode", 0}}) : Answer();
    }
    return missing();
  }

  static std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
    return text;
  }

  Container* find(const std::string& id_or_name) {
    const auto found = std::find_if(m_containers.begin(), m_containers.end(), [&](const Container& one) {
      return one.id == id_or_name || one.name == id_or_name;
    });
    return found == m_containers.end() ? nullptr : &*found;
  }

  Answer list() const {
    boost::json::array all;
    for (const Container& one : m_containers) {
      all.push_back(boost::json::object{{"Id", one.id},
                                        {"Names", boost::json::array{boost::json::value("/" + one.name)}},
                                        {"State", one.running ? "running" : "exited"},
                                        {"Labels", one.labels}});
    }
    return as_json(all);
  }

  Answer create(const std::string& name, const boost::json::object& request) {
    if (find(name) != nullptr) {
      return as_json(boost::json::object{{"message", "the name is in use"}}, 409);
    }
    const boost::json::object& host = request.at("HostConfig").as_object();
    Container made{.id = fmt::format("made{}", ++m_made), .name = name};
    made.labels = request.at("Labels").as_object();
    made.networks = {std::string(host.at("NetworkMode").as_string())};
    if (const auto* const ports = host.if_contains("PortBindings")) {
      made.ports = ports->as_object();
    }
    m_done.push_back("create " + name);
    m_containers.push_back(made);
    return as_json(boost::json::object{{"Id", made.id}}, 201);
  }

  Answer act(const std::string& method, const std::string& line, const std::vector<std::string>& parts,
             const std::string& body) {
    Container* const one = find(parts.at(1));
    if (one == nullptr) {
      return missing();
    }
    if (method == "DELETE") {
      m_done.push_back("remove " + one->name);
      m_containers.erase(m_containers.begin() + (one - m_containers.data()));
      return {.status = 204, .body = {}, .headers = {}};
    }
    const std::string& action = parts.at(2);
    if (action == "json") {
      return as_json(description_of(*one));
    }
    if (action == "logs") {
      return {.status = 200, .body = one->log, .headers = {}};
    }
    if (action == "wait") {
      return as_json(boost::json::object{{"StatusCode", one->exit_code}});
    }
    if (action == "exec") {
      return as_json(boost::json::object{{"Id", "e1"}}, 201);
    }
    m_done.push_back(action + " " + one->name + (action == "rename" ? " " + query_name(line) : ""));
    if (action == "rename") {
      one->name = query_name(line);
    } else if (action == "start" || action == "restart") {
      start(*one);
    } else if (action == "stop") {
      one->running = false;
    } else if (action == "update") {
      one->restart = boost::json::parse(body).at("RestartPolicy").at("Name").as_string();
    }
    return action == "update" ? as_json(boost::json::object()) : Answer{.status = 204, .body = {}, .headers = {}};
  }

  void start(Container& one) {
    const auto ending = std::find_if(m_endings.begin(), m_endings.end(),
                                     [&](const Container& other) { return other.name == one.name; });
    one.running = ending == m_endings.end();
    if (!one.running) {
      one.exit_code = ending->exit_code;
      one.log = ending->log;
    }
  }

  static boost::json::object description_of(const Container& one) {
    boost::json::object networks;
    for (const std::string& network : one.networks) {
      networks[network] = boost::json::object{{"IPAddress", one.running ? "10.213.0.5" : ""}};
    }
    return {{"Id", one.id},
            {"Name", "/" + one.name},
            {"State", boost::json::object{{"Status", one.running ? "running" : "exited"},
                                          {"Running", one.running},
                                          {"ExitCode", one.exit_code}}},
            {"Config", boost::json::object{{"Labels", one.labels}}},
            {"HostConfig", boost::json::object{{"PortBindings", one.ports},
                                               {"RestartPolicy", boost::json::object{{"Name", one.restart}}}}},
            {"NetworkSettings", boost::json::object{{"Networks", networks}}}};
  }

  Answer network(const std::string& name) const {
    const auto found = std::find_if(m_networks.begin(), m_networks.end(),
                                    [&](const boost::json::object& one) { return one.at("Name") == name.c_str(); });
    return found == m_networks.end() ? missing() : as_json(*found);
  }

  Answer join(const std::vector<std::string>& parts, const boost::json::value& body) {
    Container* const one = find(std::string(body.at("Container").as_string()));
    if (one == nullptr) {
      return missing();
    }
    m_done.push_back(fmt::format("{} {} {}", parts.at(2), parts.at(1), one->name));
    if (parts.at(2) == "connect") {
      one->networks.insert(parts.at(1));
    } else {
      one->networks.erase(parts.at(1));
    }
    return {};
  }

  mutable std::mutex m_mutex; // of what follows
  std::vector<Container> m_containers;
  std::vector<Container> m_endings;
  std::vector<boost::json::object> m_networks;
  std::set<std::string> m_images;
  std::vector<std::string> m_done;
  int m_made = 0;
  engine::ScriptedApi m_api{[this](const std::string& line, const std::string& body) { return answer(line, body); }};
};

} // namespace teal
