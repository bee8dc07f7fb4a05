#include "target/compose/compose_project.hpp"

#include "core/text.hpp"
#include "target/variables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace teal {

namespace {

using Labels = std::map<std::string, std::string>;

constexpr const char* k_start_network = "tealhook.start"; ///< as a project's file has it

YamlNode text_node(std::string key, std::string text) {
  return {.kind = YamlNode::Kind::scalar, .key = std::move(key), .text = std::move(text), .quoted = true};
}

YamlNode truth(std::string key) {
  return {.kind = YamlNode::Kind::scalar, .key = std::move(key), .text = "true"};
}

YamlNode map_node(std::string key, std::vector<YamlNode> children) {
  return {.kind = YamlNode::Kind::map, .key = std::move(key), .children = std::move(children)};
}

YamlNode list_node(std::string key, std::vector<YamlNode> children) {
  return {.kind = YamlNode::Kind::list, .key = std::move(key), .children = std::move(children)};
}

YamlNode map_of_texts(std::string key, const std::map<std::string, std::string>& texts) {
  std::vector<YamlNode> children;
  std::transform(texts.begin(), texts.end(), std::back_inserter(children),
                 [](const auto& one) { return text_node(one.first, one.second); });
  return map_node(std::move(key), std::move(children));
}

/// As compose reads a '$' that is meant as it is.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    result.append(c == '$' ? 2 : 1, c);
  }
  return result;
}

/// Shared ones are one for both; the others each color has, whatever release it runs.
std::string volume_name(const Slot& slot, const std::string& name, bool is_shared) {
  return is_shared ? fmt::format("tealhook-{}_{}", slot.app, name)
                   : fmt::format("tealhook-{}.{}_{}", slot.app, to_string(slot.color), name);
}

/// Services of one project, with what they refer to.
class ProjectWriter {
public:
  ProjectWriter(const Slot& slot, const ComposeModel& model, std::string project)
      : m_slot(slot), m_model(model), m_project(std::move(project)) {}

  [[nodiscard]] std::string network(const std::string& name) const {
    return network_of_project(m_slot.app, m_project, name, m_model.networks.at(name));
  }

  /// With the keys that are its own; `more` has the others.
  void add(const std::string& name, const ComposeService& service, std::vector<YamlNode> more, const Labels& labels) {
    YamlNode given = map_of_texts("labels", {});
    for (const YamlNode& key : service.keys) {
      if (key.key == "labels") {
        given.children = key.children;
      } else if (key.key == "depends_on") {
        more.push_back(those_of_project(key, service.is_shared));
      } else {
        more.push_back(key);
      }
    }
    for (const auto& [label, value] : labels) {
      given.children.push_back(given_as(given, label, value));
    }
    given.kind = given.children.front().key.empty() ? YamlNode::Kind::list : YamlNode::Kind::map;
    more.push_back(std::move(given));
    add_networks(service, more);
    note_volumes(service);
    m_services.push_back(map_node(name, std::move(more)));
  }

  [[nodiscard]] std::string write() const {
    std::vector<YamlNode> networks;
    for (const std::string& name : m_networks) {
      networks.push_back(map_node(name, {truth("external"), text_node("name", network(name))}));
    }
    std::vector<YamlNode> volumes;
    for (const auto& [name, volume] : m_volumes) {
      volumes.push_back(volume.given ? *volume.given : own_volume(name, volume.is_shared));
    }
    return write_yaml(map_node("", {map_node("services", m_services), map_node("networks", std::move(networks)),
                                    map_node("volumes", std::move(volumes))}));
  }

private:
  static YamlNode given_as(const YamlNode& given, const std::string& label, const std::string& value) {
    const bool is_list = !given.children.empty() && given.children.front().key.empty();
    return is_list ? text_node("", label + "=" + escaped(value)) : text_node(label, escaped(value));
  }

  [[nodiscard]] YamlNode those_of_project(const YamlNode& depends_on, bool is_shared) const {
    YamlNode kept = depends_on;
    std::erase_if(kept.children, [&](const YamlNode& other) {
      const auto found = m_model.services.find(other.key);
      return found == m_model.services.end() || found->second.is_shared != is_shared;
    });
    return kept;
  }

