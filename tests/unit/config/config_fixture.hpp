/// @file
/// Short ways to a settings text and to what is said about a bad one.
#pragma once

#include "config/load.hpp"
#include "core/error.hpp"

#include <optional>
#include <string>

namespace teal {

inline const std::string k_ports = "colors: {blue: {port: 50101}, green: {port: 50100}}\n";

/// An app.yml with its ports on line 1 and `more` from line 2 on.
inline SettingsText app_yml(const std::string& more) {
  return {"app.yml", k_ports + more};
}
inline AppSettings app_with(const std::string& more) {
  return parse_app_settings(app_yml(more), std::nullopt);
}

inline AppSettings app_with_pushed(const std::string& pushed, const std::string& more = "") {
  return parse_app_settings(app_yml(more), SettingsText{"1a2b3c4:.tealhook.yml", pushed});
}

/// What the Error(settings) says that `work` throws; "" if it throws none.
template <class Work>
std::string complaint_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind() == ErrorKind::settings ? error.message() : "of another kind: " + error.message();
  }
  return "";
}

inline std::string app_complaint(const std::string& more) {
  return complaint_of([&] { static_cast<void>(app_with(more)); });
}

inline std::string pushed_complaint(const std::string& pushed, const std::string& more = "") {
  return complaint_of([&] { static_cast<void>(app_with_pushed(pushed, more)); });
}

} // namespace teal
