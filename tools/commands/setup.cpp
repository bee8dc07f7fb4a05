#include "commands/commands.hpp"
#include "config/edit.hpp"
#include "config/load.hpp"
#include "config/router_kinds.hpp"
#include "config/yaml.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "report/json.hpp"
#include "upkeep/apps.hpp"
#include "upkeep/host_files.hpp"
#include "upkeep/service_user.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string_view>

namespace teal::tool {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

/// Routers read it in their configurations, git in what people copy from us.
void require_plain_path(const fs::path& root) {
  const std::string path = root.string();
  const auto bad = std::find_if(path.begin(), path.end(), [](char c) {
    return static_cast<unsigned char>(c) <= ' ' ||
           std::string_view("\"'\\`$;{}#*?<>|&()").find(c) != std::string_view::npos;
  });
  if (bad != path.end()) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' cannot be a home: give a path without blanks, quotes and such as '{}'",
                            printable(path), printable(std::string(1, *bad))));
  }
}

void make_folders(const Home& home) {
  for (const auto& folder : {home.root, home.apps(), home.build_locks(), home.cache()}) {
    std::error_code fault;
    fs::create_directories(folder, fault);
    if (fault) {
      throw Error(ErrorKind::environment,
                  fmt::format("cannot make the folder '{}': {}", folder.string(), system_reason(fault.value())));
    }
  }
}

struct SetupOptions {
  ServerSettings settings;
  std::string user;
  HostFilesWish host;
  const CLI::App* command = nullptr;
};

/// A setting that the command line names.
struct Wish {
  const char* option;
  const char* key;
  std::string value;
};

std::vector<Wish> wishes_of(const SetupOptions& options) {
  const ServerSettings& settings = options.settings;
  const auto& routers = router_kinds();
  const auto router =
      std::find_if(routers.begin(), routers.end(), [&](const auto& one) { return one.second == settings.router.kind; });
  std::vector<Wish> wishes{{"--engine", "engine.host", settings.engine.host},
                           {"--registry", "registry.address", settings.registry.address},
                           {"--registry-auth", "registry.auth", settings.registry.auth},
                           {"--router", "router.kind", router->first}};
  std::erase_if(wishes, [&](const Wish& wish) { return options.command->count(wish.option) == 0; });
  return wishes;
}

/// One that runs where the settings no longer say could not be found any more.
void require_registry_down(Services& services, const Wish& wish) {
  if (std::string_view(wish.key).starts_with("registry.") && services.registry_server().is_wanted()) {
    throw Error(ErrorKind::usage, fmt::format("the registry of this home is up at '{}', so {} stays as it is; first: "
                                              "tealhook registry down",
                                              services.settings.registry.address, wish.key));
  }
}

/// What `setup` found or did, for people and as JSON.
struct Report {
  bool fresh = false;
  std::vector<SettingValue> changed; ///< origin: the value before
  std::vector<LivePort> live_ports;
  bool has_router = false;
  std::string router_found; ///< what was taken by itself, with where it is: "haproxy (/usr/sbin/haproxy)"; or nothing
  std::optional<ServiceUser> user;
  std::vector<HostFile> host_files;
};

/// The home is theirs when this returns, and whoever opens it becomes them.
std::optional<ServiceUser> prepare_user(const Context& context, const SetupOptions& options) {
  if (options.user.empty()) {
    return std::nullopt;
  }
  const Home home = context.home();
  require_plain_path(home.root);
  const bool is_named = options.command->count("--engine") > 0 || !files::exists(home.settings());
  return make_service_user(home,
                           {.name = options.user,
                            .engine = is_named ? options.settings.engine.host : load_server_settings(home).engine.host},
                           context.environment());
}

json::value to_json(const std::optional<ServiceUser>& user) {
  if (!user) {
    return nullptr;
  }
  json::array warnings;
  for (const std::string& warning : user->warnings) {
    warnings.push_back(to_text(warning));
  }
  return {{"name", user->entry.name},
          {"made", user->made},
          {"was_given_home", user->was_given_home},
          {"joined", text_or_null(user->joined)},
          {"warnings", std::move(warnings)}};
}

void tell_user(const Context& context, const ServiceUser& user, const Home& home) {
  const std::string& name = user.entry.name;
  context.print(user.made ? fmt::format("made the user '{}', whose home is '{}'", name, home.root.string())
                          : fmt::format("the user '{}' is there, and stays as it is", name));
  if (user.was_given_home) {
    context.print(fmt::format("gave '{}' and all in it, which was root's, to '{}'", home.root.string(), name));
  }
  if (!user.joined.empty()) {
    context.print(fmt::format("put '{}' into the group '{}': whoever is in it may do anything on this host by way of "
                              "the engine, so let people in by keys alone: tealhook key add",
                              name, user.joined));
  }
  for (const std::string& warning : user.warnings) {
    context.print("warning: " + warning);
  }
}

