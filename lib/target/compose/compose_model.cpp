#include "target/compose/compose_model.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

class ModelReader {
public:
  ModelReader(const ComposeRules& rules, const YamlNode& root) : m_rules(rules), m_root(root) {}

  ComposeModel read() {
    read_services();
    for (const auto& [name, service] : m_model.services) {
      note_conditions(service);
      for (const auto& [network, aliases] : service.networks) {
        m_model.networks.try_emplace(network, read_network(network));
      }
      note_volumes(service);
    }
    require_meant();
    return std::move(m_model);
  }

private:
  [[noreturn]] void refuse(std::string_view section, const std::string& name, const std::string& why) const {
    throw Error(ErrorKind::settings, fmt::format("{}: {} '{}' {}", m_rules.source.place(section, name),
                                                 section.substr(0, section.size() - 1), printable(name), why));
  }

  void read_services() {
    const YamlNode* services = m_root.find("services");
    for (const YamlNode& service : services == nullptr ? std::vector<YamlNode>() : services->children) {
      const YamlNode* profiles = service.find("profiles");
      if (profiles == nullptr || profiles->children.empty()) { // the others are for whoever asks for them by hand
        m_model.services.emplace(service.key, read_compose_service(m_rules, service));
      }
    }
    const auto web = m_model.services.find(m_rules.settings.service);
    if (web == m_model.services.end()) {
      throw Error(ErrorKind::settings,
                  fmt::format("{}: there is no service '{}' to answer requests: name it in app.yml: "
                              "targets.NAME.service (there are {})",
                              m_rules.source.name(), m_rules.settings.service, join(all_names(), ", ")));
    }
    if (web->second.is_shared) {
      refuse("services", web->first, "answers requests, and cannot be shared (targets.NAME.shared)");
    }
  }

  [[nodiscard]] std::vector<std::string> all_names() const {
    std::vector<std::string> names;
    for (const auto& [name, service] : m_model.services) {
      names.push_back(name);
    }
    return names;
  }

  /// What others wait for to end does not have to run on.
  void note_conditions(const ComposeService& service) {
    for (const YamlNode& key : service.keys) {
      for (const YamlNode& other : key.key == "depends_on" ? key.children : std::vector<YamlNode>()) {
        const auto found = m_model.services.find(other.key);
        if (found != m_model.services.end() && other.text_at("condition") == "service_completed_successfully") {
          found->second.runs_once = true;
        }
      }
    }
  }

  [[nodiscard]] const YamlNode* find(std::string_view section, const std::string& name) const {
    const YamlNode* members = m_root.find(section);
    return members == nullptr ? nullptr : members->find(name);
  }

  /// What compose itself makes of a name that the file does not fix.
  [[nodiscard]] bool is_fixed(const YamlNode& member, const std::string& name) const {
    const std::string given = member.text_at("name");
    return !given.empty() && given != m_rules.rendered_as + "_" + name;
  }

  [[nodiscard]] ComposeNetwork read_network(const std::string& name) const {
    ComposeNetwork network{.is_shared = m_rules.shares(name)};
    const YamlNode* node = find("networks", name);
    if (node == nullptr) {
      return network;
    }
    if (node->text_at("external") == "true" || is_fixed(*node, name)) {
      network.external = is_fixed(*node, name) ? node->text_at("name") : name;
      if (!m_rules.may_join(network.external)) {
        refuse("networks", name,
               fmt::format("is '{}' of the host: leave that out, or let app.yml name it in "
                           "run.networks",
                           printable(network.external)));
      }
      return network;
    }
    network.is_inside = node->text_at("internal") == "true";
    const std::string driver = node->text_at("driver");
    const YamlNode* ipam = node->find("ipam");
    const YamlNode* options = node->find("driver_opts");
    const bool has_subnets =
        ipam != nullptr && ipam->find("config") != nullptr && !ipam->find("config")->children.empty();
    if ((!driver.empty() && driver != "bridge") || has_subnets || (options != nullptr && !options->children.empty())) {
      refuse("networks", name,
             "has a driver, options or subnets of its own: tealhook makes one a color, leave them out");
    }
    return network;
  }

  void note_volumes(const ComposeService& service) {
    for (const YamlNode& key : service.keys) {
      for (const YamlNode& mount : key.key == "volumes" ? key.children : std::vector<YamlNode>()) {
        const std::string name = mount.text_at("source");
        if (mount.text_at("type") == "volume" && !name.empty()) {
          ComposeVolume& volume = m_model.volumes.try_emplace(name, read_volume(name)).first->second;
          volume.is_shared = volume.is_shared || service.is_shared;
        }
      }
    }
  }

  [[nodiscard]] ComposeVolume read_volume(const std::string& name) const {
    ComposeVolume volume{.is_shared = m_rules.shares(name)};
    const YamlNode* node = find("volumes", name);
    if (node == nullptr) {
      return volume;
    }
    const YamlNode* options = node->find("driver_opts");
    const std::string driver = node->text_at("driver");
    if (node->text_at("external") != "true" && !is_fixed(*node, name) && (driver.empty() || driver == "local") &&
        (options == nullptr || options->children.empty())) {
      return volume;
    }
    if (!m_rules.allows("volumes")) {
      refuse("volumes", name,
             "has a name, driver or options of its own, which both colors would have in common and may "
             "be anything of the host; leave them out, or let app.yml allow them: "
             "targets.NAME.allow: [volumes]");
    }
    volume.given = *node;
    return volume;
  }

  /// A name that stands for nothing is a mistake: what should be shared would not be.
  void require_meant() const {
    for (const std::string& name : m_rules.settings.shared) {
      const bool is_there =
          m_model.services.contains(name) || m_model.networks.contains(name) || m_model.volumes.contains(name);
      if (!is_there) {
        throw Error(ErrorKind::settings,
                    fmt::format("{}: there is no service, volume or network '{}' (targets.NAME.shared); its services "
                                "are {}",
                                m_rules.source.name(), name, join(all_names(), ", ")));
      }
    }
  }

  const ComposeRules& m_rules;
  const YamlNode& m_root;
  ComposeModel m_model;
};

} // namespace

std::vector<std::string> ComposeModel::names(bool shared) const {
  std::vector<std::string> found;
  for (const auto& [name, service] : services) {
    if (service.is_shared == shared) {
      found.push_back(name);
    }
  }
  return found;
}

ComposeModel read_compose_model(const SettingsText& rendered, const ComposeRules& rules) {
  const YamlNode root = parse_yaml(rendered, YamlAliases::expanded);
  return ModelReader(rules, root).read();
}

} // namespace teal
