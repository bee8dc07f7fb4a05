#include "target/compose/compose_service.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "model/slot.hpp"
#include "target/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

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
    return {.type = node.text_at("type"),
            .source = node.text_at("source"),
            .target = node.text_at("target"),
            .read_only = node.text_at("read_only") == "true"};
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
    return {.published = node.text_at("published"), .target = node.text_at("target")};
  }
  const auto parts = split(node.text.substr(0, node.text.find('/')), ':');
  return {.published = parts.size() > 1 ? parts[parts.size() - 2] : "", .target = parts.back()};
}

class ServiceReader {
public:
  ServiceReader(const ComposeRules& rules, const YamlNode& node)
      : m_rules(rules), m_name(node.key), m_node(node), m_is_web(m_name == rules.settings.service) {
    m_service.is_shared = rules.shares(m_name);
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

  void require_allowed(std::string_view key, const std::string& what) const {
    if (!m_rules.allows(key)) {
      refuse(key, fmt::format("{}, which reaches beyond its container; leave it out, or let app.yml allow it: "
                              "targets.NAME.allow: [{}]",
                              what, key));
    }
  }

  void read(const YamlNode& entry) {
    static const std::map<std::string_view, void (ServiceReader::*)(const YamlNode&)> k_readers{
        {"image", &ServiceReader::read_image},
        {"build", &ServiceReader::read_build},
        {"environment", &ServiceReader::read_environment},
        {"volumes", &ServiceReader::read_volumes},
        {"ports", &ServiceReader::read_ports},
        {"networks", &ServiceReader::read_networks},
        {"depends_on", &ServiceReader::read_depends_on},
        {"labels", &ServiceReader::read_labels},
        {"restart", &ServiceReader::read_restart},
        {"deploy", &ServiceReader::read_deploy},
        {"scale", &ServiceReader::read_scale},
        {"links", &ServiceReader::read_links},
        {"container_name", &ServiceReader::read_container_name}};
    const std::string& key = entry.key;
    if (entry.kind == YamlNode::Kind::null) {
      return;
    }
    if (const auto reader = k_readers.find(key); reader != k_readers.end()) {
      (this->*reader->second)(entry);
    } else if (is_one_of(k_own_keys, key)) {
      m_service.keys.push_back(entry);
    } else if (!key.starts_with("x-") && !is_one_of(k_dropped_keys, key)) {
      read_other(entry);
    }
  }

  void read_image(const YamlNode& entry) { m_service.image = entry.text; }

  void read_scale(const YamlNode& entry) { require_one(entry, "scale"); }

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
      context = entry.text_at("context");
      build.target = entry.text_at("target");
      if (const std::string file = entry.text_at("dockerfile"); !file.empty()) {
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
  void read_depends_on(const YamlNode& entry) {
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
    m_service.keys.push_back(std::move(conditions));
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
  void read_links(const YamlNode& entry) {
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
  const std::string& m_name;
  const YamlNode& m_node;
  const bool m_is_web;
  ComposeService m_service;
};

} // namespace

bool ComposeRules::shares(std::string_view name) const {
  return is_one_of(settings.shared, name);
}

bool ComposeRules::allows(std::string_view key) const {
  return is_one_of(settings.allow, key);
}

bool ComposeRules::may_join(std::string_view network) const {
  return is_one_of(networks, network);
}

ComposeService read_compose_service(const ComposeRules& rules, const YamlNode& node) {
  return ServiceReader(rules, node).read();
}

} // namespace teal