/// Before root becomes the home's owner, who may not write them.
std::vector<HostFile> prepare_host(const Context& context, const SetupOptions& options,
                                   const std::optional<ServiceUser>& user) {
  if (!options.host.systemd && !options.host.logrotate) {
    return {};
  }
  const Home home = context.home();
  require_plain_path(home.root);
  return put_host_files(Installation::of_this_program(), home, user ? user->entry : owner_of(home.root), options.host);
}

json::value to_json(const std::vector<HostFile>& files) {
  json::array all;
  for (const HostFile& file : files) {
    all.push_back({{"path", to_text(file.path.string())}, {"fate", to_string(file.fate)}});
  }
  return all;
}

void tell_host_files(const Context& context, const std::vector<HostFile>& files) {
  for (const HostFile& file : files) {
    const std::string path = file.path.string();
    context.print(file.fate == HostFile::Fate::written ? fmt::format("wrote '{}'", path)
                  : file.fate == HostFile::Fate::same  ? fmt::format("'{}' is as it should be", path)
                                                       : fmt::format("kept '{}', which is not as setup wrote it; to "
                                                                      "write it anew: --force",
                                                                     path));
  }
}

/// Of a home that is there.
std::vector<SettingValue> change_settings(Context& context, const Home& home, const std::vector<Wish>& wishes) {
  SettingsText text = load_server_text(home);
  std::vector<SettingValue> changed;
  for (const Wish& wish : wishes) {
    const auto values = describe_server_settings(text);
    const auto before =
        std::find_if(values.begin(), values.end(), [&](const SettingValue& one) { return one.key == wish.key; });
    const std::string value = yaml_scalar(wish.value);
    if (before->value != value) {
      Services services(home, context.environment());
      require_registry_down(services, wish);
      text.text = edit_settings(text, wish.key, value);
      static_cast<void>(parse_server_settings(text));
      changed.push_back({.key = wish.key, .value = value, .origin = before->value, .doc = {}});
    }
  }
  if (!changed.empty()) {
    write_file(home.settings(), text.text);
  }
  return changed;
}

bool wishes_for(const std::vector<Wish>& wishes, std::string_view key) {
  return std::any_of(wishes.begin(), wishes.end(), [&](const Wish& wish) { return wish.key == key; });
}

void tell(const Context& context, const Home& home, const Report& report) {
  if (context.json) {
    json::array changed;
    for (const SettingValue& one : report.changed) {
      changed.push_back({{"key", to_text(one.key)}, {"from", to_text(one.origin)}, {"to", to_text(one.value)}});
    }
    json::array ports;
    for (const LivePort& one : report.live_ports) {
      ports.push_back({{"app", one.app}, {"port", one.port}});
    }
    context.print(json::serialize(json::value{{"home", home.root.string()},
                                              {"made", report.fresh},
                                              {"user", to_json(report.user)},
                                              {"router_found", text_or_null(report.router_found)},
                                              {"host_files", to_json(report.host_files)},
                                              {"changed", std::move(changed)},
                                              {"live_ports", std::move(ports)}}));
    return;
  }
  if (report.user) {
    tell_user(context, *report.user, home);
  }
  context.print(report.fresh ? fmt::format("made the home '{}'", home.root.string())
                             : fmt::format("the home '{}' is there; {}", home.root.string(),
                                           report.changed.empty() ? "its settings are as they were"
                                                                  : "changed in its tealhook.yml:"));
  if (!report.router_found.empty()) {
    context.print(fmt::format("requests go by {}, which is installed: so a deployment drops none; without: tealhook "
                              "setup --router none",
                              report.router_found));
  } else if (report.fresh && !report.has_router) {
    context.print("without a router, a color is away for a moment when it is deployed; with one it is not: apt-get "
                  "install haproxy, then: tealhook setup --router haproxy");
  }
  for (const SettingValue& one : report.changed) {
    context.print(fmt::format("  {}: {} -> {}", one.key, one.origin, one.value));
  }
  for (const LivePort& one : report.live_ports) {
    context.print(
        fmt::format("  app '{}' has the live port {} from its next deployment on (route.port in its app.yml); "
                    "to begin: tealhook deploy {}",
                    one.app, one.port, one.app));
  }
  tell_host_files(context, report.host_files);
  const bool has_units = std::any_of(report.host_files.begin(), report.host_files.end(), [](const HostFile& file) {
    return file.path.filename() == "tealhook-serve.service";
  });
  context.print(fmt::format(
      "next:\n{}{}{}{}  tealhook check      # to see that all is well", report.fresh ? "  tealhook registry up\n" : "",
      report.has_router ? "  tealhook router up\n" : "", report.fresh ? "  tealhook app create NAME\n" : "",
      has_units ? "  systemctl daemon-reload && systemctl enable --now tealhook-serve tealhook-recover\n" : ""));
}

