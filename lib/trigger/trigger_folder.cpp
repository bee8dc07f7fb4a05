#include "trigger/trigger_folder.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "http/hmac.hpp"
#include "model/trigger_file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>

namespace teal {

namespace {

constexpr const char* k_claimed = ".claimed";
constexpr const char* k_refused = ".refused";
constexpr char k_after_id = '+'; ///< "0001760000000000-8f3a…+push-shop-main"
constexpr std::size_t k_longest_line = 200;
constexpr mode_t k_private = 0700;

using OpenFolder = std::unique_ptr<DIR, int (*)(DIR*)>;

Descriptor open_at(int folder, const char* name, int flags, const std::string& doing) {
  return own(::openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW), doing);
}

struct stat facts_of(int descriptor, const std::string& doing) {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) {
    fail_to(doing);
  }
  return facts;
}

Descriptor open_folder(const std::filesystem::path& path) {
  return open_file(path, O_RDONLY | O_DIRECTORY, fmt::format("open the folder '{}'", path.string()));
}

/// Without it, whoever else may write there could take away what was put there, or put something in its place.
void require_own_changes(const std::filesystem::path& path, const struct stat& facts) {
  if ((facts.st_mode & (S_IWGRP | S_IWOTH)) != 0 && (facts.st_mode & S_ISVTX) == 0) {
    throw Error(ErrorKind::settings,
                fmt::format("'{0}' can be changed by {1}: nothing is taken from there; chmod {2} '{0}', or, with a "
                            "sticky bit: chmod +t '{0}'",
                            path.string(), (facts.st_mode & S_IWOTH) != 0 ? "everybody" : "a group",
                            (facts.st_mode & S_IWOTH) != 0 ? "go-w" : "g-w"));
  }
}

