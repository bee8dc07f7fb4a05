#include "access/authorized_keys.hpp"
#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <sys/stat.h>

#include <thread>

using namespace teal;

namespace {

namespace fs = std::filesystem;

const Home k_home{"/srv/tealhook"};
const std::string k_begin = "# tealhook /srv/tealhook: begin; 'tealhook key' writes what is between these two lines\n";
const std::string k_end = "# tealhook /srv/tealhook: end\n";

mode_t mode_of(const fs::path& file) {
  struct stat facts {};
  REQUIRE(::stat(file.c_str(), &facts) == 0);
  return facts.st_mode & 07777U;
}

} // namespace

TEST_CASE("a key's line lets it run one command and nothing else, whatever is in the paths") {
  CHECK(authorized_line("/usr/bin/tealhook", k_home, {.name = "anna", .text = "ssh-ed25519 AAAA"}) ==
        "restrict,command=\"/usr/bin/tealhook --home /srv/tealhook keyed anna\" ssh-ed25519 AAAA tealhook:anna");
  CHECK(authorized_line("/opt/a \"b\"/tealhook", k_home, {.name = "anna", .text = "k"}) ==
        "restrict,command=\"'/opt/a \\\"b\\\"/tealhook' --home /srv/tealhook keyed anna\" k tealhook:anna");
  CHECK_THROWS_AS(authorized_line("/opt/a\nb", k_home, {.name = "anna", .text = "k"}), Error);
}

TEST_CASE("our part comes, changes and goes, and all else stays byte for byte") {
  const std::string others = "# mine\r\nssh-rsa AAAA ann\n\n  weird \t line\n";
  const std::string one = with_our_part(others, k_home, {"one"});
  CHECK(one == others + k_begin + "one\n" + k_end);
  const std::string more = one + "ssh-rsa BBBB ben";
  CHECK(with_our_part(more, k_home, {"one", "two"}) == others + k_begin + "one\ntwo\n" + k_end + "ssh-rsa BBBB ben");
  CHECK(with_our_part(more, k_home, {}) == others + "ssh-rsa BBBB ben");
  CHECK(with_our_part("", k_home, {}).empty());
  CHECK(with_our_part("last", k_home, {"one"}) == "last\n" + k_begin + "one\n" + k_end);
}

TEST_CASE("two homes of one user have a part each") {
  const std::string first = with_our_part("", k_home, {"one"});
  const std::string both = with_our_part(first, {"/srv/tealhook2"}, {"two"});
  CHECK_THAT(both, ContainsSubstring("\none\n") && ContainsSubstring("\ntwo\n"));
  CHECK(with_our_part(both, {"/srv/tealhook2"}, {}) == first);
}

TEST_CASE("a mark that stands alone is refused with its line, and nothing is guessed") {
  for (const std::string& text : {"a\n" + k_begin + "one\n", "a\n" + k_end, "a\n" + k_end + k_begin,
                                  k_begin + k_begin + k_end, k_begin + k_end + k_end}) {
    INFO(text);
    CHECK_THROWS_WITH(with_our_part(text, k_home, {"two"}),
                      ContainsSubstring("of authorized_keys is one of two marks of tealhook's"));
  }
  CHECK_THROWS_WITH(with_our_part("a\n" + k_end, k_home, {}), ContainsSubstring("line 2 of authorized_keys"));
  CHECK_NOTHROW(with_our_part("x" + k_begin, k_home, {"two"})); // no mark: it does not begin its line
}

TEST_CASE("the file is made private, with its folder, and a link to it stays one") {
  const TempFolder folder;
  const Home home{folder.path()};
  const fs::path file = folder.path() / ".ssh/authorized_keys";
  AuthorizedKeys(folder.path(), home).write("/usr/bin/tealhook", {{.name = "anna", .text = "k"}});
  CHECK(mode_of(file) == 0600);
  CHECK(mode_of(file.parent_path()) == 0700);
  CHECK_THAT(read_file(file), ContainsSubstring("keyed anna\" k tealhook:anna\n"));

  fs::rename(file, folder.path() / "elsewhere");
  fs::create_symlink("../elsewhere", file);
  fs::permissions(file.parent_path(), fs::perms(0777));
  AuthorizedKeys(folder.path(), home).write("/usr/bin/tealhook", {});
  CHECK(fs::is_symlink(file));
  CHECK(read_file(folder.path() / "elsewhere").empty());
  CHECK(mode_of(file.parent_path()) == 0700);
}

TEST_CASE("a file with a lone mark is refused before anything is changed") {
  const TempFolder folder;
  const Home home{"/srv/tealhook"};
  fs::create_directory(folder.path() / ".ssh");
  write_file(folder.path() / ".ssh/authorized_keys", k_end);
  CHECK_THROWS_AS(AuthorizedKeys(folder.path(), home), Error);
  CHECK(read_file(folder.path() / ".ssh/authorized_keys") == k_end);
}

TEST_CASE("two who change it wait for each other") {
  const TempFolder folder;
  const Home home{folder.path()};
  std::optional<AuthorizedKeys> first(std::in_place, folder.path(), home);
  std::thread second([&] { AuthorizedKeys(folder.path(), home).write("/t", {{.name = "b", .text = "k2"}}); });
  first->write("/t", {{.name = "a", .text = "k1"}});
  first.reset();
  second.join();
  const std::string text = read_file(folder.path() / ".ssh/authorized_keys");
  CHECK_THAT(text, ContainsSubstring("keyed b\"") && !ContainsSubstring("keyed a\""));
}
