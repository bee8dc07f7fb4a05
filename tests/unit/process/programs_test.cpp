#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>
#include <fstream>

using namespace teal;

namespace {

void make_program(const std::filesystem::path& file) {
  std::ofstream(file) << "#!/bin/sh\n";
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
}

} // namespace

TEST_CASE("programs are found in PATH's order, and only programs") {
  const TempFolder folder;
  const auto first = folder.path() / "first";
  const auto second = folder.path() / "second";
  std::filesystem::create_directories(first / "folder");
  std::filesystem::create_directories(second);
  std::ofstream(first / "tool") << "not executable";
  make_program(second / "tool");
  make_program(first / "both");
  make_program(second / "both");
  const Environment environment{{"PATH", first.string() + "::relative:" + second.string() + ":" + first.string()}};
  CHECK(find_program("tool", environment) == second / "tool");
  CHECK(find_programs("both", environment) == std::vector{first / "both", second / "both"});
  CHECK_FALSE(find_program("folder", environment));
  CHECK_FALSE(find_program("", environment));
  CHECK_FALSE(find_program("missing", environment));
  CHECK(find_program((first / "both").string(), {}) == first / "both");
  CHECK_FALSE(find_program((first / "tool").string(), {}));
  CHECK(find_program("sh", {}));
}

TEST_CASE("servers are found where Debian has them whatever the PATH is and after all that the PATH has") {
  const TempFolder folder;
  make_program(folder.path() / "nologin");
  CHECK(find_program("nologin", {{"PATH", "/nonexistent"}}) == "/usr/sbin/nologin");
  CHECK(find_program("nologin", {}) == "/usr/sbin/nologin");
  CHECK(find_program("nologin", {{"PATH", folder.path().string()}}) == folder.path() / "nologin");
}
