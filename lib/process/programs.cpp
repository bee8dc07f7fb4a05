#include "core/text.hpp"
#include "process/subprocess.hpp"

#include <unistd.h>

#include <algorithm>

namespace teal {

namespace {

constexpr const char* k_usual_path = "/usr/local/bin:/usr/bin:/bin"; // what sshd gives where nothing else is set
/// Where servers are, which no user's PATH on Debian has.
constexpr const char* k_server_folders = "/usr/local/sbin:/usr/sbin:/sbin";

bool is_program(const std::filesystem::path& file) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

} // namespace

std::vector<std::filesystem::path> find_programs(std::string_view name, const Environment& environment) {
  std::vector<std::filesystem::path> found;
  if (name.empty()) {
    return found;
  }
  if (name.find('/') != std::string_view::npos) {
    std::error_code nowhere; // we are in a folder that is gone
    if (auto file = std::filesystem::absolute(name, nowhere); !nowhere && is_program(file)) {
      found.push_back(std::move(file));
    }
    return found;
  }
  const auto path = environment.find("PATH");
  const std::string folders = path == environment.end() ? k_usual_path : path->second;
  for (const std::string& folder : split(folders + ":" + k_server_folders, ':')) {
    auto file = std::filesystem::path(folder) / name;
    // A relative folder would mean whatever directory we happen to be in.
    if (file.is_absolute() && is_program(file) && std::find(found.begin(), found.end(), file) == found.end()) {
      found.push_back(std::move(file));
    }
  }
  return found;
}

std::optional<std::filesystem::path> find_program(std::string_view name, const Environment& environment) {
  const auto found = find_programs(name, environment);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

} // namespace teal
