#include "config/edit.hpp"
#include "config/yaml.hpp"
#include "core/error.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

std::string set(const std::string& text, std::string_view key, const std::string& value) {
  return edit_settings({"app.yml", text}, key, value);
}

std::string unset(const std::string& text, std::string_view key) {
  return edit_settings({"app.yml", text}, key, std::nullopt);
}

} // namespace

TEST_CASE("a value is set in place and all around it stays") {
  const std::string text = "# mine\nrouter:\n  kind: none     # for now\n\n  listen: 80\n";
  CHECK(set(text, "router.kind", "nginx") == "# mine\nrouter:\n  kind: nginx     # for now\n\n  listen: 80\n");
  CHECK(set(text, "router.listen", "81") == "# mine\nrouter:\n  kind: none     # for now\n\n  listen: 81\n");
  CHECK(set("a: \"x # y\" # z\n", "a", "b") == "a: b # z\n");
  CHECK(set("a: 'it''s'\n", "a", "b") == "a: b\n");
  CHECK(set("\"a\": b", "a", "c") == "\"a\": c\n");
}

TEST_CASE("a value in brackets is set in place") {
  CHECK(set("router: {kind: none, listen: 80} # r\n", "router.kind", "caddy") ==
        "router: {kind: caddy, listen: 80} # r\n");
  CHECK(set("router: {kind: none, listen: 80}\n", "router.listen", "81") == "router: {kind: none, listen: 81}\n");
  CHECK(set("a: {b: {c: 1}, d: 2}\n", "a.b.c", "3") == "a: {b: {c: 3}, d: 2}\n");
  CHECK(set("a: {b: \"x, }\", d: 2}\n", "a.d", "3") == "a: {b: \"x, }\", d: 3}\n");
}

TEST_CASE("a key that is missing is added where its section is") {
  CHECK(set("a: 1\n", "b", "2") == "a: 1\nb: 2\n");
  CHECK(set("", "a", "1") == "a: 1\n");
  CHECK(set("a: 1\n", "b.c", "2") == "a: 1\nb: {c: 2}\n");
  CHECK(set("a:\n    b: 1\n# of c\nc: 2\n", "a.d", "3") == "a:\n    b: 1\n    d: 3\n# of c\nc: 2\n");
  CHECK(set("a: {b: 1}\n", "a.c", "2") == "a: {b: 1, c: 2}\n");
  CHECK(set("a: {}\n", "a.c", "2") == "a: {c: 2}\n");
  CHECK(set("a: {\n  b: 1,\n}\n", "a.c", "2") == "a: {\n  b: 1, c: 2\n}\n");
  CHECK(set("a:\nb: 1\n", "a.c", "2") == "a:\n  c: 2\nb: 1\n");
}

TEST_CASE("a key that is commented out is written where it stands with its comment") {
  const std::string text =
      "router:\n  #kind: none                       # haproxy or nginx\n  #listen: 80\n\nother:\n  "
      "#kind: x\n";
  CHECK(set(text, "router.kind", "nginx") ==
        "router:\n  kind: nginx                        # haproxy or nginx\n  #listen: 80\n\nother:\n  #kind: x\n");
  CHECK(set(text, "other.kind", "y") ==
        "router:\n  #kind: none                       # haproxy or nginx\n  #listen: 80\n\nother:\n  kind: y\n");
  CHECK(set("#gate: false\n", "gate", "true") == "gate: true\n");
}

TEST_CASE("a value of several lines gives way to one in a line") {
  CHECK(set("a:\n  - 1\n  - 2\nb: 3\n", "a", "[4]") == "a: [4]\nb: 3\n");
  CHECK(set("a:\n- 1\n- 2\nb: 3\n", "a", "[4]") == "a: [4]\nb: 3\n");
  CHECK(set("a: |\n  text\n  more\nb: 3\n", "a", "4") == "a: 4\nb: 3\n");
  CHECK(set("a: # why\n  b: 1\n", "a", "4") == fmt::format("{:<36} # why\n", "a: 4"));
}

TEST_CASE("items of lists are set and added and taken out") {
  CHECK(edit_settings({"f", "a: [x, y]\n"}, SettingPath{"a", "+"}, "z") == "a: [x, y, z]\n");
  CHECK(edit_settings({"f", "a: []\n"}, SettingPath{"a", "+"}, "z") == "a: [z]\n");
  CHECK(edit_settings({"f", "a:\n  - x # 1\n\nb: 1\n"}, SettingPath{"a", "+"}, "z") ==
        "a:\n  - x # 1\n  - z\n\nb: 1\n");
  CHECK(edit_settings({"f", "b: 1\n"}, SettingPath{"a", "+"}, "z") == "b: 1\na: [z]\n");
  CHECK(edit_settings({"f", "a:\n  - x # 1\n  - y\n"}, SettingPath{"a", "0"}, "z") == "a:\n  - z # 1\n  - y\n");
  CHECK(edit_settings({"f", "a: [x, y]\n"}, SettingPath{"a", "1"}, "z") == "a: [x, z]\n");
  CHECK(edit_settings({"f", "a: [x, y]\n"}, SettingPath{"a", "0"}, std::nullopt) == "a: [y]\n");
  CHECK(edit_settings({"f", "a: [x, y]\n"}, SettingPath{"a", "1"}, std::nullopt) == "a: [x]\n");
  CHECK(edit_settings({"f", "a:\n  - x\n  - y\n"}, SettingPath{"a", "0"}, std::nullopt) == "a:\n  - y\n");
  CHECK(edit_settings({"f", "r:\n  - {p: 1}\n  - {p: 2}\n"}, SettingPath{"r", "1", "p"}, "3") ==
        "r:\n  - {p: 1}\n  - {p: 3}\n");
}

TEST_CASE("a key is taken out with its value and no other") {
  CHECK(unset("a: 1\nb: 2 # two\nc: 3\n", "b") == "a: 1\nc: 3\n");
  CHECK(unset("a:\n  b:\n    c: 1\n  d: 2\n", "a.b") == "a:\n  d: 2\n");
  CHECK(unset("a: {b: 1, c: 2}\n", "a.b") == "a: {c: 2}\n");
  CHECK(unset("a: {b: 1, c: 2}\n", "a.c") == "a: {b: 1}\n");
  CHECK(unset("a: {b: 1}\n", "a.b") == "a: {}\n");
  CHECK(unset("a: 1\n", "b") == "a: 1\n");
  CHECK(unset("a: 1\n", "b.c") == "a: 1\n");
}

TEST_CASE("texts in other scripts move no place") {
  CHECK(set("# für später\na: {b: \"größer\", c: 1}\n", "a.c", "2") == "# für später\na: {b: \"größer\", c: 2}\n");
}

TEST_CASE("a layout that is not known is refused and not guessed at") {
  CHECK_THROWS_WITH(set("a: one\n  two\nb: 1\n", "a", "3"), ContainsSubstring("change it by hand"));
  CHECK_THROWS_WITH(set("a: 1\n", "a.b", "3"), ContainsSubstring("change it by hand"));
  CHECK_THROWS_AS(set("a: [\n", "a", "3"), Error);
  CHECK_THROWS_AS(set("a: 1\n", "a", "{"), Error);
}
