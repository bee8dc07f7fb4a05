#include "forge/forge_api.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using Kind = SourceSettings::Forge;

TEST_CASE("a token is one line of a file that its owner alone may read") {
  const TempFolder folder;
  const auto file = folder.path() / "token";
  CHECK_THROWS_WITH(forge::read_token(file), "there is no file '" + file.string() + "' with the token");
  write_file(file, "ghp_s3cret\n", 0600);
  CHECK(forge::read_token(file) == "ghp_s3cret");
  write_file(file, "ghp_s3cret\n", 0640);
  CHECK_THROWS_WITH(forge::read_token(file), ContainsSubstring("others may read the token in") &&
                                                 ContainsSubstring("chmod 600 '" + file.string() + "'"));
  for (const char* text : {"", "\n", "two\nlines\n", "a blank\n", "bell\a\n"}) {
    write_file(file, text, 0600);
    CHECK_THROWS_WITH(forge::read_token(file), "'" + file.string() + "' is no token: it has to be one line");
  }
}

TEST_CASE("a forge that everybody has one of their own needs its API's place, and a generic sender has none") {
  const SystemClock clock;
  CHECK_THROWS_WITH(forge::make_api(Kind::gitea, {.repo = "a/b", .token = "t"}, {}, clock),
                    ContainsSubstring("say where Gitea's API is: --api"));
  CHECK_THROWS_WITH(forge::make_api(Kind::generic, {.repo = "a/b", .token = "t"}, {}, clock),
                    ContainsSubstring("a generic sender has no API"));
  for (const Kind kind : {Kind::github, Kind::gitlab, Kind::bitbucket}) {
    CHECK_NOTHROW(forge::make_api(kind, {.repo = "a/b", .token = "t"}, {}, clock));
  }
}

TEST_CASE("a token that would go over a network by http is known") {
  CHECK(forge::is_plain_text("http://git.example.com:3000/api/v1"));
  CHECK_FALSE(forge::is_plain_text("https://git.example.com/api/v1"));
  CHECK_FALSE(forge::is_plain_text("http://127.0.0.1:3000"));
  CHECK_FALSE(forge::is_plain_text("http://localhost/api"));
  CHECK_FALSE(forge::is_plain_text("http://[::1]:3000"));
  CHECK_FALSE(forge::is_plain_text(""));
}
