#include "core/error.hpp"
#include "git/checkout.hpp"
#include "git/checkout_index.hpp"
#include "git/tree_listing.hpp"
#include "git/work_file.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <random>

using namespace teal;
using namespace teal::git;
namespace fs = std::filesystem;

namespace {

/// A bit of everything that a commit without attributes or submodules can hold.
void fill(const GitFixture& fixture) {
  fixture.write("README", "read me\n");
  fixture.write("empty", "");
  fixture.write("bin/run", "#!/bin/sh\n");
  fixture.allow_execution("bin/run");
  fixture.write("src/deep/er/file.txt", "deep\n");
  fixture.write("src/a name with spaces", "spaces\n");
  fixture.write("src/\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "unicode\n");
  fixture.write("src/line\nfeed", "odd\n");
  fixture.write("src-other", "sorts between 'src' and 'src/'\n");
  fixture.write("crlf.txt", "one\r\ntwo\r\n");
  fixture.write("binary", std::string("\0\1\2\xff\r\n", 6));
  fixture.write("large", std::string(300'000, 'x'));
  fixture.link("link", "src/deep");
  fixture.link("dangling", "nowhere");
  fixture.link("src/up", "../README");
}

/// Writes over the file in place, leaving its size and modification time as they were.
void edit_secretly(const fs::path& file, const std::string& text) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
  REQUIRE(descriptor >= 0);
  REQUIRE(::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  const timespec times[2] = {status.st_atim, status.st_mtim};
  REQUIRE(::futimens(descriptor, times) == 0);
  REQUIRE(::close(descriptor) == 0);
}

FileStat state_of(const fs::path& file) {
  const auto state = look_at(AT_FDCWD, file);
  REQUIRE(state);
  return *state;
}

void set_time(const fs::path& file, std::int64_t nanoseconds) {
  const timespec time{.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
  const timespec times[2] = {time, time};
  REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times, 0) == 0);
}

/// Rewrites the index so that the root's only file has the state it has now, as if it had been written by a checkout.
void pretend_state_was_recorded(const GitFixture& fixture, const std::string& commit) {
  const auto before = CheckoutIndex::load(fixture.index());
  const auto listing = list_tree(Repository::open(fixture.source()), commit, nullptr, before);
  REQUIRE(listing.folders.size() == 1);
  const auto record = make_record(listing.folders[0], state_of(fixture.work_tree()),
                                  {state_of(fixture.work_tree() / listing.folders[0].files.at(0).name)});
  CheckoutIndex::save(fixture.index(), {record});
}

std::size_t count_entries(const fs::path& folder) {
  std::error_code ignored;
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder, ignored), fs::directory_iterator()));
}

} // namespace

TEST_CASE("a checkout into an empty folder holds what git's own does") {
  const GitFixture fixture;
  fill(fixture);
  const auto commit = fixture.commit();

  const auto result = fixture.checkout(commit);

  CHECK(result.files == 14);
  CHECK(result.written == 14);
  CHECK(result.removed == 0);
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
}

TEST_CASE("a checkout of what is there already writes nothing") {
  const GitFixture fixture;
  fill(fixture);
  const auto commit = fixture.commit();
  fixture.checkout(commit);

  for (int i = 0; i < 3; ++i) {
    const auto again = fixture.checkout(commit);
    CHECK(again.files == 14);
    CHECK(again.written == 0);
    CHECK(again.removed == 0);
  }
}

TEST_CASE("a checkout whose index is lost or damaged finds out what is there and writes nothing") {
  const GitFixture fixture;
  fill(fixture);
  const auto commit = fixture.commit();
  fixture.checkout(commit);
  const auto whole = content_of(fixture.index());
  auto flipped = whole;
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);

  for (const auto& damaged : {std::string(), whole.substr(0, whole.size() / 2), flipped, std::string(5000, '\0')}) {
    write_text(fixture.index(), damaged);
    CHECK(fixture.checkout(commit).written == 0);
    CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  }
}

