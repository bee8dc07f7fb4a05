/// @file
/// ServiceUser: the Unix user that a home belongs to, so that nothing on the server is root's.
///
/// Invariant: a user that is there is not changed, but for the group it needs; a home of another user's is not taken.
#pragma once

#include "model/home.hpp"
#include "process/user.hpp"

#include <string>
#include <vector>

namespace teal {

struct ServiceUser {
  UserEntry entry;
  bool made = false;
  bool was_given_home = false; ///< it was root's before
  std::string joined;          ///< the group that it was put into: the engine's; empty if none
  std::vector<std::string> warnings;
};

struct ServiceUserWish {
  std::string name;
  std::string engine; ///< "unix:///var/run/docker.sock"
};

/// As root: makes the user where it is missing (a system user whose home is ours, with a shell for the commands of
/// keys, and no password that would let anybody in), puts it into the group that may speak to the engine, and makes the
/// home's folder its own. Throws Error(usage) for whoever is not root, for a name that cannot be, for a home that is a
/// third user's, and for one of root's where registry or router run, which would stay root's; busy while something is
/// deployed there.
[[nodiscard]] ServiceUser make_service_user(const Home& home, const ServiceUserWish& wish,
                                            const Environment& environment);

/// Why sshd would run no command for that user, and what to do; or nothing.
[[nodiscard]] std::string describe_shell_fault(const UserEntry& user);

} // namespace teal
