#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "model/app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

namespace teal {

namespace {

bool has_settings(const std::filesystem::path& folder) {
  std::error_code unreadable;
  return std::filesystem::exists(AppFolder{folder}.settings(), unreadable) || unreadable;
}

} // namespace

std::vector<std::string> list_apps(const Home& home) {
  std::error_code fault;
  std::filesystem::directory_iterator folders(home.apps(), fault);
  if (fault == std::errc::no_such_file_or_directory) {
    return {};
  }
  std::vector<std::string> apps;
  for (; !fault && folders != std::filesystem::directory_iterator(); folders.increment(fault)) {
    if (has_settings(folders->path())) {
      apps.push_back(folders->path().filename().string());
    }
  }
  if (fault) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot list the apps in '{}': {}", home.apps().string(), system_reason(fault.value())));
  }
  std::sort(apps.begin(), apps.end());
  return apps;
}

void require_app(const Home& home, std::string_view app) {
  require_app_name(app);
  std::error_code unreadable;
  if (std::filesystem::exists(home.app(app).settings(), unreadable)) {
    return; // the list of all is for the message alone
  }
  const auto apps = list_apps(home);
  if (std::find(apps.begin(), apps.end(), app) == apps.end()) {
    throw Error(ErrorKind::settings,
                fmt::format("no app '{}' in '{}': {}; make it with: tealhook app create {}", app, home.root.string(),
                            apps.empty() ? "there are none yet" : "there are " + join(apps, ", "), app));
  }
}

void require_target(const AppSettings& settings, std::string_view app, const std::string& name) {
  if (settings.targets.contains(name)) {
    return;
  }
  std::vector<std::string> names;
  for (const auto& [known, target] : settings.targets) {
    names.push_back(known);
  }
  throw Error(ErrorKind::settings,
              fmt::format("'{}' has no target '{}'; {}", app, printable(name),
                          names.empty() ? "deploy to blue, green, idle or live" : "it has " + join(names, ", ")));
}

} // namespace teal