TEST_CASE("only what two commits differ in is written and removed") {
  const GitFixture fixture;
  fill(fixture);
  fixture.checkout(fixture.commit());
  fixture.write("src/deep/er/file.txt", "changed\n");
  fixture.write("src/new", "new\n");
  fixture.remove("bin");
  const auto commit = fixture.commit();

  const auto result = fixture.checkout(commit);

  CHECK(result.written == 2);
  CHECK(result.removed == 2); // bin and bin/run
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
}

TEST_CASE("an executable bit that a commit sets or takes is set or taken") {
  const GitFixture fixture;
  fixture.write("run", "#!/bin/sh\n");
  const auto plain = fixture.commit();
  fixture.allow_execution("run");
  const auto executable = fixture.commit();

  for (const auto& commit : {plain, executable, plain}) {
    CHECK(fixture.checkout(commit).written == 1);
    CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  }
}

TEST_CASE("a file that becomes a folder, a link or nothing, and back, is what each commit says") {
  const GitFixture fixture;
  fixture.write("thing", "a file\n");
  const auto file = fixture.commit();
  fixture.remove("thing");
  fixture.write("thing/inside/file", "in a folder\n");
  const auto folder = fixture.commit();
  fixture.remove("thing");
  fixture.link("thing", "elsewhere");
  const auto link = fixture.commit();
  fixture.remove("thing");
  const auto nothing = fixture.commit();

  for (const auto& commit : {file, folder, file, link, folder, link, file, nothing, folder, nothing}) {
    fixture.checkout(commit);
    CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  }
}

TEST_CASE("a folder that is renamed is moved, with nothing left of the old one") {
  const GitFixture fixture;
  fill(fixture);
  fixture.checkout(fixture.commit());
  fs::rename(fixture.source() / "src", fixture.source() / "lib");
  const auto commit = fixture.commit();

  fixture.checkout(commit);

  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
}

TEST_CASE("edits by hand are undone") {
  const GitFixture fixture;
  fill(fixture);
  const auto commit = fixture.commit();
  fixture.checkout(commit);
  const auto tree = fixture.work_tree();
  struct Edit {
    const char* name;
    std::function<void()> make;
  };
  const std::vector<Edit> edits{
      {"a changed file", [&] { write_text(tree / "README", "something else\n"); }},
      {"a file changed with its size and time kept", [&] { edit_secretly(tree / "README", "dear me\n"); }},
      {"a removed file", [&] { fs::remove(tree / "README"); }},
      {"a removed folder", [&] { fs::remove_all(tree / "src"); }},
      {"changed permissions", [&] { REQUIRE(::chmod((tree / "README").c_str(), 0600) == 0); }},
      {"a folder without permissions", [&] { REQUIRE(::chmod((tree / "src").c_str(), 0) == 0); }},
      {"a link led elsewhere",
       [&] {
         fs::remove(tree / "link");
         fs::create_symlink("elsewhere", tree / "link");
       }},
      {"a link in place of a file",
       [&] {
         fs::remove(tree / "README");
         fs::create_symlink("empty", tree / "README");
       }},
      {"a folder in place of a file",
       [&] {
         fs::remove(tree / "README");
         write_text(tree / "README" / "inside", "x");
       }},
      {"a pipe in place of a file",
       [&] {
         fs::remove(tree / "README");
         REQUIRE(::mkfifo((tree / "README").c_str(), 0644) == 0);
       }},
      {"a file in place of a folder",
       [&] {
         fs::remove_all(tree / "src");
         write_text(tree / "src", "x");
       }},
      {"two files swapped",
       [&] {
         fs::rename(tree / "README", tree / "kept");
         fs::rename(tree / "crlf.txt", tree / "README");
         fs::rename(tree / "kept", tree / "crlf.txt");
       }},
  };
  for (const Edit& edit : edits) {
    INFO(edit.name);
    edit.make();
    const auto result = fixture.checkout(commit);
    CHECK(fixture.checked_out() == fixture.as_git_does(commit));
    CHECK(result.written < 10);
  }
}

