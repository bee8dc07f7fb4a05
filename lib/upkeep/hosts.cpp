#include "upkeep/hosts.hpp"

#include "config/edit.hpp"
#include "config/load.hpp"
#include "config/yaml.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "traffic/certificate.hpp"
#include "traffic/live_traffic.hpp"
#include "traffic/ways_in.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

/// Nothing where it is so already.
std::optional<std::string> edited(const SettingsText& text, HostWish wish, const std::string& host) {
  const auto hosts = parse_app_settings(text, std::nullopt).route.hosts;
  const auto found = std::find(hosts.begin(), hosts.end(), host);
  if ((found != hosts.end()) == (wish == HostWish::add)) {
    return std::nullopt;
  }
  if (wish == HostWish::add) {
    return hosts.empty() ? edit_settings(text, "route.hosts", fmt::format("[{}]", yaml_scalar(host)))
                         : edit_settings(text, SettingPath{"route", "hosts", "+"}, yaml_scalar(host));
  }
  return edit_settings(text, SettingPath{"route", "hosts", std::to_string(found - hosts.begin())}, std::nullopt);
}

/// The app has it before anybody is sent there.
void tell_router(Services& services, Store& store, const std::string& app, const AppSettings& settings) {
  LiveTraffic traffic(services, store, app);
  const FileLock held = traffic.lock();
  traffic.route(held, settings, traffic.placement());
}

} // namespace

bool change_hosts(Services& services, Store& store, const std::string& app, HostWish wish, const std::string& host,
                  const Principal& by) {
  if (!services.router) {
    throw Error(ErrorKind::settings, "there is no router that could tell host names apart: tealhook setup --router "
                                     "haproxy, then: tealhook router up");
  }
  const auto file = services.home.app(app).settings();
  const std::string before = read_file(file);
  const auto after = edited({file.string(), before}, wish, host);
  if (!after) {
    return false;
  }
  const AppSettings settings = parse_app_settings({file.string(), *after}, std::nullopt);
  require_ways_in(services, app, settings, tls_for(settings.route, services.settings.router.kind));
  const auto mode = static_cast<mode_t>(files::permissions_of(file));
  write_file(file, *after, mode);
  try {
    tell_router(services, store, app, settings);
  } catch (const Error&) {
    if (read_file(file) == *after) {
      write_file(file, before, mode);
    }
    throw;
  }
  store.actions.add({.app = app,
                     .verb = wish == HostWish::add ? "route add" : "route remove",
                     .who = by.text(),
                     .at = {},
                     .text = host,
                     .origin = by.origin});
  return true;
}

} // namespace teal
