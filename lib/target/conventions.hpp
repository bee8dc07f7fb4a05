/// @file
/// Conventions: what a commit says by files that other tools read, too, Procfile and app.json.
///
/// Invariant: what the settings say (.tealhook.yml or app.yml) wins. All of it comes from whoever can push: it names
/// commands that run in the container and nowhere else, and no more patience than the server has.
#pragma once

#include "config/load.hpp"

#include <optional>
#include <string>
#include <vector>

namespace teal {

struct CommitFiles {
  std::optional<SettingsText> settings; ///< .tealhook.yml
  std::optional<SettingsText> procfile;
  std::optional<SettingsText> app_json;
};

/// Completes `settings`, which were read from `own` and the commit's. Returns what was taken from where, and what of it
/// is not heeded, in words. Throws Error(settings) "path:line: …".
std::vector<std::string> follow_conventions(AppSettings& settings, const SettingsText& own, const CommitFiles& files);

/// Throws Error(settings) "path:line: …" if the commit asks for more patience than the server has for one.
void require_patience(const CommitFiles& files, const ServerSettings::Limits& limits);

} // namespace teal
