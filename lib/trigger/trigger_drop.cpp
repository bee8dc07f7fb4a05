#include "trigger/trigger_drop.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "http/hmac.hpp"
#include "process/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <ctime>

namespace teal {

namespace {

constexpr std::string_view k_unfinished = ".tmp";
constexpr std::time_t k_abandoned_after = 3600; ///< seconds
constexpr mode_t k_mode = 0644;

} // namespace

TriggerDrop::TriggerDrop(std::filesystem::path folder)
    : m_path(std::move(folder)),
      m_folder(open_file(m_path, O_RDONLY | O_DIRECTORY, fmt::format("open the folder '{}'", m_path.string()))) {
  if (::faccessat(m_folder.number(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    fail_to(fmt::format("put files into '{}' as uid {}", m_path.string(), ::geteuid()));
  }
  for (const std::string& name : files::names_in(m_path)) {
    struct stat facts {};
    if (name.front() == '.' && name.ends_with(k_unfinished) &&
        ::fstatat(m_folder.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(facts.st_mode) &&
        facts.st_uid == ::geteuid() && facts.st_mtim.tv_sec < std::time(nullptr) - k_abandoned_after) {
      ::unlinkat(m_folder.number(), name.c_str(), 0);
    }
  }
}

void TriggerDrop::put(const std::string& name, std::string_view line) const {
  const std::string doing = fmt::format("write '{}'", (m_path / name).string());
  const std::string hidden = fmt::format(".{}.{}{}", name, http::random_token(8), k_unfinished);
  constexpr int k_flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  const Descriptor file = own(::openat(m_folder.number(), hidden.c_str(), k_flags, k_mode), doing);
  const std::string text = std::string(line) + '\n';
  const bool is_put = write_all(file.number(), text.data(), text.size()) && ::fsync(file.number()) == 0 &&
                      ::renameat(m_folder.number(), hidden.c_str(), m_folder.number(), name.c_str()) == 0;
  if (!is_put) {
    const int fault = errno;
    ::unlinkat(m_folder.number(), hidden.c_str(), 0);
    errno = fault;
    fail_to(doing);
  }
  if (::fsync(m_folder.number()) != 0) {
    fail_to(doing);
  }
}

} // namespace teal
