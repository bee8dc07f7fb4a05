/// @file
/// Variables: the environment that an app's programs are given, and changes of it by people.
///
/// Invariant: a change is on disk whole or not at all, in files that only the home's user can read where it has values;
/// one that is put back leaves alone what somebody else changed since.
#pragma once

#include "config/load.hpp"
#include "model/home.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

struct Variable {
  std::string name;
  std::string value;
  std::string origin; ///< where it stands: a path, or "1a2b3c4:.tealhook.yml"
};

/// By name, as the next deployment of what `pushed` is of would have them.
[[nodiscard]] std::vector<Variable> variables_of(const Home& home, std::string_view app,
                                                 const std::optional<SettingsText>& pushed);

/// A value by name; nothing: it is to be unset.
using VariableWishes = std::map<std::string, std::optional<std::string>>;

class VariableChange {
public:
  /// Makes it: what is set goes to the app's `env`, and wins over all else; what is unset goes from there and from
  /// run.env of app.yml. Throws Error(usage) for a name that no variable has, or a value with a NUL, and then nothing
  /// is changed.
  VariableChange(const Home& home, std::string_view app, const VariableWishes& wishes);

  [[nodiscard]] bool changes_anything() const { return !m_files.empty(); }
  /// False if somebody changed it since: then it stands.
  bool put_back();

private:
  struct File {
    std::filesystem::path path;
    std::string before;
    std::string after;
    mode_t mode;
  };
  void write(File file);

  AppFolder m_folder;
  std::vector<File> m_files; ///< that were changed
};

} // namespace teal