TEST_CASE("an edit in the tick of the index's writing is undone, though the stat data agree") {
  const GitFixture fixture;
  fixture.write("file", "original");
  const auto commit = fixture.commit();
  fixture.checkout(commit);
  write_text(fixture.work_tree() / "file", "falsifid");
  pretend_state_was_recorded(fixture, commit);

  SECTION("as if the file had changed in a later tick") {
    set_time(fixture.index(), 1);
  }
  SECTION("as if the index had been written in the file's own tick") {
    set_time(fixture.index(), state_of(fixture.work_tree() / "file").changed);
  }

  CHECK(fixture.checkout(commit).written == 1);
  CHECK(content_of(fixture.work_tree() / "file") == "original");
}

TEST_CASE("leftovers are removed and counted") {
  const GitFixture fixture;
  fill(fixture);
  const auto commit = fixture.commit();
  fixture.checkout(commit);
  const auto tree = fixture.work_tree();
  write_text(tree / "left", "x");
  write_text(tree / "src" / "over" / "file", "x");
  write_text(tree / ".git" / "config", "x");
  fs::create_directories(tree / "sealed" / "inside");
  REQUIRE(::chmod((tree / "sealed").c_str(), 0) == 0);

  const auto result = fixture.checkout(commit);

  CHECK(result.written == 0);
  CHECK(result.removed == 7);
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
}

TEST_CASE("a link where a folder belongs is removed, and what it leads to is left alone") {
  const GitFixture fixture;
  fill(fixture);
  const auto commit = fixture.commit();
  fixture.checkout(commit);
  const auto outside = fixture.folder() / "outside";
  write_text(outside / "deep" / "er" / "file.txt", "precious\n");
  write_text(outside / "precious", "precious\n");
  const auto before = snapshot(outside);

  for (const fs::path replaced : {"src", "src/deep", "src/deep/er"}) {
    fs::remove_all(fixture.work_tree() / replaced);
    fs::create_directory_symlink(outside, fixture.work_tree() / replaced);
    fixture.checkout(commit);
    CHECK(snapshot(outside) == before);
    CHECK(fixture.checked_out() == fixture.as_git_does(commit));
  }
  fs::create_directory_symlink(outside, fixture.work_tree() / "left");
  fixture.checkout(commit);
  CHECK(snapshot(outside) == before);
  CHECK_FALSE(fs::is_symlink(fixture.work_tree() / "left"));
}

TEST_CASE("a hard link to a file outside is not written through") {
  const GitFixture fixture;
  fixture.write("file", "from git\n");
  const auto commit = fixture.commit();
  write_text(fixture.folder() / "outside", "precious\n");
  fs::create_directories(fixture.work_tree());
  fs::create_hard_link(fixture.folder() / "outside", fixture.work_tree() / "file");

  fixture.checkout(commit);

  CHECK(content_of(fixture.folder() / "outside") == "precious\n");
  CHECK(content_of(fixture.work_tree() / "file") == "from git\n");
}

TEST_CASE("a work tree that is a link is refused") {
  const GitFixture fixture;
  fixture.write("file", "x");
  const auto commit = fixture.commit();
  const auto outside = fixture.folder() / "outside";
  write_text(outside / "precious", "x");
  fs::create_directory_symlink(outside, fixture.work_tree());

  CHECK_THROWS_WITH(fixture.checkout(commit), ContainsSubstring("it is a symlink"));
  const auto with_slash = fixture.work_tree() / "";
  CHECK_THROWS_AS(checkout(Repository::open(fixture.source()), commit,
                           {.work_tree = with_slash, .index = fixture.index(), .submodules = nullptr}),
                  Error);
  CHECK(count_entries(outside) == 1);
}

TEST_CASE("permissions follow the umask") {
  const GitFixture fixture;
  fixture.write("run", "#!/bin/sh\n");
  fixture.allow_execution("run");
  const auto commit = fixture.commit();
  const mode_t usual = ::umask(027);
  fixture.checkout(commit);
  const auto under_027 = fs::status(fixture.work_tree() / "run").permissions();
  const auto written_again = fixture.checkout(commit).written;
  ::umask(usual);

  CHECK(under_027 == fs::perms{0750});
  CHECK(written_again == 0);
}

