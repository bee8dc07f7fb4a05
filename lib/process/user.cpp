#include "process/user.hpp"

#include "core/error.hpp"
#include "process/files.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace teal {

namespace {

UserEntry to_entry(const passwd& user) {
  return {.name = user.pw_name, .uid = user.pw_uid, .gid = user.pw_gid, .folder = user.pw_dir, .shell = user.pw_shell};
}

UserEntry require_user(uid_t uid) {
  const passwd* user = ::getpwuid(uid);
  if (user == nullptr) {
    throw Error(ErrorKind::environment, fmt::format("uid {} is no user of this host", uid));
  }
  return to_entry(*user);
}

} // namespace

UserEntry current_user() {
  return require_user(::geteuid());
}

UserEntry owner_of(const std::filesystem::path& folder) {
  struct stat facts {};
  return require_user(::stat(folder.c_str(), &facts) == 0 ? facts.st_uid : ::geteuid());
}

std::string group_name(std::uint32_t gid) {
  const group* found = ::getgrgid(gid);
  return found != nullptr ? found->gr_name : std::to_string(gid);
}

std::optional<UserEntry> find_user(const std::string& name) {
  const passwd* user = ::getpwnam(name.c_str());
  return user == nullptr ? std::nullopt : std::optional(to_entry(*user));
}

std::string user_name() {
  const passwd* user = ::getpwuid(::geteuid());
  return user != nullptr ? user->pw_name : fmt::format("uid {}", ::geteuid());
}

void become_owner_of(const std::filesystem::path& folder, Environment& environment) {
  struct stat status {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &status) != 0 || status.st_uid == 0) {
    return;
  }
  const passwd* owner = ::getpwuid(status.st_uid);
  if (owner == nullptr) {
    throw Error(ErrorKind::environment,
                fmt::format("'{}' belongs to uid {}, who is no user of this host; give it an owner", folder.string(),
                            status.st_uid));
  }
  if (::initgroups(owner->pw_name, owner->pw_gid) != 0 || ::setgid(owner->pw_gid) != 0 ||
      ::setuid(owner->pw_uid) != 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot become '{}', who owns '{}': {}", owner->pw_name,
                                                    folder.string(), system_reason(errno)));
  }
  environment["HOME"] = owner->pw_dir;
  environment["USER"] = environment["LOGNAME"] = owner->pw_name;
}

void give_to_owner_of(const std::filesystem::path& home, const std::filesystem::path& folder) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(home.c_str(), &owner) != 0 || owner.st_uid == 0) {
    return;
  }
  const auto give = [&](const std::filesystem::path& path) {
    if (::lchown(path.c_str(), owner.st_uid, owner.st_gid) != 0) {
      throw Error(ErrorKind::environment,
                  fmt::format("cannot give '{}' to its owner: {}", path.string(), system_reason(errno)));
    }
  };
  give(folder);
  files::for_each_below(folder, [&](const std::filesystem::directory_entry& entry) { give(entry.path()); });
}

} // namespace teal
