#include "upkeep/variables.hpp"

#include "config/edit.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr mode_t k_own = 0600;
constexpr std::chrono::seconds k_patience(10);
constexpr std::size_t k_quoted_name = 60;

FileLock acquire_lock(const AppFolder& folder) {
  if (auto lock = FileLock::acquire_any({folder.env_lock()}, k_patience)) {
    return std::move(*lock);
  }
  throw Error(ErrorKind::busy, "somebody else changes these variables; try again");
}

void require_sound(const VariableWishes& wishes) {
  for (const auto& [name, value] : wishes) {
    if (!is_variable_name(name)) {
      throw Error(ErrorKind::usage, fmt::format("'{}' cannot be a variable: give a name of letters, digits and '_', no "
                                                "digit first",
                                                shorten(printable(name), k_quoted_name)));
    }
    if (value && value->find('\0') != std::string::npos) {
      throw Error(ErrorKind::usage, fmt::format("the value of '{}' has a NUL, which no variable can have", name));
    }
  }
}

std::string changed_env(const AppFolder& folder, const std::string& text, const VariableWishes& wishes) {
  const auto before = parse_env_file({folder.env().string(), text});
  auto variables = before;
  for (const auto& [name, value] : wishes) {
    if (value) {
      variables[name] = *value;
    } else {
      variables.erase(name);
    }
  }
  return variables == before ? text : to_env_file(variables);
}

std::string changed_settings(const std::filesystem::path& file, std::string text, const VariableWishes& wishes) {
  const auto given = parse_app_settings({file.string(), text}, std::nullopt).run.env;
  for (const auto& [name, value] : wishes) {
    if (!value && given.contains(name)) {
      text = edit_settings({file.string(), text}, SettingPath{"run", "env", name}, std::nullopt);
    }
  }
  return text;
}

} // namespace

std::vector<Variable> variables_of(const Home& home, std::string_view app, const std::optional<SettingsText>& pushed) {
  const AppFolder folder = home.app(app);
  const AppSettings own = load_app_settings(home, app);
  std::map<std::string, Variable> found;
  const auto add = [&](const std::map<std::string, std::string>& variables, const std::string& origin) {
    for (const auto& [name, value] : variables) {
      found[name] = {name, value, origin};
    }
  };
  if (!own.run.env_file.empty()) {
    const auto file = folder.root / own.run.env_file;
    add(parse_env_file({file.string(), read_file(file)}), file.string());
  }
  if (pushed) {
    add(load_app_settings(home, app, pushed).run.env, pushed->name);
  }
  add(own.run.env, folder.settings().string());
  add(parse_env_file({folder.env().string(), read_own_env(folder)}), folder.env().string());
  std::vector<Variable> variables;
  std::transform(found.begin(), found.end(), std::back_inserter(variables), [](auto& one) { return one.second; });
  return variables;
}

VariableChange::VariableChange(const Home& home, std::string_view app, const VariableWishes& wishes)
    : m_folder(home.app(app)) {
  require_sound(wishes);
  const FileLock lock = acquire_lock(m_folder);
  const auto settings = m_folder.settings();
  const std::string env_before = read_own_env(m_folder);
  const std::string settings_before = read_file(settings);
  std::string env = changed_env(m_folder, env_before, wishes);
  std::string edited = changed_settings(settings, settings_before, wishes);
  const auto settings_mode = static_cast<mode_t>(files::permissions_of(settings));
  write({m_folder.env(), env_before, std::move(env), k_own});
  write({settings, settings_before, std::move(edited), settings_mode});
}

void VariableChange::write(File file) {
  if (file.before != file.after) {
    write_file(file.path, file.after, file.mode);
    m_files.push_back(std::move(file));
  }
}

bool VariableChange::put_back() {
  const FileLock lock = acquire_lock(m_folder);
  const bool is_ours = std::all_of(m_files.begin(), m_files.end(), [](const File& file) {
    return files::exists(file.path) && read_file(file.path) == file.after;
  });
  if (is_ours) {
    for (const File& file : m_files) {
      write_file(file.path, file.before, file.mode);
    }
  }
  return is_ours;
}

} // namespace teal
