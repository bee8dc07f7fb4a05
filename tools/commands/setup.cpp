#include "commands/commands.hpp"
#include "config/load.hpp"
#include "config/router_kinds.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace teal::tool {

namespace {

namespace fs = std::filesystem;

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

void make_home(Context& context, const ServerSettings& settings) {
  const Home home = context.open_home();
  require_plain_path(home.root);
  const std::string text = server_settings_template(settings);
  static_cast<void>(parse_server_settings({"the command line's settings", text})); // before anything is made
  make_folders(home);
  const bool fresh = !fs::exists(home.settings());
  if (fresh) {
    write_file(home.settings(), text);
  }
  static_cast<void>(load_server_settings(home));
  const Store store(home.store(), context.clock());
  if (context.json) {
    context.print(boost::json::serialize(boost::json::value{{"home", home.root.string()}, {"made", fresh}}));
    return;
  }
  context.print(fresh ? fmt::format("made the home '{}'", home.root.string())
                      : fmt::format("the home '{}' is there; its settings are as they were", home.root.string()));
  const bool routed = load_server_settings(home).router.kind != ServerSettings::Router::Kind::none;
  context.print(fmt::format("next:\n  tealhook registry up\n{}  tealhook app create NAME\n"
                            "  tealhook check      # to see that all is well",
                            routed ? "  tealhook router up\n" : ""));
}

} // namespace

void add_setup(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("setup", "make the home and its settings; fine if it is there already");
  command->footer("Examples:\n  tealhook setup\n  tealhook --home /home/deploy/tealhook setup\n"
                  "  tealhook setup --registry localhost:5001 --registry-auth htpasswd");
  const auto settings = std::make_shared<ServerSettings>();
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
  const std::map<std::string, ServerSettings::Router::Kind> routers(router_kinds().begin(), router_kinds().end());
  command
      ->add_option_function<std::string>(
          "--router", [settings, routers](const std::string& kind) { settings->router.kind = routers.at(kind); },
          fmt::format("what moves live traffic: {} (default: none)", router_kinds_in_words()))
      ->type_name("KIND")
      ->check(CLI::IsMember(routers));
  command->callback([&context, settings] { make_home(context, *settings); });
}

} // namespace teal::tool