TEST_CASE("a disk that takes no more is an error that names the file, and the next checkout puts all right") {
  const GitFixture fixture;
  fixture.write("dir/large", std::string(100'000, 'x'));
  const auto commit = fixture.commit();
  rlimit usual{};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &usual) == 0);
  const rlimit tight{.rlim_cur = 50'000, .rlim_max = usual.rlim_max};
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
  std::string said;
  try {
    fixture.checkout(commit);
  } catch (const Error& error) {
    said = error.kind() == ErrorKind::environment ? error.what() : "another kind of error";
  }
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &usual) == 0);
  std::signal(SIGXFSZ, handler);

  CHECK(said == "cannot write 'large': file too large\n  while checking out the folder 'dir'");
  fixture.checkout(commit);
  CHECK(fixture.checked_out() == fixture.as_git_does(commit));
}

TEST_CASE("a checkout killed at any moment is put right by the next") {
  const GitFixture fixture;
  for (int i = 0; i < 1100; ++i) {
    fixture.write("dir" + std::to_string(i / 50) + "/file" + std::to_string(i), "first " + std::to_string(i));
  }
  const auto first = fixture.commit();
  fixture.remove("dir7");
  for (int i = 0; i < 1100; i += 5) {
    fixture.write("dir" + std::to_string(i / 50) + "/file" + std::to_string(i), "other " + std::to_string(i));
  }
  const auto second = fixture.commit();
  const auto expected_first = fixture.as_git_does(first);
  const auto expected_second = fixture.as_git_does(second);

  for (const auto folders : {1U, 5U, 15U}) {
    fs::remove_all(fixture.work_tree());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      fixture.checkout(first);
      ::_exit(0);
    }
    wait_until([&] { return count_entries(fixture.work_tree()) >= folders; }, std::chrono::seconds(20), "some folders");
    ::kill(child, SIGKILL);
    REQUIRE(::waitpid(child, nullptr, 0) == child);

    fixture.checkout(second);
    CHECK((fixture.checked_out() == expected_second));
    fixture.checkout(first);
    CHECK((fixture.checked_out() == expected_first));
  }
}

TEST_CASE("whatever trees and edits follow each other, the folder holds what git's own checkout does") {
  const GitFixture fixture;
  std::mt19937 random(20'231'121); // the same trees each time
  const auto below = [&](unsigned limit) { return random() % limit; };
  const auto any_path = [&] {
    std::string path = std::string(1, static_cast<char>('a' + below(4)));
    for (auto depth = below(3); depth > 0; --depth) {
      path += std::string("/") + static_cast<char>('a' + below(4));
    }
    return path;
  };
  const auto scramble = [&](const fs::path& root) {
    for (auto changes = 1 + below(12); changes > 0; --changes) {
      const auto path = root / any_path();
      auto above = root;
      for (const auto& name : path.parent_path().lexically_relative(root)) {
        above /= name;
        if (!fs::is_directory(fs::symlink_status(above))) {
          fs::remove(above);
        }
      }
      const auto what = below(8);
      if (what < 2 || fs::is_directory(fs::symlink_status(path))) {
        fs::remove_all(path);
      } else if (what == 2) {
        fs::remove_all(path);
        fs::create_directories(path.parent_path());
        fs::create_symlink(any_path(), path);
      } else if (!fs::is_symlink(path)) {
        write_text(path, std::string(1 + below(3), static_cast<char>('0' + below(10))));
        fs::permissions(path, fs::perms{below(2) == 0 ? 0644U : 0755U});
      }
    }
  };

  for (int round = 0; round < 30; ++round) {
    scramble(fixture.source());
    const auto commit = fixture.commit();
    if (fs::exists(fixture.work_tree())) {
      scramble(fixture.work_tree());
    }
    fixture.checkout(commit);
    REQUIRE(fixture.checked_out() == fixture.as_git_does(commit));
  }
}
