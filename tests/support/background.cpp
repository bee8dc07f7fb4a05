#include "support/background.hpp"

#include "core/text.hpp"
#include "support/wait_until.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace teal {

namespace {

std::string content_of(const std::filesystem::path& file) {
  std::ostringstream text; // which, unlike an iterator, does not throw where a process has ended meanwhile
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// Nobody can wait for a detached process, so a shell tells how the command ended.
Command telling_its_end(Command command) {
  command.arguments.insert(command.arguments.begin(),
                           {"/bin/sh", "-c", R"(trap : INT TERM; "$@"; echo "exit: $?")", "sh"});
  return command;
}

} // namespace

Background::Background(Command command)
    : m_process(start_detached(telling_its_end(std::move(command)), m_folder.path() / "output")) {}

Background::~Background() {
  if (is_running()) {
    signal(SIGKILL);
  }
}

std::string Background::text() const {
  return content_of(m_folder.path() / "output");
}

std::string Background::finish() const {
  wait_until([this] { return !is_running(); }, std::chrono::minutes(1),
             "the end of a command that printed:\n" + text());
  return text();
}

void Background::signal(int number) const {
  ::kill(-::getpgid(m_process.pid), number);
}

std::optional<ProcessId> find_process(const std::vector<std::string>& words) {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto pid = parse_integer(entry.path().filename().string());
    if (!pid) {
      continue;
    }
    const std::vector<std::string> arguments = split(content_of(entry.path() / "cmdline"), '\0');
    if (std::all_of(words.begin(), words.end(), [&](const std::string& word) {
          return std::find(arguments.begin(), arguments.end(), word) != arguments.end();
        })) {
      return identify(static_cast<pid_t>(*pid));
    }
  }
  return std::nullopt;
}

} // namespace teal
