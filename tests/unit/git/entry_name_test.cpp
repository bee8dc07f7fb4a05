#include "git/entry_name.hpp"
#include "support/catch.hpp"

#include <string>

using namespace teal::git;

TEST_CASE("names that mean something else to a file system are faulted") {
  for (const std::string name : {"", ".", "..", "a/b", "/", ".git", ".GIT", ".giT", ".git ", ".git.", ".git . .",
                                 ".git:stream", "git~1", "GIT~1", ".g\xe2\x80\x8cit", "\xef\xbb\xbf.git"}) {
    CAPTURE(name);
    CHECK_FALSE(fault_of_name(name).empty());
  }
  CHECK_FALSE(fault_of_name(std::string(256, 'x')).empty());
}

TEST_CASE("names that only look like those are fine") {
  for (const std::string name : {"...", ".gitignore", ".gitattributes", ".github", "git", "git~2", ".git2", "a.git",
                                 "-", "-rf", "a\\b", " ", "\xe2\x80\x8c", "line\nfeed"}) {
    CAPTURE(name);
    CHECK(fault_of_name(name).empty());
  }
  CHECK(fault_of_name(std::string(255, 'x')).empty());
}

TEST_CASE("'.gitmodules' is known in every guise") {
  CHECK(is_gitmodules(".gitmodules"));
  CHECK(is_gitmodules(".GitModules "));
  CHECK_FALSE(is_gitmodules("gitmodules"));
}
