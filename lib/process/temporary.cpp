#include "process/temporary.hpp"

#include "core/text.hpp"

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

} // namespace

std::string temporary_name(const std::filesystem::path& folder, const std::string& name) {
  remove_temporaries_of_the_dead(folder, name);
  return (folder / fmt::format("{}.by-{}.XXXXXX", name, ::getpid())).string();
}

void remove_temporaries_of_the_dead(const std::filesystem::path& folder, const std::string& name) {
  const std::string prefix = name + ".by-";
  std::error_code fault; // what cannot be removed hinders nobody
  for (const auto& entry : std::filesystem::directory_iterator(folder.empty() ? "." : folder, fault)) {
    const std::string found = entry.path().filename().string();
    const auto end = found.rfind('.');
    if (found.starts_with(prefix) && end > prefix.size() && is_dead(found.substr(prefix.size(), end - prefix.size()))) {
      std::filesystem::remove_all(entry.path(), fault);
    }
  }
}

} // namespace teal
