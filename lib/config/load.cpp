#include "config/load.hpp"

#include "config/loader.hpp"
#include "config/rule_check.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "model/engine_url.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <system_error>
#include <utility>

namespace teal {

namespace {

constexpr std::size_t k_longest_file = std::size_t{1} << 20U;
constexpr std::size_t k_longest_pushed = std::size_t{64} << 10U;

/// Who sets one of these says what is asked of a program to see that it is healthy.
constexpr std::array<std::string_view, 5> k_questions{key::k_health_kind, "health.path", "health.expect", "health.host",
                                                      key::k_health_command};

/// Settings with where each of their values came from.
template <class Settings>
struct Loaded {
  Settings settings;
  Origins origins;
};

/// A command makes the probe a command, and another kind set by the same author contradicts it. What app.yml says wins
/// over a pushed file's, so this is settled for each layer as it is read.
void settle_probe(HealthSettings& health, Origins& layer) {
  const auto kind = layer.find(key::k_health_kind);
  const auto command = layer.find(key::k_health_command);
  if (command != layer.end() && !health.command.empty()) {
    if (kind != layer.end() && health.kind != HealthSettings::Kind::command) {
      fail_at(kind->second, fmt::format("'{}' is not 'command', and '{}' is given too: leave one of them out",
                                        kind->first, command->first));
    }
    health.kind = HealthSettings::Kind::command;
    layer.insert_or_assign(std::string(key::k_health_kind), command->second);
  } else if (kind != layer.end() && health.kind != HealthSettings::Kind::command) {
    health.command.clear();
    layer.insert_or_assign(std::string(key::k_health_command), kind->second);
  }
  if (health.kind == HealthSettings::Kind::command && health.command.empty()) {
    fail_at((kind != layer.end() ? kind : command)->second,
            fmt::format("'{}' is 'command', and '{}' gives none", key::k_health_kind, key::k_health_command));
  }
}

void require_ports(const AppSettings& settings, const Origins& origins, const std::string& file) {
  for (const auto name : {key::k_blue_port, key::k_green_port}) {
    if (!origins.contains(name)) {
      fail_at(file + ":1", fmt::format("'{}' is missing: give the host's port for that color", name));
    }
  }
  if (settings.ports.at(Color::blue) == settings.ports.at(Color::green)) {
    fail_at(origins.find(key::k_green_port)->second,
            fmt::format("'{}' is {}, which is blue's port too", key::k_green_port, settings.ports.at(Color::green)));
  }
}

void require_quiet_within_longest(const DeploySettings& deploy, const Origins& origins) {
  const auto quiet = origins.find(key::k_quiet);
  if (deploy.quiet > deploy.quiet_longest) {
    const auto& origin = quiet != origins.end() ? quiet->second : origins.find(key::k_quiet_longest)->second;
    fail_at(origin,
            fmt::format("'{}' is {}, longer than '{}', which is {}", key::k_quiet, format_duration(deploy.quiet),
                        key::k_quiet_longest, format_duration(deploy.quiet_longest)));
  }
}

void require_certificate_with_key(const ServerSettings::Serve& serve, const Origins& origins) {
  if (serve.certificate.empty() != serve.key.empty()) {
    const bool has_key = serve.certificate.empty();
    const auto given = has_key ? key::k_serve_key : key::k_serve_certificate;
    const auto missing = has_key ? key::k_serve_certificate : key::k_serve_key;
    fail_at(origins.find(given)->second, fmt::format("'{}' is given without '{}': give both or none", given, missing));
  }
}

/// `most` is the value of the server's key `limit`.
void require_within(const Origins& origins, std::string_view key, Milliseconds asked, std::string_view limit,
                    Milliseconds most) {
  const auto origin = origins.find(key);
  if (origin != origins.end() && asked > most) {
    fail_at(origin->second,
            fmt::format("'{}' is {}: a pushed file may give at most {} ({}); app.yml on the server may give more", key,
                        format_duration(asked), format_duration(most), limit));
  }
}

/// What another kind of host alone reads would be believed to be in force.
void require_fitting_access(const ServerSettings::Engine& engine, const Origins& origins) {
  const auto url = EngineUrl::parse(engine.host).value();
  const bool is_ssh = url.scheme == EngineUrl::Scheme::ssh;
  const bool is_tls = url.scheme == EngineUrl::Scheme::tcp || url.scheme == EngineUrl::Scheme::https;
  const auto refuse_unless = [&](bool fits, std::string_view key, const std::string& value, std::string_view wanted) {
    if (!fits && !value.empty()) {
      fail_at(origins.find(key)->second, fmt::format("'{}' is for an engine.host by {}", key, wanted));
    }
  };
  refuse_unless(is_tls, key::k_engine_ca, engine.ca, "tcp:// or https://");
  refuse_unless(is_tls, key::k_engine_certificate, engine.certificate, "tcp:// or https://");
  refuse_unless(is_tls || is_ssh, key::k_engine_key, engine.key, "tcp://, https:// or ssh://");
  refuse_unless(is_ssh, key::k_engine_known_hosts, engine.known_hosts, "ssh://");
  refuse_unless(!url.is_local(), key::k_engine_address, engine.address, "another scheme than unix://");
  if (is_tls && engine.certificate.empty() != engine.key.empty()) {
    const auto given = engine.key.empty() ? key::k_engine_certificate : key::k_engine_key;
    fail_at(origins.find(given)->second,
            fmt::format("give both '{}' and '{}', or none", key::k_engine_certificate, key::k_engine_key));
  }
}

Loaded<ServerSettings> load_server(const SettingsText& text) {
  Loaded<ServerSettings> loaded;
  loaded.origins = read_layer(schema_of(loaded.settings), text, SettingKey::Trust::server);
  require_certificate_with_key(loaded.settings.serve, loaded.origins);
  require_fitting_access(loaded.settings.engine, loaded.origins);
  return loaded;
}

Loaded<AppSettings> load_app(const SettingsText& text, const std::optional<SettingsText>& pushed) {
  Loaded<AppSettings> loaded;
  const auto keys = schema_of(loaded.settings);
  const auto read = [&](const SettingsText& layer_text, SettingKey::Trust author) {
    Origins layer = read_layer(keys, layer_text, author);
    settle_probe(loaded.settings.health, layer);
    layer.merge(loaded.origins); // keeps what is there already: the newer
    loaded.origins = std::move(layer);
  };
  if (pushed) {
    if (pushed->text.size() > k_longest_pushed) {
      fail_at(pushed->name + ":1", fmt::format("the file is larger than {} KiB", k_longest_pushed / 1024));
    }
    read(*pushed, SettingKey::Trust::pushed);
  }
  read(text, SettingKey::Trust::server);
  loaded.settings.health.is_told =
      std::any_of(k_questions.begin(), k_questions.end(), [&](auto key) { return loaded.origins.contains(key); });
  require_ports(loaded.settings, loaded.origins, text.name);
  require_targets(loaded.settings, loaded.origins);
  require_quiet_within_longest(loaded.settings.deploy, loaded.origins);
  return loaded;
}

/// Adds the keys of a scope, whose names begin with `base` in full.
void describe(const std::vector<SettingKey>& keys, const Origins& origins, const std::string& base,
              std::vector<SettingValue>& values) {
  const std::string kind = kind_of(keys);
  for (const SettingKey& key : keys) {
    const std::string name = base + std::string(key.name);
    const auto origin = origins.find(name);
    const bool left_out = key.in_group.need == SettingKey::Need::one_of && origin == origins.end();
    if (!key.is_of(kind) || left_out) {
      continue;
    }
    const auto groups = key.groups ? key.groups->all() : std::vector<Group>();
    if (groups.empty()) {
      const std::string none = key.groups && key.groups->names ? "{}" : "[]";
      values.push_back({.key = name,
                        .value = key.groups ? none : key.binding.show(),
                        .origin = origin == origins.end() ? "default" : origin->second,
                        .doc = std::string(key.doc)});
    }
    for (const Group& group : groups) {
      describe(group.keys, origins, name + group.place + ".", values);
    }
  }
}

template <class Settings>
std::vector<SettingValue> describe(Loaded<Settings> loaded) {
  std::vector<SettingValue> values;
  describe(schema_of(loaded.settings), loaded.origins, "", values);
  return values;
}

/// Who could grant access to `file`: its owner, or its folder's where not even that much can be seen.
std::string owner_of(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0 && ::stat(file.parent_path().c_str(), &facts) != 0) {
    return "somebody else";
  }
  const passwd* user = ::getpwuid(facts.st_uid);
  return user != nullptr ? fmt::format("'{}'", user->pw_name) : fmt::format("user {}", facts.st_uid);
}

/// Throws Error(settings) `missing` where there is no such file, and says whose it is where it must not be read.
SettingsText read_settings(const std::filesystem::path& file, const std::string& missing) {
  if (::faccessat(AT_FDCWD, file.c_str(), R_OK, AT_EACCESS) != 0) {
    const int reason = errno;
    if (reason == ENOENT || reason == ENOTDIR) {
      throw Error(ErrorKind::settings, missing);
    }
    throw Error(ErrorKind::environment, fmt::format("cannot read '{}': {}; it belongs to {}", file.string(),
                                                    system_reason(reason), owner_of(file)));
  }
  return {file.string(), read_file(file, k_longest_file)};
}

} // namespace

