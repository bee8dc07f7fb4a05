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

void remove_those_of_the_dead(const std::filesystem::path& folder, const std::string& prefix) {
  std::error_code fault; // what cannot be removed hinders nobody
  for (const auto& entry : std::filesystem::directory_iterator(folder, fault)) {
    const std::string name = entry.path().filename().string();
    const auto end = name.rfind('.');
    if (name.starts_with(prefix) && end > prefix.size() && is_dead(name.substr(prefix.size(), end - prefix.size()))) {
      std::filesystem::remove_all(entry.path(), fault);
    }
  }
}

} // namespace

std::string temporary_name(const std::filesystem::path& folder, const std::string& name) {
  const std::string prefix = name + ".by-";
  remove_those_of_the_dead(folder.empty() ? std::filesystem::path(".") : folder, prefix);
  return (folder / fmt::format("{}{}.XXXXXX", prefix, ::getpid())).string();
}

} // namespace teal
