#include "target/compose/compose_model.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "model/slot.hpp"
#include "target/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal {

namespace {

namespace fs = std::filesystem;

/// What a service says of itself alone.
constexpr std::array<std::string_view, 38> k_own_keys{"command",
                                                      "entrypoint",
                                                      "healthcheck",
                                                      "init",
                                                      "stop_signal",
                                                      "stop_grace_period",
                                                      "user",
                                                      "working_dir",
                                                      "hostname",
                                                      "domainname",
                                                      "tmpfs",
                                                      "read_only",
                                                      "ulimits",
                                                      "logging",
                                                      "mem_limit",
                                                      "mem_reservation",
                                                      "memswap_limit",
                                                      "mem_swappiness",
                                                      "cpus",
                                                      "cpu_count",
                                                      "cpu_percent",
                                                      "cpu_shares",
                                                      "cpu_quota",
                                                      "cpu_period",
                                                      "cpuset",
                                                      "cpu_rt_period",
                                                      "cpu_rt_runtime",
                                                      "pids_limit",
                                                      "shm_size",
                                                      "extra_hosts",
                                                      "dns",
                                                      "dns_search",
                                                      "dns_opt",
                                                      "tty",
                                                      "stdin_open",
                                                      "platform",
                                                      "cap_drop",
                                                      "expose"};
/// What tealhook decides itself, or nobody needs once it runs.
constexpr std::array<std::string_view, 4> k_dropped_keys{"pull_policy", "develop", "annotations", "profiles"};
constexpr std::array<std::string_view, 4> k_build_keys{"context", "dockerfile", "target", "args"};
constexpr const char* k_default_network = "default";

template <class Names>
bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string text_of(const YamlNode* node) {
  return node == nullptr ? "" : node->text;
}

bool is_true(const YamlNode* node) {
  return text_of(node) == "true";
}

/// A host's path, as opposed to a volume's name.
bool is_path(std::string_view source) {
  return source.starts_with('/') || source.starts_with('.') || source.starts_with('~');
}

/// Compose prints a '$' as it must be written.
std::string without_doubled_signs(std::string text) {
  for (auto at = text.find("$$"); at != std::string::npos; at = text.find("$$", at + 1)) {
    text.erase(at, 1);
  }
  return text;
}

struct Mount {
  std::string type; ///< bind, volume, tmpfs, …
  std::string source;
  std::string target;
  bool read_only = false;
};

Mount mount_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::map) {
    return {.type = text_of(node.find("type")),
            .source = text_of(node.find("source")),
            .target = text_of(node.find("target")),
            .read_only = is_true(node.find("read_only"))};
  }
  const auto parts = split(node.text, ':');
  if (parts.size() == 1) {
    return {.type = "volume", .source = "", .target = parts[0]};
  }
  const auto modes = parts.size() > 2 ? split(parts[2], ',') : std::vector<std::string>();
  return {.type = is_path(parts[0]) ? "bind" : "volume",
          .source = parts[0],
          .target = parts[1],
          .read_only = is_one_of(modes, "ro")};
}

struct Port {
  std::string published; ///< of the host; may be empty
  std::string target;
};

/// "127.0.0.1:8080:80/tcp", or a map.
Port port_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::map) {
    return {.published = text_of(node.find("published")), .target = text_of(node.find("target"))};
  }
  const auto parts = split(node.text.substr(0, node.text.find('/')), ':');
  return {.published = parts.size() > 1 ? parts[parts.size() - 2] : "", .target = parts.back()};
}

class ServiceReader {
public:
  ServiceReader(const ComposeRules& rules, std::string name, const YamlNode& node)
      : m_rules(rules), m_name(std::move(name)), m_node(node), m_is_web(m_name == rules.settings.service) {
    m_service.is_shared = is_one_of(rules.settings.shared, m_name);
  }

  ComposeService read() {
    if (m_name == k_task_process) {
      refuse("", "has the name of one-off tasks: call it otherwise");
    }
    for (const YamlNode& entry : m_node.children) {
      read(entry);
    }
    if (!m_service.build && m_service.image.empty()) {
      refuse("", "has neither an image nor a build");
    }
    if (m_service.networks.empty() && m_node.find("network_mode") == nullptr) {
      m_service.networks[k_default_network] = {};
    }
    return std::move(m_service);
  }

private:
  [[noreturn]] void refuse(std::string_view key, const std::string& why) const {
    throw Error(ErrorKind::settings, fmt::format("{}: service '{}' {}", m_rules.source.place("services", m_name, key),
                                                 printable(m_name), why));
  }