ServerSettings parse_server_settings(const SettingsText& text) {
  return load_server(text).settings;
}

AppSettings parse_app_settings(const SettingsText& text, const std::optional<SettingsText>& pushed) {
  return load_app(text, pushed).settings;
}

ReceiverSettings parse_receiver_settings(const SettingsText& text) {
  ReceiverSettings settings;
  const Origins origins = read_layer(schema_of(settings), text, SettingKey::Trust::server);
  if (settings.sources.empty()) {
    fail_at(text.name + ":1", "'sources' is missing or empty: nobody could send anything");
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < settings.sources.size(); ++i) {
    const ReceiverSettings::Source& source = settings.sources[i];
    if (!seen.emplace(source.app, source.name).second) {
      const std::string key = fmt::format("sources[{}].name", i + 1);
      fail_at(origins.find(key)->second,
              fmt::format("'{}' is '{}', and app '{}' has one of that name already", key, source.name, source.app));
    }
  }
  return settings;
}

ReceiverSettings load_receiver_settings(const std::filesystem::path& file) {
  return parse_receiver_settings(
      read_settings(file, fmt::format("'{}' is not there: name the receiver's settings with --config", file.string())));
}

std::vector<std::string> find_unreachable_rules(const SettingsText& text) {
  const auto loaded = load_app(text, std::nullopt);
  return unreachable_rules(loaded.settings.rules, loaded.origins);
}