/// A folder of ours in it, where nobody else can change anything.
Descriptor make_private(int folder, const std::filesystem::path& path, const char* name) {
  const std::string doing = fmt::format("make the folder '{}'", (path / name).string());
  if (::mkdirat(folder, name, k_private) != 0 && errno != EEXIST) {
    fail_to(doing);
  }
  Descriptor made = open_at(folder, name, O_RDONLY | O_DIRECTORY, doing);
  const struct stat facts = facts_of(made.number(), doing);
  if ((facts.st_uid != ::geteuid() && facts.st_uid != 0) || (facts.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' is not ours alone: remove it, and it is made anew", (path / name).string()));
  }
  return made;
}

std::vector<std::string> names_in(int folder, const std::string& doing) {
  OpenFolder listing(::fdopendir(open_at(folder, ".", O_RDONLY | O_DIRECTORY, doing).release()), &::closedir);
  if (!listing) {
    fail_to(doing);
  }
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(listing.get())) {
    names.emplace_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string kind_of(mode_t mode) {
  return S_ISLNK(mode) ? "a link" : S_ISDIR(mode) ? "a folder" : "no regular file";
}

std::string make_id() {
  const auto now = std::chrono::duration_cast<Milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  return fmt::format("{:016}-{}", now.count(), http::random_token(8));
}

std::string claimed_name(const TriggerFile& file) {
  return file.id + k_after_id + file.name;
}

} // namespace

void require_trigger_folder(const std::filesystem::path& path) {
  const Descriptor opened = open_folder(path);
  require_own_changes(path, facts_of(opened.number(), "look at '" + path.string() + "'"));
}

TriggerFolder::TriggerFolder(std::filesystem::path path)
    : m_path(std::move(path)), m_folder(open_folder(m_path)), m_owner(0) {
  const struct stat facts = facts_of(m_folder.number(), "look at '" + m_path.string() + "'");
  require_own_changes(m_path, facts);
  m_owner = facts.st_uid;
  m_claimed = make_private(m_folder.number(), m_path, k_claimed);
}

std::vector<TriggerFolder::Found> TriggerFolder::names() const {
  const std::string doing = "read the folder '" + m_path.string() + "'";
  if (facts_of(m_folder.number(), doing).st_nlink == 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot {}: it was removed", doing));
  }
  std::vector<Found> found;
  for (std::string& name : names_in(m_folder.number(), doing)) {
    struct stat facts {};
    if (is_trigger_file_name(name) && ::fstatat(m_folder.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
      const Milliseconds since(facts.st_mtim.tv_sec * 1000 + facts.st_mtim.tv_nsec / 1'000'000);
      found.push_back({std::move(name), TimePoint(since)});
    }
  }
  return found;
}

std::optional<TriggerFile> TriggerFolder::take(const std::string& name) const {
  TriggerFile file{make_id(), name};
  if (::renameat(m_folder.number(), name.c_str(), m_claimed.number(), claimed_name(file).c_str()) == 0) {
    return file;
  }
  if (errno == ENOENT) {
    return std::nullopt;
  }
  fail_to(fmt::format("take '{}'", (m_path / name).string()));
}

std::optional<std::string> TriggerFolder::refuse_unless_fit(const TriggerFile& file, std::optional<uid_t> owner) const {
  const std::string claimed = claimed_name(file);
  const auto why = why_unfit(claimed, owner);
  if (!why) {
    return std::nullopt;
  }
  const Descriptor refused = make_private(m_folder.number(), m_path, k_refused);
  const std::string kept = (m_path / k_refused / claimed).string();
  if (::renameat(m_claimed.number(), claimed.c_str(), refused.number(), claimed.c_str()) != 0) {
    fail_to(fmt::format("move what is refused to '{}'", kept));
  }
  return fmt::format("{}; it is kept as '{}'", *why, kept);
}

/// By its name in our own folder, where it stays what it is.
std::optional<std::string> TriggerFolder::why_unfit(const std::string& claimed, std::optional<uid_t> owner) const {
  struct stat facts {};
  if (::fstatat(m_claimed.number(), claimed.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0) {
    fail_to(fmt::format("look at '{}'", (m_path / k_claimed / claimed).string()));
  }
  if (!S_ISREG(facts.st_mode)) {
    return "it is " + kind_of(facts.st_mode);
  }
  if (facts.st_nlink != 1) {
    return "it has another name somewhere (a hard link)";
  }
  if (facts.st_uid != 0 && facts.st_uid != ::geteuid() && facts.st_uid != m_owner && facts.st_uid != owner) {
    return fmt::format("it belongs to uid {}, who may not trigger anything here (owner)", facts.st_uid);
  }
  if (facts.st_size > k_largest) {
    return fmt::format("it has {}, more than {}", format_size(static_cast<std::uint64_t>(facts.st_size)),
                       format_size(static_cast<std::uint64_t>(k_largest)));
  }
  return std::nullopt;
}

std::string TriggerFolder::first_line(const TriggerFile& file) const {
  const Descriptor opened(
      ::openat(m_claimed.number(), claimed_name(file).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::array<char, k_longest_line * 4> text{};
  const ssize_t size = opened ? read_some(opened.number(), text.data(), text.size()) : -1;
  if (size <= 0) {
    return {};
  }
  const std::string_view read(text.data(), static_cast<std::size_t>(size));
  return shorten(printable(trim(read.substr(0, read.find('\n')))), k_longest_line);
}

std::vector<TriggerFile> TriggerFolder::left_over() const {
  std::vector<TriggerFile> files;
  const std::string place = (m_path / k_claimed).string();
  for (const std::string& claimed : names_in(m_claimed.number(), "read the folder '" + place + "'")) {
    const std::size_t end = claimed.find(k_after_id);
    if (claimed.front() != '.' && end != std::string::npos) {
      files.push_back({claimed.substr(0, end), claimed.substr(end + 1)});
    }
  }
  return files;
}

void TriggerFolder::forget(const TriggerFile& file) const {
  const std::string claimed = claimed_name(file);
  if (::unlinkat(m_claimed.number(), claimed.c_str(), 0) != 0 && errno != ENOENT) {
    fail_to(fmt::format("remove '{}'", (m_path / k_claimed / claimed).string()));
  }
}

} // namespace teal
