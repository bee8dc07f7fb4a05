#include "core/error.hpp"
#include "process/installation.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <iostream>

using namespace teal;

namespace {

/// What a copy of this program, put at `place`, takes for the prefix.
std::string prefix_seen_from(const std::filesystem::path& place) {
  std::filesystem::create_directories(place.parent_path());
  std::filesystem::copy_file("/proc/self/exe", place);
  Command command;
  command.arguments = {place.string(), "[prefix]"};
  return run(command).output;
}

} // namespace

TEST_CASE("tells its prefix to the test that copied and started it", "[.][prefix]") {
  std::cout << "prefix=" << Installation::of_this_program().prefix.string() << "\n";
  SUCCEED();
}

TEST_CASE("the prefix is found from bin and from libexec") {
  const TempFolder folder;
  const std::string expected = "prefix=" + folder.path().string() + "\n";
  CHECK_THAT(prefix_seen_from(folder.path() / "bin/tealhook"), ContainsSubstring(expected));
  CHECK_THAT(prefix_seen_from(folder.path() / "libexec/tealhook/post-receive"), ContainsSubstring(expected));
}

TEST_CASE("a program elsewhere is not installed") {
  const TempFolder folder;
  CHECK_THROWS_AS(Installation::of_this_program(), Error);
  CHECK_THAT(prefix_seen_from(folder.path() / "elsewhere/tool"), ContainsSubstring("in neither bin nor libexec"));
}

TEST_CASE("an installation's parts lie below its prefix") {
  const Installation installation{"/usr"};
  CHECK(installation.tool() == "/usr/bin/tealhook");
  CHECK(installation.hooks() == "/usr/libexec/tealhook");
}