  [[nodiscard]] bool allows(std::string_view key) const { return is_one_of(m_rules.settings.allow, key); }

  void require_allowed(std::string_view key, const std::string& what) const {
    if (!allows(key)) {
      refuse(key, fmt::format("{}, which reaches beyond its container; leave it out, or let app.yml allow it: "
                              "targets.NAME.allow: [{}]",
                              what, key));
    }
  }

  void read(const YamlNode& entry) {
    const std::string& key = entry.key;
    if (entry.kind == YamlNode::Kind::null) {
      return;
    }
    if (key == "image") {
      m_service.image = entry.text;
    } else if (key == "build") {
      read_build(entry);
    } else if (key == "environment") {
      read_environment(entry);
    } else if (key == "volumes") {
      read_volumes(entry);
    } else if (key == "ports") {
      read_ports(entry);
    } else if (key == "networks") {
      read_networks(entry);
    } else if (key == "depends_on") {
      m_service.keys.push_back(as_conditions(entry));
    } else if (key == "labels") {
      read_labels(entry);
    } else if (key == "restart") {
      read_restart(entry);
    } else if (key == "deploy") {
      read_deploy(entry);
    } else if (key == "scale") {
      require_one(entry, key);
    } else if (key == "links") {
      read_links(entry);
    } else if (key == "container_name") {
      read_container_name(entry);
    } else if (is_one_of(k_own_keys, key)) {
      m_service.keys.push_back(entry);
    } else if (!key.starts_with("x-") && !is_one_of(k_dropped_keys, key)) {
      read_other(entry);
    }
  }

  void read_other(const YamlNode& entry) {
    if (entry.text == "false" && !entry.quoted) {
      return;
    }
    const std::string what = fmt::format("has '{}'", printable(entry.key));
    if (entry.key == "network_mode" && m_is_web) {
      refuse(entry.key, what + ", and answers requests: it needs networks of its own");
    }
    static const std::set<std::string, std::less<>> k_never{
        "secrets", "configs", "volumes_from", "external_links", "credential_spec", "env_file", "provider"};
    if (k_never.contains(entry.key)) {
      refuse(entry.key, what + ", which tealhook does not know: mount a file of the commit, or set a variable with "
                               "'tealhook env'");
    }
    require_allowed(entry.key, what);
    m_service.keys.push_back(entry);
  }

  void read_build(const YamlNode& entry) {
    BuildSettings build;
    std::string context = entry.text;
    for (const YamlNode& child : entry.children) {
      if (child.key == "args") {
        for (const YamlNode& argument : child.children) {
          if (argument.kind == YamlNode::Kind::scalar) {
            build.args[argument.key] = without_doubled_signs(argument.text);
          }
        }
      } else if (!is_one_of(k_build_keys, child.key) && child.kind != YamlNode::Kind::null) {
        refuse("build", fmt::format("has 'build.{}', which tealhook does not know; it knows {}", printable(child.key),
                                    join({k_build_keys.begin(), k_build_keys.end()}, ", ")));
      }
    }
    if (entry.kind == YamlNode::Kind::map) {
      context = text_of(entry.find("context"));
      build.target = text_of(entry.find("target"));
      if (const std::string file = text_of(entry.find("dockerfile")); !file.empty()) {
        build.dockerfile = file;
      }
    }
    if (fs::path(context).is_absolute()) {
      build.context = fs::path(context).lexically_relative(m_rules.tree).string();
    } else if (context.find(':') == std::string::npos) {
      build.context = (m_rules.source.path().parent_path() / context).lexically_relative(m_rules.tree).string();
    }
    if (build.context.starts_with("..") || context.find("://") != std::string::npos ||
        fs::path(build.dockerfile).is_absolute()) {
      refuse("build", fmt::format("is built from '{}', which is not in the commit", printable(context)));
    }
    m_service.build = std::move(build);
  }

  /// What has no value is taken from compose's own environment, which has nothing for it.
  void read_environment(const YamlNode& entry) {
    for (const YamlNode& variable : entry.children) {
      if (entry.kind == YamlNode::Kind::map && variable.kind == YamlNode::Kind::scalar) {
        m_service.environment[variable.key] = variable.text;
      } else if (const auto sign = variable.text.find('='); sign != std::string::npos) {
        m_service.environment[variable.text.substr(0, sign)] = variable.text.substr(sign + 1);
      }
    }
  }

