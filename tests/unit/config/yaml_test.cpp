#include "config/yaml.hpp"
#include "config_fixture.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

YamlNode tree_of(const std::string& text) {
  return parse_yaml({"file", text});
}

std::string complaint(const std::string& text) {
  return complaint_of([&] { static_cast<void>(tree_of(text)); });
}

} // namespace

TEST_CASE("a YAML text becomes a tree that knows its lines") {
  const YamlNode root = tree_of("# comment\nfirst: one\nsecond:\n  - a\n  - 'b c'\nthird: {x: , y: \"~\"}\n");
  REQUIRE(root.kind == YamlNode::Kind::map);
  REQUIRE(root.children.size() == 3);
  CHECK(root.children[0].key == "first");
  CHECK(root.children[0].text == "one");
  CHECK(root.children[0].line == 2);

  const YamlNode& second = root.children[1];
  CHECK(second.kind == YamlNode::Kind::list);
  CHECK(second.line == 3);
  REQUIRE(second.children.size() == 2);
  CHECK(second.children[1].text == "b c");
  CHECK(second.children[1].line == 5);

  const YamlNode& third = root.children[2];
  REQUIRE(third.children.size() == 2);
  CHECK(third.children[0].kind == YamlNode::Kind::null);
  CHECK(third.children[1].kind == YamlNode::Kind::scalar);
  CHECK(third.children[1].text == "~");
}

TEST_CASE("an empty YAML text is null") {
  CHECK(tree_of("").kind == YamlNode::Kind::null);
  CHECK(tree_of("# nothing\n").kind == YamlNode::Kind::null);
  CHECK(tree_of("---\n").kind == YamlNode::Kind::null);
}

TEST_CASE("what is no YAML is refused with its line") {
  CHECK_THAT(complaint("a: 1\nb: [1\n"), ContainsSubstring("file:") && ContainsSubstring("not valid YAML"));
  CHECK_THAT(complaint("a:\n\tb: 1\n"), ContainsSubstring("file:2: not valid YAML"));
}

TEST_CASE("a key that is there twice is refused with both lines") {
  CHECK(complaint("a: 1\nb: 2\na: 3\n") == "file:3: key 'a' is here a second time, first on line 1");
  CHECK(complaint("x:\n  a: 1\n  a: 2\n") == "file:3: key 'a' is here a second time, first on line 2");
  CHECK(complaint("x: {a: 1}\ny: {a: 1}\n").empty());
}

TEST_CASE("anchors and aliases are refused, so that a small text stays small") {
  CHECK_THAT(complaint("a: 1\nb: &x [1]\n"), ContainsSubstring("file:2: anchors and aliases"));
  CHECK_THAT(complaint("a: &x 1\nb: *x\n"), ContainsSubstring("file:1: anchors and aliases"));
  CHECK_THAT(complaint("a: &x {k: *x}\n"), ContainsSubstring("file:1: anchors and aliases"));
  CHECK_THAT(complaint("a: &x\n"), ContainsSubstring("file:1: anchors and aliases"));
}

TEST_CASE("documents beyond the first, keys that are no text, and NUL bytes are refused") {
  CHECK_THAT(complaint("a: 1\n---\nb: 2\n"), ContainsSubstring("a second document begins here: settings are one"));
  CHECK(complaint("? [a, b]\n: 1\n") == "file:1: a key must be a plain text");
  CHECK(complaint("~: 1\n") == "file:1: a key is missing before ':'");
  CHECK(complaint("a: \"x\\0y\"\n") == "file:1: a text has a NUL byte");
}

TEST_CASE("nesting without end is refused, not followed") {
  CHECK_THAT(complaint(std::string(100'000, '[')), ContainsSubstring("file:1:"));
  CHECK_THAT(complaint("a: " + std::string(100'000, '[')), ContainsSubstring("file:1:"));
}

TEST_CASE("any text written as a scalar is read back") {
  for (const std::string& text : {std::string("plain"),
                                  std::string(),
                                  std::string("null"),
                                  std::string("~"),
                                  std::string("- x"),
                                  std::string("a: b"),
                                  std::string("a #b"),
                                  std::string("say \"hi\" \\ 'there'"),
                                  std::string("two\nlines\t\x01\x7f"),
                                  std::string("Zürich 🚀"),
                                  std::string("[a]"),
                                  std::string("{a}"),
                                  std::string("50101:"),
                                  std::string("::"),
                                  std::string("*x"),
                                  std::string("&x"),
                                  std::string("!x"),
                                  std::string("%x"),
                                  std::string("@x"),
                                  std::string(" x "),
                                  std::string("unix:///var/run/docker.sock"),
                                  std::string("name:/path:ro"),
                                  std::string("---")}) {
    INFO(text);
    const YamlNode in_block = tree_of("key: " + yaml_scalar(text) + "\n");
    CHECK(in_block.children.at(0).text == text);
    const YamlNode in_list = tree_of("key: [" + yaml_scalar(text) + ", x]\n");
    CHECK(in_list.children.at(0).children.at(0).text == text);
  }
}

TEST_CASE("what needs no quotes has none") {
  CHECK(yaml_scalar("unix:///var/run/docker.sock") == "unix:///var/run/docker.sock");
  CHECK(yaml_scalar("0.0.0.0") == "0.0.0.0");
  CHECK(yaml_scalar("") == "\"\"");
}

TEST_CASE("aliases are refused, skipped, or stand for what they mean, to a limit") {
  const std::string text = "a: &x {b: [1, 2]}\nc: *x\n";
  CHECK_THAT(complaint(text), ContainsSubstring("file:1: anchors and aliases"));
  CHECK(parse_yaml({"file", text}, YamlAliases::skipped).find("c")->kind == YamlNode::Kind::null);
  const YamlNode root = parse_yaml({"file", text}, YamlAliases::expanded);
  CHECK(root.find("c")->find("b")->children.size() == 2);
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    bomb += fmt::format("a{0}: &a{0} [*a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}, *a{1}]\n", i, i - 1);
  }
  CHECK_THAT(complaint_of([&] {
               static_cast<void>(parse_yaml({"file", bomb}, YamlAliases::expanded));
             }),
             ContainsSubstring("stand for more than anybody needs"));
}

TEST_CASE("a tree that is written is read back as it was, each value of its type") {
  const std::string text =
      "a: '5'\nb: 5\nc: {d: [], e: {}, f: }\ng:\n- - x: 'true'\n  - true\n- \"q\\\"\\n$$\"\n- a: http://x/\n";
  const YamlNode root = parse_yaml({"file", text});
  const std::string written = write_yaml(root);
  CHECK_THAT(written, ContainsSubstring("a: \"5\"\nb: 5\n") && ContainsSubstring("x: \"true\"\n"));
  const YamlNode again = parse_yaml({"file", written});
  CHECK(write_yaml(again) == written);
  CHECK(again.find("g")->children[1].text == "q\"\n$$");
  CHECK(again.find("g")->children[2].find("a")->text == "http://x/");
  CHECK(again.find("c")->find("d")->kind == YamlNode::Kind::list);
  CHECK(again.find("c")->find("f")->kind == YamlNode::Kind::null);
}
