/// @file
/// AppReport: an app's settings in short, and where to push to.
#pragma once

#include "config/load.hpp"
#include "core/error.hpp"
#include "model/home.hpp"
#include "store/store.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace teal {

/// A bare repository that a push to deploys the app.
struct PushAddress {
  std::filesystem::path repository;
  std::string remote; ///< "deploy@host:/srv/tealhook/apps/shop/blue.git", as a pusher would name it
};

/// One outside of the home.
struct OwnRepository {
  PushAddress address;
  std::string color; ///< or "live"; empty where that cannot be told
  std::string fault; ///< why a push to it deploys nothing; empty if it does
};

struct AppReport {
  std::string name;
  AppSettings settings;
  std::map<Color, PushAddress> colors;
  PushAddress live;
  std::vector<OwnRepository> repositories;
};

/// Throws Error(settings) if its settings are wrong.
[[nodiscard]] AppReport report_on_app(const Home& home, const Store& store, const std::string& app);

[[nodiscard]] boost::json::object to_json(const AppReport& report);
/// With its settings as they are in force.
[[nodiscard]] boost::json::object to_json(const AppReport& report, const std::vector<SettingValue>& settings);

/// An app of the home's list: one whose settings are wrong hides no other.
struct AppEntry {
  std::string name;
  std::optional<AppReport> report;
  std::optional<Error> fault; ///< why there is none
};
/// All apps, by name.
[[nodiscard]] std::vector<AppEntry> report_on_apps(const Home& home, const Store& store);

[[nodiscard]] boost::json::object to_json(const AppEntry& entry);

} // namespace teal
