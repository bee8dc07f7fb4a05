#include "core/error.hpp"
#include "process/user.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

using namespace teal;

namespace {

/// What `work` returns in a process of its own: it may give up being root for good.
int in_a_child(const std::function<int()>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int result = 100;
    try {
      result = work();
    } catch (const std::exception&) {
      result = 101;
    }
    ::_exit(result);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

} // namespace

TEST_CASE("the user has a name") {
  const passwd* user = ::getpwuid(::geteuid());
  CHECK(user_name() == (user != nullptr ? std::string(user->pw_name) : "uid " + std::to_string(::geteuid())));
}

TEST_CASE("in one's own folder, or a missing one, one stays who one is") {
  const TempFolder folder;
  Environment environment{{"HOME", "/mine"}};
  become_owner_of(folder.path(), environment);
  become_owner_of(folder.path() / "missing", environment);
  CHECK(environment == Environment{{"HOME", "/mine"}});
}

TEST_CASE("root becomes the owner of a folder, with groups, home and name") {
  const passwd* nobody = ::getpwnam("nobody");
  if (::geteuid() != 0 || nobody == nullptr) {
    SKIP_TEST("only root can become another");
  }
  const TempFolder folder;
  REQUIRE(::chown(folder.path().c_str(), nobody->pw_uid, nobody->pw_gid) == 0);
  CHECK(in_a_child([&] {
          Environment environment{{"HOME", "/root"}};
          become_owner_of(folder.path(), environment);
          const bool is_nobody = ::getuid() == nobody->pw_uid && ::geteuid() == nobody->pw_uid &&
                                 ::getgid() == nobody->pw_gid && ::setuid(0) != 0;
          const bool is_told = environment["HOME"] == nobody->pw_dir && environment["USER"] == "nobody";
          return (is_nobody ? 1 : 0) + (is_told ? 2 : 0);
        }) == 3);
}

TEST_CASE("root does not go on in a folder of a user that the host does not know") {
  constexpr uid_t k_unknown = 3'999'999'999;
  if (::geteuid() != 0 || ::getpwuid(k_unknown) != nullptr) {
    SKIP_TEST("only root can give folders away");
  }
  const TempFolder folder;
  REQUIRE(::chown(folder.path().c_str(), k_unknown, k_unknown) == 0);
  Environment environment;
  CHECK_THROWS_WITH(become_owner_of(folder.path(), environment), ContainsSubstring("who is no user of this host"));
}
