#include "report/app.hpp"

#include "process/user.hpp"
#include "report/json.hpp"
#include "upkeep/own_repositories.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

namespace teal {

namespace {

namespace json = boost::json;

PushAddress address_of(const std::filesystem::path& repository) {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return {repository, fmt::format("{}@{}:{}", user_name(), host.data(), repository.string())};
}

json::object to_json(const PushAddress& address) {
  return {{"repository", to_text(address.repository.string())}, {"remote", to_text(address.remote)}};
}

OwnRepository look_at(const Home& home, const std::string& app, const std::filesystem::path& path) {
  OwnRepository own{.address = address_of(path), .color = {}, .fault = {}};
  try {
    own.color = require_own_repository(home, app, path).destination.text();
  } catch (const Error& error) {
    own.fault = error.message();
  }
  return own;
}

} // namespace

AppReport report_on_app(const Home& home, const Store& store, const std::string& app) {
  const AppFolder folder = home.app(app);
  AppReport report{.name = app,
                   .settings = load_app_settings(home, app),
                   .colors = {},
                   .live = address_of(folder.live_repository()),
                   .repositories = {}};
  for (const Color color : k_colors) {
    report.colors.emplace(color, address_of(folder.repository(color)));
  }
  for (const auto& path : store.repositories.list(app)) {
    report.repositories.push_back(look_at(home, app, path));
  }
  return report;
}

json::object to_json(const AppReport& report) {
  json::object colors;
  for (const auto& [color, address] : report.colors) {
    json::object shown = to_json(address);
    shown["port"] = report.settings.ports.at(color);
    colors[to_string(color)] = std::move(shown);
  }
  json::object live = to_json(report.live);
  live["port"] = report.settings.route.port == 0 ? json::value(nullptr) : json::value(report.settings.route.port);
  json::array repositories;
  for (const OwnRepository& own : report.repositories) {
    json::object shown = to_json(own.address);
    shown["color"] = text_or_null(own.color);
    shown["fault"] = text_or_null(own.fault);
    repositories.push_back(std::move(shown));
  }
  return {{"name", report.name},
          {"colors", std::move(colors)},
          {"live", std::move(live)},
          {"repositories", std::move(repositories)},
          {"container_port",
           report.settings.container_port == 0 ? json::value(nullptr) : json::value(report.settings.container_port)}};
}

json::object to_json(const AppReport& report, const std::vector<SettingValue>& settings) {
  json::object shown = to_json(report);
  shown["settings"] = to_json(settings);
  return shown;
}

std::vector<AppEntry> report_on_apps(const Home& home, const Store& store) {
  std::vector<AppEntry> entries;
  for (const std::string& app : list_apps(home)) {
    AppEntry& entry = entries.emplace_back(AppEntry{.name = app, .report = {}, .fault = {}});
    try {
      entry.report = report_on_app(home, store, app);
    } catch (const Error& error) {
      entry.fault = error;
    }
  }
  return entries;
}

json::object to_json(const AppEntry& entry) {
  if (entry.report) {
    return to_json(*entry.report);
  }
  return {{"name", entry.name}, {"error", to_json(entry.fault.value())}};
}

} // namespace teal
