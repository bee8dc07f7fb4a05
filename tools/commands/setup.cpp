#include "commands/commands.hpp"
#include "config/load.hpp"
#include "process/atomic_file.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

namespace fs = std::filesystem;

void make_home(Context& context, ServerSettings& settings) {
  const Home home = context.open_home();
  const bool fresh = !fs::exists(home.settings());
  try {
    for (const auto& folder : {home.root, home.apps(), home.build_locks(), home.cache()}) {
      fs::create_directories(folder);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot make '{}': {}", error.path1().string(), error.code().message()));
  }
  if (fresh) {
    write_file(home.settings(), server_settings_template(settings));
  }
  settings = load_server_settings(home);
  const Store store(home.store(), context.clock());
  if (context.json) {
    context.print(boost::json::serialize(boost::json::value{{"home", home.root.string()}, {"made", fresh}}));
    return;
  }
  context.print(fresh ? fmt::format("made the home '{}'", home.root.string())
                      : fmt::format("the home '{}' is there; its settings are as they were", home.root.string()));
  context.print("next: tealhook registry up, tealhook app create NAME, and tealhook check to see that all is well");
}

} // namespace

void add_setup(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("setup", "make the home and its settings; fine if it is there already");
  command->footer("Examples:\n  tealhook setup\n  tealhook --home /home/deploy/tealhook setup\n"
                  "  tealhook setup --registry localhost:5001 --registry-auth htpasswd");
  const auto settings = std::make_shared<ServerSettings>();
  command->add_option("--engine", settings->engine.host, "where the container engine listens")->capture_default_str();
  command->add_option("--registry", settings->registry.address, "the registry, as image names start")
      ->capture_default_str();
  command->add_option("--registry-auth", settings->registry.auth, "none or htpasswd")->capture_default_str();
  command->callback([&context, settings] { make_home(context, *settings); });
}

} // namespace teal::tool
