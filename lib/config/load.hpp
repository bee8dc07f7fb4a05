/// @file
/// Loading settings: YAML files into values, with `path:line` for whatever is wrong, before anything is touched.
///
/// Trust: .tealhook.yml comes with a push and may set `build`, `health` and `run.env` only. What app.yml sets wins over
/// it.
#pragma once

#include "config/settings.hpp"
#include "model/home.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// A settings text and the name that messages give to it: a path, or "1a2b3c4:.tealhook.yml".
struct SettingsText {
  std::string name;
  std::string text;
};

/// Throws Error(settings) "path:line: …" for an unknown, doubled or refused key or a bad value.
[[nodiscard]] ServerSettings parse_server_settings(const SettingsText& text);
/// `pushed` is the commit's .tealhook.yml, if it has one.
[[nodiscard]] AppSettings parse_app_settings(const SettingsText& text, const std::optional<SettingsText>& pushed);

/// Of `tealhook receive`. Each app and name is there once.
[[nodiscard]] ReceiverSettings parse_receiver_settings(const SettingsText& text);
[[nodiscard]] ReceiverSettings load_receiver_settings(const std::filesystem::path& file);

/// Each of the app's rules that can never match, as "path:line: …", for `check`. Throws as parsing does.
[[nodiscard]] std::vector<std::string> find_unreachable_rules(const SettingsText& text);

/// Throws Error(settings) "path:line: …" if a pushed text asks for more patience than the server has for one.
void require_patience(const SettingsText& pushed, const ServerSettings::Limits& limits);

/// Throws Error(settings) with what to do where the home or the app is not there.
[[nodiscard]] SettingsText load_server_text(const Home& home);
[[nodiscard]] ServerSettings load_server_settings(const Home& home);
[[nodiscard]] SettingsText load_app_text(const Home& home, std::string_view app);
[[nodiscard]] AppSettings load_app_settings(const Home& home, std::string_view app,
                                            const std::optional<SettingsText>& pushed = std::nullopt);

/// The text of what `tealhook env` set; empty where that is nothing.
[[nodiscard]] std::string read_own_env(const AppFolder& folder);

/// The apps that the home has, by name.
[[nodiscard]] std::vector<std::string> list_apps(const Home& home);
/// Throws Error(settings) naming those there are, unless the app exists.
void require_app(const Home& home, std::string_view app);
/// The same of a target of the app, whose settings these are.
void require_target(const AppSettings& settings, std::string_view app, const std::string& name);

/// One key as it is in force, for `check` and `app show`. Of groups, each key that their kind has.
struct SettingValue {
  std::string key;    ///< "health.interval", "rules[1].deploy", "targets.site.run"
  std::string value;  ///< as it would be written in YAML
  std::string origin; ///< "/srv/tealhook/apps/shop/app.yml:12", or "default"
  std::string doc;    ///< one line
};
[[nodiscard]] std::vector<SettingValue> describe_server_settings(const SettingsText& text);
[[nodiscard]] std::vector<SettingValue> describe_app_settings(const SettingsText& text,
                                                              const std::optional<SettingsText>& pushed);

/// The files that `setup` and `app create` write: what was asked for, and every other key as a comment with its doc.
/// But for groups, and what few need: those are left out.
[[nodiscard]] std::string server_settings_template(const ServerSettings& settings);
[[nodiscard]] std::string app_settings_template(const AppSettings& settings);

/// Whether a variable can have that name.
[[nodiscard]] bool is_variable_name(std::string_view name);
/// Lines NAME="VALUE" that parse_env_file() reads back.
[[nodiscard]] std::string to_env_file(const std::map<std::string, std::string>& variables);
/// Lines NAME=VALUE or export NAME=VALUE, empty lines, and comments: a '#' first or after a blank. A value may be in
/// single quotes, as it is, or in double quotes, where \n \r \t \" \\ \$ \` are read; either may go on over lines. No
/// `$X` is looked up. Throws Error(settings) with `path:line`, never quoting the value.
[[nodiscard]] std::map<std::string, std::string> parse_env_file(const SettingsText& text);

} // namespace teal
