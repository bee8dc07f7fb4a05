#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

using namespace teal;

namespace {

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

} // namespace

TEST_CASE("a committed file has the new content and the mode") {
  const TempFolder folder;
  const auto file = folder.path() / "settings";
  write_file(file, "old");
  write_file(file, std::string("new\0\n", 5), 0600);
  CHECK(read_file(file) == std::string("new\0\n", 5));
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a file is replaced for all to see however much of that is waited for") {
  const TempFolder folder;
  const auto file = folder.path() / "table";
  write_file(file, "old");
  write_file(file, "new", 0600, GENERATE(Sync::all, Sync::content, Sync::none));
  CHECK(read_file(file) == "new");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a file that is not committed changes nothing and leaves nothing") {
  const TempFolder folder;
  const auto file = folder.path() / "settings";
  write_file(file, "old");
  {
    AtomicFile halfway(file);
    halfway.write("ne");
    CHECK(read_file(file) == "old");
  }
  CHECK(read_file(file) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("a full disk is told, and the old content stays") {
  const TempFolder folder;
  const auto file = folder.path() / "settings";
  write_file(file, "old");
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  const rlimit small{1000, limit.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  std::string message;
  try {
    write_file(file, std::string(2000, 'x'));
  } catch (const Error& error) {
    message = error.message();
  }
  ::setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, before);
  CHECK(message == "cannot write '" + file.string() + "': file too large");
  CHECK(read_file(file) == "old");
  CHECK(files_in(folder.path()) == 1);
}

TEST_CASE("what cannot be written or read is an error with the file's name") {
  const TempFolder folder;
  CHECK_THROWS_WITH(write_file("/no/file", ""), "cannot write '/no/file': no such file or directory");
  CHECK_THROWS_WITH(write_file(folder.path(), ""), ContainsSubstring("is a directory"));
  CHECK_THROWS_WITH(read_file("/no/file"), "cannot read '/no/file': no such file or directory");
  CHECK_THROWS_WITH(read_file(folder.path()), ContainsSubstring("': is a directory"));
}

TEST_CASE("a file beyond the limit is not read") {
  const TempFolder folder;
  const auto file = folder.path() / "log";
  write_file(file, std::string(1024, 'x'));
  CHECK(read_file(file, 1024).size() == 1024);
  CHECK_THROWS_WITH(read_file(file, 1023), "cannot read '" + file.string() + "': it is larger than 1023 B");
}