  void read_volumes(const YamlNode& entry) {
    YamlNode mounts{.kind = YamlNode::Kind::list, .key = "volumes"};
    for (const YamlNode& child : entry.children) {
      Mount mount = mount_of(child);
      if (mount.type == "bind") {
        require_mountable(mount);
      } else if (mount.type != "volume" && mount.type != "tmpfs") {
        refuse("volumes", fmt::format("mounts a '{}', which tealhook does not know", printable(mount.type)));
      }
      mounts.children.push_back(node_of(mount));
    }
    m_service.keys.push_back(std::move(mounts));
  }

  /// Of the commit, read only: what a program writes there would be gone with the release.
  void require_mountable(Mount& mount) const {
    const fs::path relative = fs::path(mount.source).lexically_relative(m_rules.tree);
    if (relative.empty() || *relative.begin() == "..") {
      require_allowed("volumes", fmt::format("mounts '{}' of the host", printable(mount.source)));
      return;
    }
    if (m_service.is_shared) {
      refuse("volumes", fmt::format("is shared, and outlasts the file '{}' of the commit that it mounts: put that into "
                                    "an image, or use a volume",
                                    printable(relative.string())));
    }
    try {
      mount.source = inside_work_tree(m_rules.tree, relative, "volumes").string();
    } catch (const Error& error) {
      refuse("volumes", "mounts what it cannot: " + error.message());
    }
    mount.read_only = true;
  }

  static YamlNode node_of(const Mount& mount) {
    YamlNode node{.kind = YamlNode::Kind::map};
    const auto add = [&](const char* key, const std::string& text, bool quoted) {
      if (!text.empty()) {
        node.children.push_back({.kind = YamlNode::Kind::scalar, .key = key, .text = text, .quoted = quoted});
      }
    };
    add("type", mount.type, true);
    add("source", mount.source, true);
    add("target", mount.target, true);
    add("read_only", mount.read_only ? "true" : "", false);
    return node;
  }

  void read_ports(const YamlNode& entry) {
    if (m_service.is_shared) {
      if (!entry.children.empty()) {
        require_allowed("ports", "publishes ports of the host");
        m_service.keys.push_back(entry);
      }
      return;
    }
    for (const YamlNode& child : entry.children) {
      const Port port = port_of(child);
      const bool is_ours = m_is_web && port.published == std::to_string(m_rules.color_port);
      if (!port.published.empty() && !is_ours) {
        refuse("ports", fmt::format("publishes port {} of the host, over which both colors would fight; {}",
                                    printable(port.published),
                                    m_is_web ? fmt::format("write \"${{{}}}:{}\", or leave it out",
                                                           k_color_port_variable, printable(port.target))
                                             : fmt::format("leave it out: only '{}' (targets.NAME.service) gets "
                                                           "requests from outside, or name it in targets.NAME.shared",
                                                           m_rules.settings.service)));
      }
      const auto number = parse_port(port.target);
      if (m_is_web && number && (m_service.port == 0 || is_ours)) {
        m_service.port = *number;
      }
    }
  }

  void read_networks(const YamlNode& entry) {
    for (const YamlNode& child : entry.children) {
      const std::string& name = entry.kind == YamlNode::Kind::list ? child.text : child.key;
      auto& aliases = m_service.networks[name];
      for (const YamlNode& part : child.children) {
        if (part.key == "aliases") {
          std::transform(part.children.begin(), part.children.end(), std::back_inserter(aliases),
                         [](const YamlNode& alias) { return alias.text; });
        } else if (part.key != "priority" && part.kind != YamlNode::Kind::null) {
          refuse("networks",
                 fmt::format("asks for '{}' in network '{}', which two colors cannot both have: leave it out",
                             printable(part.key), printable(name)));
        }
      }
    }
  }

  /// A map in either case: {db: {condition: service_started}}.
  static YamlNode as_conditions(const YamlNode& entry) {
    YamlNode conditions{.kind = YamlNode::Kind::map, .key = entry.key};
    for (const YamlNode& child : entry.children) {
      const YamlNode* condition = child.find("condition");
      YamlNode one{.kind = YamlNode::Kind::map, .key = entry.kind == YamlNode::Kind::list ? child.text : child.key};
      one.children.push_back({.kind = YamlNode::Kind::scalar,
                              .key = "condition",
                              .text = condition == nullptr ? "service_started" : condition->text,
                              .quoted = true});
      conditions.children.push_back(std::move(one));
    }
    return conditions;
  }