void require_patience(const SettingsText& pushed, const ServerSettings::Limits& limits) {
  AppSettings asked;
  const HealthSettings& health = asked.health;
  const Origins origins = read_layer(schema_of(asked), pushed, SettingKey::Trust::pushed);
  require_within(origins, key::k_health_timeout, health.timeout, key::k_limit_timeout, limits.health_timeout);
  require_within(origins, key::k_health_deadline, health.deadline, key::k_limit_deadline, limits.health_deadline);
  require_within(origins, key::k_health_settle, health.settle, key::k_limit_settle, limits.health_settle);
}

SettingsText load_server_text(const Home& home) {
  std::error_code ignored;
  const bool there = std::filesystem::is_directory(home.root, ignored);
  const std::string missing =
      there ? fmt::format("home '{}' has no {}; make it with: tealhook setup", home.root.string(),
                          home.settings().filename().string())
            : fmt::format("home '{}' is not there; make it with: tealhook setup", home.root.string());
  return read_settings(home.settings(), missing);
}

ServerSettings load_server_settings(const Home& home) {
  return parse_server_settings(load_server_text(home));
}

SettingsText load_app_text(const Home& home, std::string_view app) {
  require_app(home, app);
  const auto file = home.app(app).settings();
  return read_settings(file, fmt::format("'{}' is not there", file.string()));
}

AppSettings load_app_settings(const Home& home, std::string_view app, const std::optional<SettingsText>& pushed) {
  return parse_app_settings(load_app_text(home, app), pushed);
}

std::string read_own_env(const AppFolder& folder) {
  return files::exists(folder.env()) ? read_file(folder.env(), k_longest_file) : "";
}

std::vector<SettingValue> describe_server_settings(const SettingsText& text) {
  return describe(load_server(text));
}

std::vector<SettingValue> describe_app_settings(const SettingsText& text, const std::optional<SettingsText>& pushed) {
  return describe(load_app(text, pushed));
}

} // namespace teal