/// The first of the kinds whose program is here, for a home that nobody named one for. Returns what was found, in
/// words.
std::string choose_router(const Environment& environment, ServerSettings& settings) {
  for (const auto& [name, kind] : router_kinds()) {
    const auto program = kind == ServerSettings::Router::Kind::none ? std::nullopt : find_program(name, environment);
    if (program) {
      settings.router.kind = kind;
      return fmt::format("{} ({})", name, program->string());
    }
  }
  return "";
}

void make_home(Context& context, const SetupOptions& options) {
  auto user = prepare_user(context, options);
  auto host_files = prepare_host(context, options, user);
  const Home home = context.open_home();
  const std::vector<Wish> wishes = wishes_of(options);
  ServerSettings settings = options.settings;
  const bool chooses = !files::exists(home.settings()) && !wishes_for(wishes, "router.kind");
  std::string router_found = chooses ? choose_router(context.environment(), settings) : "";
  require_plain_path(home.root);
  const std::string text = server_settings_template(settings);
  static_cast<void>(parse_server_settings({"the command line's settings", text})); // before anything is made
  make_folders(home);
  Report report{.fresh = !files::exists(home.settings()),
                .router_found = std::move(router_found),
                .user = std::move(user),
                .host_files = std::move(host_files)};
  if (report.fresh) {
    write_file(home.settings(), text);
  } else {
    report.changed = change_settings(context, home, wishes);
  }
  report.has_router = load_server_settings(home).router.kind != ServerSettings::Router::Kind::none;
  const Store store(home.store(), context.clock());
  if (!report.fresh && report.has_router && wishes_for(wishes, "router.kind")) {
    Services services(home, context.environment());
    report.live_ports = give_live_ports(services);
  }
  tell(context, home, report);
}

} // namespace

void add_setup(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("setup", "make the home and its settings, or change these in one that is there");
  command->footer("Examples:\n  tealhook setup\n  tealhook --home /home/deploy/tealhook setup\n"
                  "  tealhook setup --user tealhook       # as root: a user of that name, whose home it is\n"
                  "  tealhook setup --registry localhost:5001 --registry-auth htpasswd\n"
                  "  tealhook setup --router none         # none, though one is installed\n"
                  "  tealhook setup --router haproxy      # of the home that is there; apps get a live port\n"
                  "  tealhook setup --systemd --logrotate # as root: units, and what keeps logs small\n"
                  "  tealhook setup --systemd --root /tmp/look     # to see what it would write");
  const auto options = std::make_shared<SetupOptions>();
  options->command = command;
  const std::shared_ptr<ServerSettings> settings(options, &options->settings);
  command->add_option("--engine", settings->engine.host, "where the container engine listens")
      ->type_name("URL")
      ->capture_default_str();
  command->add_option("--registry", settings->registry.address, "the registry, as image names start")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  command
      ->add_option("--registry-auth", settings->registry.auth,
                   "none, or htpasswd: 'registry up' makes a user and a password, and logs the engine in")
      ->type_name("KIND")
      ->check(CLI::IsMember({"none", "htpasswd"}))
      ->capture_default_str();
  command
      ->add_option(
          "--user", options->user,
          "as root: make this system user, if it is not there, with the home as its own, in the engine's group")
      ->type_name("NAME");
  const std::shared_ptr<HostFilesWish> host(options, &options->host);
  command->add_flag("--systemd", host->systemd, "as root: put the units of this home into /etc/systemd/system");
  command->add_flag("--logrotate", host->logrotate, "as root: put a configuration of it into /etc/logrotate.d");
  command->add_option("--root", host->root, "the folder that stands for '/' with --systemd and --logrotate")
      ->type_name("DIR")
      ->capture_default_str();
  command->add_flag("--force", host->force, "write these files anew, also where somebody changed them");
  const std::map<std::string, ServerSettings::Router::Kind> routers(router_kinds().begin(), router_kinds().end());
  command
      ->add_option_function<std::string>(
          "--router", [settings, routers](const std::string& kind) { settings->router.kind = routers.at(kind); },
          fmt::format(
              "what moves live traffic: {} (default, of a new home: the first that is installed of haproxy, nginx "
              "and caddy)",
              router_kinds_in_words()))
      ->type_name("KIND")
      ->check(CLI::IsMember(routers));
  command->callback([&context, options] { make_home(context, *options); });
}

} // namespace teal::tool
