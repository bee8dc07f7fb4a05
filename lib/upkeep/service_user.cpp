#include "upkeep/service_user.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "process/files.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace teal {

namespace {

namespace fs = std::filesystem;

void require_root() {
  if (::geteuid() != 0) {
    throw Error(ErrorKind::usage, "only root can make a user and give it a home: run it as root");
  }
}

/// As useradd(8) of Debian takes it by default.
void require_user_name(const std::string& name) {
  constexpr std::string_view k_first = "abcdefghijklmnopqrstuvwxyz_";
  constexpr std::string_view k_others = "abcdefghijklmnopqrstuvwxyz_0123456789-";
  if (name.empty() || name.size() > 32 || k_first.find(name.front()) == std::string_view::npos ||
      name.find_first_not_of(k_others) != std::string::npos || name == "root") {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' cannot be the user of a home: use 1 to 32 of a-z, 0-9, '_' and '-', a letter first",
                            shorten(printable(name), 60)));
  }
}

void run_as_root(std::vector<std::string> arguments, const Environment& environment) {
  run_or_throw({.arguments = std::move(arguments), .environment = environment});
}

void make_user(const std::string& name, const Home& home, const Environment& environment) {
  std::vector<std::string> command{
      "useradd", "--system",   "--home-dir", home.root.string(), "--no-create-home", "--comment", "tealhook", "--shell",
      "/bin/sh", "--password", "*"}; // none that fits; '!' would keep keys out, too, without PAM
  if (::getgrnam(name.c_str()) == nullptr) {
    command.emplace_back("--user-group");
  } else {
    command.insert(command.end(), {"--gid", name});
  }
  command.push_back(name);
  run_as_root(std::move(command), environment);
}

bool is_member(const UserEntry& user, gid_t group) {
  std::vector<gid_t> groups(256);
  int count = static_cast<int>(groups.size());
  const int found = ::getgrouplist(user.name.c_str(), user.gid, groups.data(), &count);
  return found > 0 && std::find(groups.begin(), groups.begin() + found, group) != groups.begin() + found;
}

void join_engine(ServiceUser& user, const std::string& engine, const Environment& environment) {
  constexpr std::string_view k_prefix = "unix://";
  struct stat socket {};
  if (!engine.starts_with(k_prefix)) {
    return; // by TLS or ssh, whoever has the key may speak to it
  }
  if (::stat(engine.substr(k_prefix.size()).c_str(), &socket) != 0) {
    user.warnings.push_back(
        fmt::format("there is no socket of an engine at '{}' yet; once there is: tealhook check", engine));
    return;
  }
  const group* found = socket.st_gid == 0 ? nullptr : ::getgrgid(socket.st_gid);
  if (found == nullptr) {
    user.warnings.push_back(fmt::format("the engine's socket '{}' is root's alone: give it a group, then once more: "
                                        "tealhook setup --user {}",
                                        engine.substr(k_prefix.size()), user.entry.name));
  } else if (!is_member(user.entry, socket.st_gid)) {
    user.joined = found->gr_name;
    run_as_root({"usermod", "--append", "--groups", user.joined, user.entry.name}, environment);
  }
}

/// A folder of the system is not given away for a wrong --home, and what root started could not be ended by the user.
void require_home_at_rest(const Home& home, const Environment& environment) {
  if (!files::exists(home.settings())) {
    if (!files::names_in(home.root).empty()) {
      throw Error(ErrorKind::usage,
                  fmt::format("'{}' is root's, has something in it, and is no home of tealhook's: name a folder of its "
                              "own with --home",
                              home.root.string()));
    }
    return;
  }
  if (FileLock::is_held(home.serve_lock())) {
    throw Error(ErrorKind::busy, "'tealhook serve' runs there as root; end it first");
  }
  Services services(home, environment);
  const auto refuse = [&](const char* what) {
    throw Error(ErrorKind::usage, fmt::format("the {0} of '{1}' was started by root and would stay root's; first: "
                                              "tealhook {0} down",
                                              what, home.root.string()));
  };
  if (services.router && services.router->is_running()) {
    refuse("router");
  }
  if (services.registry_server().is_wanted()) {
    refuse("registry");
  }
  const SystemClock clock;
  if (!Store(home.store(), clock).queue.pending().empty()) {
    throw Error(ErrorKind::busy, "something is being deployed there as root; try again when that has ended");
  }
}

void give_home(ServiceUser& user, const Home& home) {
  files::create_directories(home.root);
  struct stat folder {};
  if (::stat(home.root.c_str(), &folder) != 0 || folder.st_uid == user.entry.uid) {
    return;
  }
  if (folder.st_uid != 0) {
    throw Error(ErrorKind::usage, fmt::format("'{}' belongs to uid {}, not to root: it is not given to '{}'",
                                              home.root.string(), folder.st_uid, user.entry.name));
  }
  user.was_given_home = files::exists(home.settings());
  std::vector<fs::path> inside;
  files::for_each_below(home.root, [&](const fs::directory_entry& entry) { inside.push_back(entry.path()); });
  const auto give = [&](const fs::path& path, auto* change_owner) {
    if (change_owner(path.c_str(), user.entry.uid, user.entry.gid) != 0) {
      throw Error(ErrorKind::environment,
                  fmt::format("cannot give '{}' to '{}': {}", path.string(), user.entry.name, system_reason(errno)));
    }
  };
  // From the leaves, and the home last: until then another try begins anew, and nobody can put a link in our way.
  std::for_each(inside.rbegin(), inside.rend(), [&](const fs::path& path) { give(path, &::lchown); });
  give(home.root, &::chown);
}

} // namespace

std::string describe_shell_fault(const UserEntry& user) {
  const std::string shell = fs::path(user.shell).filename();
  return shell != "nologin" && shell != "false"
             ? ""
             : fmt::format("'{0}' has the shell '{1}', which runs no commands, so that no key can be used; as root: "
                           "usermod --shell /bin/sh {0}",
                           user.name, user.shell);
}

ServiceUser make_service_user(const Home& home, const ServiceUserWish& wish, const Environment& environment) {
  require_root();
  require_user_name(wish.name);
  struct stat folder {};
  const bool is_roots = ::stat(home.root.c_str(), &folder) == 0 && folder.st_uid == 0;
  if (is_roots) {
    require_home_at_rest(home, environment);
  }
  ServiceUser user;
  auto entry = find_user(wish.name);
  if (!entry) {
    make_user(wish.name, home, environment);
    user.made = true;
    entry = find_user(wish.name);
  }
  if (!entry) {
    throw Error(ErrorKind::environment, fmt::format("useradd made '{}', but the system does not know it", wish.name));
  }
  user.entry = *entry;
  give_home(user, home);
  join_engine(user, wish.engine, environment);
  if (std::string fault = describe_shell_fault(user.entry); !fault.empty()) {
    user.warnings.push_back(std::move(fault));
  }
  return user;
}

} // namespace teal
