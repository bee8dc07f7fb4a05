#include "process/temporary.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace teal {

namespace {

bool is_dead(const std::string& process) {
  const auto pid = parse_integer(process);
  return pid && *pid > 0 && ::kill(static_cast<pid_t>(*pid), 0) != 0 && errno == ESRCH;
}

/// None where they cannot be read.
std::vector<std::string> names_in(const std::filesystem::path& folder) {
  try {
    return files::names_in(folder);
  } catch (const Error&) {
    return {};
  }
}

} // namespace

std::string temporary_name(const std::filesystem::path& folder, const std::string& name) {
  remove_temporaries_of_the_dead(folder, name);
  return (folder / fmt::format("{}.by-{}.XXXXXX", name, ::getpid())).string();
}

void remove_temporaries_of_the_dead(const std::filesystem::path& folder, const std::string& name) {
  const std::string prefix = name + ".by-";
  const std::filesystem::path place = folder.empty() ? "." : folder;
  for (const std::string& found : names_in(place)) {
    const auto end = found.rfind('.');
    if (found.starts_with(prefix) && end > prefix.size() && is_dead(found.substr(prefix.size(), end - prefix.size()))) {
      std::error_code stays; // it hinders nobody
      std::filesystem::remove_all(place / found, stays);
    }
  }
}

} // namespace teal
