#include "config_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

using Variables = std::map<std::string, std::string>;

Variables read(const std::string& text) {
  return parse_env_file({"shop.env", text});
}

std::string complaint(const std::string& text) {
  return complaint_of([&] { static_cast<void>(read(text)); });
}

} // namespace

TEST_CASE("an environment file has NAME=VALUE lines and comments and empty lines") {
  CHECK(read("# comment\n\nA=1\n  B = two words \nC=\nURL=postgres://u:p@h/db?x=y#z\r\n\t# more\n   "
             "\nD=it's\nE={\"a\": 1}") == Variables{{"A", "1"},
                                                    {"B", "two words"},
                                                    {"C", ""},
                                                    {"URL", "postgres://u:p@h/db?x=y#z"},
                                                    {"D", "it's"},
                                                    {"E", "{\"a\": 1}"}});
  CHECK(read("").empty());
}

TEST_CASE("a line may export its variable as a shell's does") {
  CHECK(read("export A=1\n  export\tB='2'\nexport=3\nexported=4\n") ==
        Variables{{"A", "1"}, {"B", "2"}, {"export", "3"}, {"exported", "4"}});
}

TEST_CASE("a comment may follow a value after a blank") {
  CHECK(read("A=1 # one\nB=a#b\nC=#none\nD=\t# none\nE=\"x # y\" # z\nF='x'# y\n") ==
        Variables{{"A", "1"}, {"B", "a#b"}, {"C", ""}, {"D", ""}, {"E", "x # y"}, {"F", "x"}});
}

TEST_CASE("single quotes keep all and double quotes have escapes") {
  CHECK(read(R"(A=' x '
B="y"
C=''
D='a\n"b"$c'
E="a\nb\tc\rd\\e\"f\$g\`h"
F="C:\dir 'x'"
G="\\n"
H=a\nb
)") == Variables{{"A", " x "},
                 {"B", "y"},
                 {"C", ""},
                 {"D", "a\\n\"b\"$c"},
                 {"E", "a\nb\tc\rd\\e\"f$g`h"},
                 {"F", "C:\\dir 'x'"},
                 {"G", "\\n"},
                 {"H", "a\\nb"}});
}

TEST_CASE("a value in quotes may go on over lines") {
  CHECK(read("KEY=\"-----BEGIN\nabc\n\n-----END\"\nA='1\n2'\nB=\"one \\\ntwo\"\n") ==
        Variables{{"KEY", "-----BEGIN\nabc\n\n-----END"}, {"A", "1\n2"}, {"B", "one two"}});
  CHECK(complaint("A=\"1\n2\"\nB='\n'\nbad hunter2\n") ==
        "shop.env:5: no NAME=VALUE: for NAME, use letters, digits and '_', no digit first");
}

TEST_CASE("what Windows adds to a file is no part of its values") {
  CHECK(read("\xef\xbb\xbf"
             "A=1\r\nexport B=\"2\r\n3\" # x\r\n\r\nC='4'\r\n") == Variables{{"A", "1"}, {"B", "2\n3"}, {"C", "4"}});
}

TEST_CASE("a line that sets nothing is refused with its place and without its text") {
  for (const std::string bad : {"hunter2", "=hunter2", "1A=hunter2", "A B=hunter2", "export hunter2",
                                "export A hunter2=1", "exportA B=hunter2"}) {
    INFO(bad);
    CHECK(complaint("A=1\n" + bad + "\n") ==
          "shop.env:2: no NAME=VALUE: for NAME, use letters, digits and '_', no digit first");
  }
  CHECK(complaint("A=1\nB=2\nA=hunter2\n") == "shop.env:3: 'A' is here a second time");
  CHECK(complaint(std::string("A=hunter2\0", 10)) == "shop.env:1: the value of 'A' has a NUL byte");
}

TEST_CASE("quotes that are not closed or have more after them are refused with their place") {
  for (const std::string bad : {"B=\"hunter2", "B='hunter2\nC=1", "B=\"hunter2\\\"", "B=\"hunter2\\", "B=\""}) {
    INFO(bad);
    CHECK(complaint("A=1\n" + bad) == "shop.env:2: the quote before the value of 'B' is never closed");
  }
  for (const std::string bad : {"B=\"\"hunter2\"\"", "B='a' hunter2", "B=\"a\"'hunter2'"}) {
    INFO(bad);
    CHECK(complaint("A=1\n" + bad + "\n") == "shop.env:2: there is more after the quotes of the value of 'B'");
  }
}

TEST_CASE("variables are written such that they are read back") {
  const Variables awkward{{"A", ""}, {"B", " x # y "}, {"C", "1\n2\r\n\"$x\" `y` \\n \\"}, {"D", "it's"}};
  CHECK(read(to_env_file(awkward)) == awkward);
  CHECK(to_env_file({{"A", "1"}}) == "A=\"1\"\n");
}