  void add_networks(const ComposeService& service, std::vector<YamlNode>& more) {
    std::vector<YamlNode> networks;
    for (const auto& [name, aliases] : service.networks) {
      std::vector<YamlNode> names;
      std::transform(aliases.begin(), aliases.end(), std::back_inserter(names),
                     [](const std::string& alias) { return text_node("", alias); });
      networks.push_back(
          map_node(name, names.empty() ? std::vector<YamlNode>() : std::vector<YamlNode>{list_node("aliases", names)}));
      m_networks.insert(name);
    }
    if (!networks.empty()) {
      more.push_back(map_node("networks", std::move(networks)));
    }
  }

  void note_volumes(const ComposeService& service) {
    for (const YamlNode& key : service.keys) {
      for (const YamlNode& mount : key.key == "volumes" ? key.children : std::vector<YamlNode>()) {
        const YamlNode* source = mount.find("source");
        const auto found = source == nullptr ? m_model.volumes.end() : m_model.volumes.find(source->text);
        if (found != m_model.volumes.end() && mount.find("type")->text == "volume") {
          m_volumes.insert(*found);
        }
      }
    }
  }

  [[nodiscard]] YamlNode own_volume(const std::string& name, bool is_shared) const {
    return map_node(name,
                    {text_node("name", volume_name(m_slot, name, is_shared)),
                     map_of_texts("labels", {{label::k_home, escaped(m_slot.home)}, {label::k_app, m_slot.app}})});
  }

  const Slot& m_slot;
  const ComposeModel& m_model;
  const std::string m_project;
  std::vector<YamlNode> m_services;
  std::set<std::string> m_networks;
  std::map<std::string, ComposeVolume> m_volumes;
};

Labels labels_of_app(const Slot& slot) {
  Labels labels = label::blank();
  labels[label::k_home] = slot.home;
  labels[label::k_app] = slot.app;
  return labels;
}

/// What runs once is nothing of the slot's: it ends with the project.
Labels labels_of(const ColorProject& project, const ProjectWriter& writer, const std::string& name,
                 const ComposeService& service) {
  Labels labels = labels_of_app(project.slot);
  if (service.runs_once) {
    return labels;
  }
  labels[label::k_color] = to_string(project.slot.color);
  labels[label::k_commit] = project.release.commit;
  labels[label::k_release] = std::to_string(project.release.id);
  labels[label::k_deployment] = std::to_string(project.deployment);
  if (name != project.service) {
    labels[label::k_process] = name;
    return labels;
  }
  labels[label::k_port] = std::to_string(project.port);
  std::vector<std::string> networks; // where it is attached again after it had given its port away
  for (const auto& [network, aliases] : service.networks) {
    networks.push_back(fmt::format("{}={}", writer.network(network), name));
  }
  labels[label::k_networks] = join(networks, ",");
  if (!project.bind.empty()) {
    labels[label::k_start] = fmt::format("{}={}", writer.network(k_start_network), name);
  }
  return labels;
}

YamlNode environment_of(const ColorProject& project, const std::string& name, const ComposeService& service) {
  std::map<std::string, std::string> variables;
  for (const auto& [variable, value] : project.env) {
    variables[variable] = escaped(value);
  }
  variables.insert(service.environment.begin(), service.environment.end());
  variables.merge(variables_of(project.slot, project.release));
  variables.emplace(k_color_port_variable, std::to_string(project.color_port));
  if (name == project.service) {
    variables.insert({"PORT", std::to_string(project.port)});
  }
  return map_of_texts("environment", variables);
}

