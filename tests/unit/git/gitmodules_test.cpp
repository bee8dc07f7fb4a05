#include "git/gitmodules.hpp"
#include "support/catch.hpp"

using namespace teal::git;
using Urls = std::map<std::string, std::string>;

TEST_CASE("what git writes to .gitmodules is read") {
  CHECK(parse_gitmodules("[submodule \"lib/one\"]\n\tpath = lib/one\n\turl = https://example.com/one.git\n"
                         "[submodule \"two\"]\n\tpath = two\n\turl = git@example.com:two\n\tbranch = main\n") ==
        Urls{{"lib/one", "https://example.com/one.git"}, {"two", "git@example.com:two"}});
}

TEST_CASE("quotes, escapes, comments, case and continued lines are read as git reads them") {
  CHECK(parse_gitmodules(
            "# comment\n[SubModule \"a]b\"] ; more\r\n\tPATH=\"with # and  \"\r\n  url = https:\\\\x\\\n/y ; why\n") ==
        Urls{{"with # and  ", "https:\\x/y"}});
}

TEST_CASE("other sections, and submodules without a URL, are left out") {
  CHECK(parse_gitmodules("[core]\n\tpath = a\n\turl = b\n[submodule \"c\"]\n\tpath = c\n").empty());
  CHECK(parse_gitmodules("").empty());
  CHECK(parse_gitmodules("path = a\nurl = b\n[submodule").empty());
}

TEST_CASE("an include is not followed") {
  CHECK(parse_gitmodules("[include]\n\tpath = /etc/gitconfig\n").empty());
}