  void read_labels(const YamlNode& entry) {
    YamlNode labels = entry;
    std::erase_if(labels.children, [](const YamlNode& label) {
      const std::string& name = label.key.empty() ? label.text : label.key;
      return name.starts_with("tealhook.") || name.starts_with("com.docker.compose.");
    });
    m_service.keys.push_back(std::move(labels));
  }

  void read_restart(const YamlNode& entry) {
    m_service.runs_once = entry.text == "no" || entry.text == "false" || entry.text.starts_with("on-failure");
    if (m_is_web && m_service.runs_once) {
      refuse("restart", "answers requests, and is not to be restarted: leave that out");
    }
    m_service.keys.push_back(entry);
  }

  void read_deploy(const YamlNode& entry) {
    for (const YamlNode& child : entry.children) {
      if (child.key == "replicas") {
        require_one(child, "deploy");
      }
    }
    if (const YamlNode* resources = entry.find("resources"); resources != nullptr) {
      m_service.keys.push_back({.kind = YamlNode::Kind::map, .key = "deploy", .children = {*resources}});
    }
  }

  void require_one(const YamlNode& number, std::string_view key) const {
    if (number.text != "1") {
      refuse(key, fmt::format("is to run {} times: a color runs each of its services once", printable(number.text)));
    }
  }

  /// Every service is found by its name.
  void read_links(const YamlNode& entry) const {
    for (const YamlNode& child : entry.children) {
      const auto parts = split(child.text, ':');
      if (parts.size() > 1 && parts[0] != parts[1]) {
        refuse("links", fmt::format("links to '{}' by another name: give that one as an alias in 'networks'",
                                    printable(child.text)));
      }
    }
  }

  void read_container_name(const YamlNode& entry) {
    if (!m_service.is_shared) {
      refuse(entry.key, fmt::format("has the fixed container_name '{}', over which both colors would fight: leave it "
                                    "out, or name the service in targets.NAME.shared",
                                    printable(entry.text)));
    }
    require_allowed(entry.key, fmt::format("has the fixed container_name '{}'", printable(entry.text)));
    m_service.keys.push_back(entry);
  }

  const ComposeRules& m_rules;
  const std::string m_name;
  const YamlNode& m_node;
  const bool m_is_web;
  ComposeService m_service;
};

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
        m_model.services.emplace(service.key, ServiceReader(m_rules, service.key, service).read());
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
        if (found != m_model.services.end() && text_of(other.find("condition")) == "service_completed_successfully") {
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
    const std::string given = text_of(member.find("name"));
    return !given.empty() && given != m_rules.rendered_as + "_" + name;
  }

  [[nodiscard]] ComposeNetwork read_network(const std::string& name) const {
    ComposeNetwork network{.is_shared = is_one_of(m_rules.settings.shared, name)};
    const YamlNode* node = find("networks", name);
    if (node == nullptr) {
      return network;
    }
    if (is_true(node->find("external")) || is_fixed(*node, name)) {
      network.external = is_fixed(*node, name) ? text_of(node->find("name")) : name;
      if (!is_one_of(m_rules.networks, network.external)) {
        refuse("networks", name,
               fmt::format("is '{}' of the host: leave that out, or let app.yml name it in "
                           "run.networks",
                           printable(network.external)));
      }
      return network;
    }
    network.is_inside = is_true(node->find("internal"));
    const std::string driver = text_of(node->find("driver"));
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
        const std::string name = text_of(mount.find("source"));
        if (text_of(mount.find("type")) == "volume" && !name.empty()) {
          ComposeVolume& volume = m_model.volumes.try_emplace(name, read_volume(name)).first->second;
          volume.is_shared = volume.is_shared || service.is_shared;
        }
      }
    }
  }

  [[nodiscard]] ComposeVolume read_volume(const std::string& name) const {
    ComposeVolume volume{.is_shared = is_one_of(m_rules.settings.shared, name)};
    const YamlNode* node = find("volumes", name);
    if (node == nullptr) {
      return volume;
    }
    const YamlNode* options = node->find("driver_opts");
    const std::string driver = text_of(node->find("driver"));
    if (!is_true(node->find("external")) && !is_fixed(*node, name) && (driver.empty() || driver == "local") &&
        (options == nullptr || options->children.empty())) {
      return volume;
    }
    if (!is_one_of(m_rules.settings.allow, "volumes")) {
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