std::vector<YamlNode> keys_of(const ColorProject& project, const std::string& name, const ComposeService& service) {
  std::vector<YamlNode> keys{text_node("image", project.images.at(name)), environment_of(project, name, service)};
  if (service.runs_once) {
    return keys;
  }
  const bool is_web = name == project.service;
  keys.push_back(text_node("container_name", (is_web ? project.slot : project.slot.of_process(name)).next_name()));
  keys.push_back(text_node("restart", "no")); // until it takes over: one that fails is looked at as it ended
  if (is_web && !project.bind.empty()) {
    keys.push_back(
        list_node("ports", {text_node("", fmt::format("{}:{}:{}", project.bind, project.color_port, project.port))}));
  }
  return keys;
}

/// Those of which each project has its own.
std::vector<std::string> networks_apart(const ComposeModel& model, const ComposeService& service) {
  std::vector<std::string> names;
  for (const auto& [name, aliases] : service.networks) {
    const ComposeNetwork& network = model.networks.at(name);
    if (network.external.empty() && !network.is_shared) {
      names.push_back(name);
    }
  }
  return names;
}

/// Without a router, the one that answers starts where nothing is published, and comes to its networks with the port.
void start_apart(ComposeService& service, bool is_web) {
  std::vector<std::string> aliases;
  for (auto& [name, of_network] : service.networks) {
    aliases.insert(aliases.end(), of_network.begin(), of_network.end());
  }
  if (is_web) {
    service.networks.clear();
  }
  if (is_web || !service.networks.empty()) {
    service.networks[k_start_network] = std::move(aliases);
  }
}

} // namespace

std::string compose_project_name(const Slot& slot, std::int64_t deployment) {
  return fmt::format("tealhook-{}--{}-{}", slot.app, to_string(slot.color), deployment);
}

std::string shared_project_name(std::string_view app) {
  return fmt::format("tealhook-{}--shared", app);
}

std::string start_network_of_project(const std::string& project) {
  return fmt::format("{}_{}", project, k_start_network);
}

std::string network_of_project(std::string_view app, const std::string& project, const std::string& name,
                               const ComposeNetwork& network) {
  if (!network.external.empty()) {
    return network.external;
  }
  return fmt::format("{}_{}", network.is_shared ? shared_project_name(app) : project, name);
}

std::string write_color_project(const ColorProject& project) {
  ComposeModel model = project.model;
  if (!project.bind.empty()) {
    model.networks[k_start_network] = {};
  }
  ProjectWriter writer(project.slot, model, compose_project_name(project.slot, project.deployment));
  for (const std::string& name : project.model.names(false)) {
    ComposeService service = project.model.services.at(name);
    if (!service.runs_once) {
      std::erase_if(service.keys, [](const YamlNode& key) { return key.key == "restart"; });
    }
    const Labels labels = labels_of(project, writer, name, service);
    if (!project.bind.empty()) {
      start_apart(service, name == project.service);
    }
    writer.add(name, service, keys_of(project, name, service), labels);
  }
  ComposeService web = model.services.at(project.service);
  std::erase_if(web.keys, [](const YamlNode& key) { return key.key == "restart"; });
  writer.add(k_one_off_service, web,
             {text_node("image", project.images.at(project.service)), environment_of(project, project.service, web),
              list_node("profiles", {text_node("", k_one_off_service)})},
             labels_of(project, writer, project.service, web));
  return writer.write();
}

std::string write_shared_project(const Slot& any, const ComposeModel& model, const ComposeImages& images) {
  ProjectWriter writer(any, model, shared_project_name(any.app));
  for (const std::string& name : model.names(true)) {
    const ComposeService& service = model.services.at(name);
    std::vector<YamlNode> keys{text_node("image", images.at(name)), map_of_texts("environment", service.environment)};
    const bool says_restart =
        std::any_of(service.keys.begin(), service.keys.end(), [](const YamlNode& key) { return key.key == "restart"; });
    if (!says_restart) {
      keys.push_back(text_node("restart", "unless-stopped"));
    }
    Labels labels = labels_of_app(any);
    if (!service.runs_once) {
      labels[label::k_shared] = name;
      labels[label::k_networks] = join(networks_apart(model, service), ",");
    }
    writer.add(name, service, std::move(keys), labels);
  }
  return writer.write();
}

} // namespace teal
