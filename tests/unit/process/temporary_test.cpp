#include "process/atomic_file.hpp"
#include "process/temporary.hpp"
#include "support/catch.hpp"
#include "support/dead_process.hpp"
#include "support/temp_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

using namespace teal;

namespace {

long entries_of(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

} // namespace

TEST_CASE("what a killed process was writing is gone once the same is written again") {
  const TempFolder folder;
  const auto file = folder.path() / "routes.json";
  write_file(file, "old");
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile begun(file);
    begun.write("half");
    ::_exit(0); // as if killed: nothing is destroyed
  }
  ::waitpid(child, nullptr, 0);
  CHECK(entries_of(folder.path()) == 2);
  write_file(file, "new");
  CHECK(entries_of(folder.path()) == 1);
  CHECK(read_file(file) == "new");
}

TEST_CASE("only what the dead left of that very name is removed") {
  const TempFolder folder;
  const std::string dead = std::to_string(dead_process());
  std::filesystem::create_directories(folder.path() / (".new.by-" + dead + ".abcdef") / "deep");
  for (const std::string& kept : {".new.by-" + std::to_string(::getpid()) + ".abcdef", ".other.by-" + dead + ".abcdef",
                                  std::string(".new.by-.x"), std::string(".new.by-me.abcdef")}) {
    write_file(folder.path() / kept, "");
  }
  CHECK(temporary_name(folder.path(), ".new").starts_with((folder.path() / ".new.by-").string()));
  CHECK(entries_of(folder.path()) == 4);
  CHECK_FALSE(std::filesystem::exists(folder.path() / (".new.by-" + dead + ".abcdef")));
}
