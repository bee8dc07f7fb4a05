#include "engine/cli_choice.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <filesystem>

using namespace teal;
using namespace teal::engine;

namespace {

namespace fs = std::filesystem;

/// A program that answers as Docker's command line does, and counts how often it was asked in the file `asked`.
fs::path make_program(const fs::path& file, const std::string& version, bool buildx) {
  fs::create_directories(file.parent_path());
  write_file(file,
             "#!/bin/sh\necho x >> '" + (file.parent_path() / "asked").string() +
                 "'\ncase $1 in\n--version) echo 'Docker version " + version + ", build 1' ;;\nbuildx) exit " +
                 (buildx ? "0" : "1") + " ;;\nesac\n",
             0755);
  return file;
}

std::size_t times_asked(const fs::path& folder) {
  return fs::exists(folder / "asked") ? fs::file_size(folder / "asked") / 2 : 0;
}

const Environment k_environment{{"PATH", "/usr/bin:/bin"}, {"HOME", "/nonexistent"}};

} // namespace

TEST_CASE("a program with buildx is taken before all others") {
  const CliFacts facts = choose({{.program = "/a", .version = "20.10.24", .buildx = false},
                                 {.program = "/b", .version = "28.2.2", .buildx = true}});
  CHECK(facts.program == "/b");
  CHECK(facts.builder == Builder::buildx);
}

TEST_CASE("without buildx a program with BuildKit built in is taken before a newer one") {
  const CliFacts facts = choose({{.program = "/a", .version = "28.2.2", .buildx = false},
                                 {.program = "/b", .version = "20.10.24+dfsg1", .buildx = false}});
  CHECK(facts.program == "/b");
  CHECK(facts.version == "20.10.24+dfsg1");
  CHECK(facts.builder == Builder::buildkit);
}

TEST_CASE("without any BuildKit the first program builds classically") {
  for (const char* version : {"28.2.2", "23.0.0", "18.06.1-ce", ""}) {
    const CliFacts facts = choose({{.program = "/a", .version = version, .buildx = false},
                                   {.program = "/b", .version = "24.0.1", .buildx = false}});
    CHECK(facts.program == "/a");
    CHECK(facts.builder == Builder::classic);
  }
}

TEST_CASE("BuildKit is built in from 18.09 until 22") {
  for (const char* version : {"18.09.0", "19.03.15", "22.06.0-beta"}) {
    CHECK(choose({{.program = "/a", .version = version, .buildx = false}}).builder == Builder::buildkit);
  }
}

TEST_CASE("a version is read from Docker's own words only") {
  CHECK(parse_cli_version("Docker version 28.2.2, build e6534b4\n") == "28.2.2");
  CHECK(parse_cli_version("Docker version 20.10.24+dfsg1, build 297e128\n") == "20.10.24+dfsg1");
  CHECK(parse_cli_version("podman version 4.3.1\n").empty());
  CHECK(parse_cli_version("").empty());
}

TEST_CASE("programs are asked once, and again after one of them was replaced") {
  const TempFolder folder;
  const fs::path cache = folder.path() / "cache" / "docker-cli.json";
  const fs::path program = make_program(folder.path() / "bin" / "docker", "20.10.24", false);
  CHECK(find_cli({program}, k_environment, cache).builder == Builder::buildkit);
  const std::size_t asked = times_asked(program.parent_path());
  CHECK(asked > 0);

  const CliFacts remembered = find_cli({program}, k_environment, cache);
  CHECK(remembered.program == program);
  CHECK(remembered.version == "20.10.24");
  CHECK(remembered.builder == Builder::buildkit);
  CHECK(times_asked(program.parent_path()) == asked);

  make_program(program, "28.2.2", true);
  CHECK(find_cli({program}, k_environment, cache).builder == Builder::buildx);
  CHECK(times_asked(program.parent_path()) > asked);
}

TEST_CASE("a plugin that comes to the user's folder is noticed") {
  const TempFolder folder;
  const fs::path cache = folder.path() / "docker-cli.json";
  const fs::path program = make_program(folder.path() / "bin" / "docker", "28.2.2", false);
  const Environment environment{{"PATH", "/usr/bin:/bin"}, {"HOME", folder.path().string()}};
  CHECK(find_cli({program}, environment, cache).builder == Builder::classic);
  const std::size_t asked = times_asked(program.parent_path());
  fs::create_directories(folder.path() / ".docker" / "cli-plugins");
  CHECK(find_cli({program}, environment, cache).builder == Builder::classic);
  CHECK(times_asked(program.parent_path()) > asked);
}

TEST_CASE("a damaged cache is made anew, and one that cannot be written is done without") {
  const TempFolder folder;
  const fs::path program = make_program(folder.path() / "bin" / "docker", "20.10.24", false);
  const fs::path damaged = folder.path() / "docker-cli.json";
  write_file(damaged, "{\"key\": 7");
  CHECK(find_cli({program}, k_environment, damaged).version == "20.10.24");
  CHECK_THAT(read_file(damaged), ContainsSubstring("20.10.24"));

  write_file(folder.path() / "file", "");
  CHECK(find_cli({program}, k_environment, folder.path() / "file" / "docker-cli.json").version == "20.10.24");
}
