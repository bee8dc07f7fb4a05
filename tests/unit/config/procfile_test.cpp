#include "config/procfile.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

using Words = std::vector<std::string>;

std::vector<ProcfileEntry> read(const std::string& text) {
  return parse_procfile({"1a2b3c4:Procfile", text});
}

Words command(const std::string& line) {
  return read("web: " + line + "\n").at(0).command;
}

Words by_shell(const std::string& line) {
  return {"/bin/sh", "-c", line};
}

} // namespace

TEST_CASE("a Procfile has a process a line, and comments and empty lines") {
  const auto entries = read("# ours\n\nweb: bin/web --port 80\r\nmy-worker:bin/work\n  release : bin/migrate  \n");
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].name == "web");
  CHECK(entries[0].command == Words{"bin/web", "--port", "80"});
  CHECK(entries[0].line == 3);
  CHECK(entries[1].name == "my-worker");
  CHECK(entries[2].name == "release");
  CHECK(entries[2].command == Words{"bin/migrate"});
  CHECK(read("").empty());
}

TEST_CASE("plain words are run as they are and the rest by a shell") {
  CHECK(command("bin/web 'two words' --a=b") == Words{"bin/web", "two words", "--a=b"});
  for (const char* line : {"gunicorn app --bind 0.0.0.0:$PORT", "cd app && bin/web", "A=1 bin/web", "exec bin/web",
                           "bin/web > log", "bin/web *.cfg", "bin/web 'open"}) {
    INFO(line);
    CHECK(command(line) == by_shell(line));
  }
}

TEST_CASE("what is no line of a Procfile is refused with its place") {
  CHECK_THROWS_WITH(read("web: a\nbin/web\n"), "1a2b3c4:Procfile:2: 'bin/web' is no 'NAME: COMMAND'");
  CHECK_THROWS_WITH(read("web:\n"), ContainsSubstring("Procfile:1: 'web:' is no"));
  CHECK_THROWS_WITH(read("web: a\nweb: b\n"), "1a2b3c4:Procfile:2: 'web' is there twice");
  CHECK_THROWS_WITH(read("../x: a\n"), ContainsSubstring("Procfile:1: '../x' cannot be a process's name"));
  CHECK_THROWS_WITH(read("a\x1b[31m\n"), ContainsSubstring("'a?[31m'"));
}
