#include "config/binding.hpp"
#include "config/schema.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

/// Reads `yaml` with `binding`; "" or why it is refused.
std::string read(const Binding& binding, const std::string& yaml) {
  const YamlNode root = parse_yaml({"file", "key: " + yaml + "\n"});
  try {
    binding.read(root.children.at(0));
  } catch (const BadValue& bad) {
    return bad.why;
  }
  return "";
}

} // namespace

TEST_CASE("a bad value leaves the member as it was") {
  std::uint16_t port = 80;
  CHECK(read(as::port(port), "x") == "is 'x': give a port from 1 to 65535");
  CHECK(port == 80);
}

TEST_CASE("ports are from 1 to 65535") {
  std::uint16_t port = 0;
  const Binding binding = as::port(port);
  CHECK(read(binding, "65535").empty());
  CHECK(port == 65535);
  for (const char* bad :
       {"0", "65536", "-1", "80.5", "\"\"", "0x50", "8 0", "[80]", "{a: 80}", "~", "99999999999999999999"}) {
    INFO(bad);
    CHECK_FALSE(read(binding, bad).empty());
  }
}

TEST_CASE("durations have a unit, are more than nothing, and not too long") {
  Milliseconds value{0};
  const Binding binding = as::duration(value, std::chrono::minutes(1));
  CHECK(read(binding, "250ms").empty());
  CHECK(value == Milliseconds(250));
  CHECK(binding.write() == "250ms");
  CHECK(read(binding, "5") == "is '5': give a duration such as 100ms, 2s or 1m, at most 1m");
  for (const char* bad : {"0", "0s", "-1s", "61s", "1.5s", "forever"}) {
    INFO(bad);
    CHECK_FALSE(read(binding, bad).empty());
  }
  CHECK(read(as::duration(value, std::chrono::minutes(1), true), "0").empty());
  CHECK(value == Milliseconds(0));
}

TEST_CASE("sizes are read and written without loss") {
  std::uint64_t value = 7;
  const Binding binding = as::size(value);
  CHECK(read(binding, "512m").empty());
  CHECK(value == 512U << 20U);
  CHECK(binding.write() == "512MiB");
  CHECK(read(binding, "1500").empty());
  CHECK(binding.write() == "1500");
  CHECK(read(binding, "\"\"").empty());
  CHECK(value == 0);
  CHECK(binding.write() == "\"\"");
  CHECK(read(binding, "much") == "is 'much': give a size such as 512MiB or 1GiB");
}

TEST_CASE("processors may be a fraction, in quotes or not") {
  double value = 0;
  const Binding binding = as::processors(value);
  for (const char* half : {"0.5", "\"0.5\""}) {
    CHECK(read(binding, half).empty());
    CHECK(value == 0.5);
  }
  CHECK(binding.write() == "0.5");
  CHECK(read(binding, "\"\"").empty());
  CHECK(value == 0);
  for (const char* bad : {"-1", "inf", "nan", "1e3", "two", "0.5x", "99999"}) {
    INFO(bad);
    CHECK_FALSE(read(binding, bad).empty());
  }
}

TEST_CASE("status codes are single, ranges, or several of them") {
  StatusCodes value;
  const Binding binding = as::status_codes(value);
  CHECK(read(binding, "200").empty());
  CHECK(value == StatusCodes{{{200, 200}}});
  CHECK(read(binding, "200-299, 404").empty());
  CHECK(value == StatusCodes{{{200, 299}, {404, 404}}});
  CHECK(read(binding, binding.write()).empty());
  CHECK(value == StatusCodes{{{200, 299}, {404, 404}}});
  for (const char* bad : {"\"\"", "99", "600", "300-200", "200-", "-200", "200-250-299", "200,,204", "ok"}) {
    INFO(bad);
    CHECK_FALSE(read(binding, bad).empty());
  }
}

TEST_CASE("a command is a list, or a text for the shell") {
  Texts value;
  const Binding binding = as::command(value);
  CHECK(read(binding, "curl -f localhost | grep ok").empty());
  CHECK(value == Texts{"/bin/sh", "-c", "curl -f localhost | grep ok"});
  CHECK(read(binding, "[/healthy, \"a b\"]").empty());
  CHECK(value == Texts{"/healthy", "a b"});
  CHECK(binding.write() == "[/healthy, \"a b\"]");
  CHECK_FALSE(read(binding, "\"\"").empty());
  CHECK_FALSE(read(binding, "{a: b}").empty());
}

TEST_CASE("whatever runs is a command in the same form") {
  const Texts shell{"/bin/sh", "-c", "bin/a && bin/b"};
  const Texts vector{"bin/a", "-v"};
  Texts one;
  CHECK(read(as::command(one), "bin/a && bin/b").empty());
  CHECK(one == shell);
  std::vector<Texts> several;
  CHECK(read(as::command_list(several), "[bin/a && bin/b, [bin/a, -v]]").empty());
  CHECK(several == std::vector<Texts>{shell, vector});
  CHECK(read(as::command_list(several), "bin/a && bin/b").empty());
  CHECK(several == std::vector<Texts>{shell});
  std::map<std::string, Texts> named;
  CHECK(read(as::commands(named), "{x: bin/a && bin/b, y: [bin/a, -v]}").empty());
  CHECK(named == std::map<std::string, Texts>{{"x", shell}, {"y", vector}});
}

TEST_CASE("what cannot be a command is refused with the form that it takes") {
  std::vector<Texts> several{{"kept"}};
  const std::string form = ": give an argument vector such as [bin/migrate, --all], or one text for a shell";
  CHECK(read(as::command_list(several), "[bin/migrate, --all]") == "has the command '--all'" + form);
  CHECK(read(as::command_list(several), "[\" \"]") == "has the command ' '" + form);
  CHECK(read(as::command_list(several), "[{a: b}]") == "is a map" + form);
  CHECK_THAT(read(as::command_list(several), "{a: b}"), ContainsSubstring("is no list: give a list of commands"));
  CHECK(several == std::vector<Texts>{{"kept"}});
  Texts one{"kept"};
  CHECK(read(as::command(one, false), "[]") == "is empty" + form);
  CHECK(one == Texts{"kept"});
  CHECK(read(as::command(one), "[]").empty());
  CHECK(one.empty());
}

TEST_CASE("an empty text is allowed where it stands for none") {
  std::string value = "x";
  CHECK(read(as::text(value, rule::k_branch, true), "\"\"").empty());
  CHECK(value.empty());
  CHECK_FALSE(read(as::text(value, rule::k_branch), "\"\"").empty());
  CHECK_FALSE(read(as::text(value, rule::k_branch, true), "a b").empty());
}

TEST_CASE("a list says which of its items is wrong") {
  Texts value{"kept"};
  const Binding binding = as::list(value, rule::k_branch, false);
  CHECK(read(binding, "[main, -x]") == "has '-x': " + std::string(rule::k_branch.hint));
  CHECK(read(binding, "[main, [x]]") == "is a list: " + std::string(rule::k_branch.hint));
  CHECK_THAT(read(binding, "main"), ContainsSubstring("is 'main': give a list such as [one, two]"));
  CHECK_THAT(read(binding, "[]"), ContainsSubstring("is empty"));
  CHECK(value == Texts{"kept"});
}

TEST_CASE("variables are added to what is there, and never quoted in a complaint") {
  TextMap value{{"A", "1"}, {"B", "2"}};
  const Binding binding = as::secret_variables(value);
  CHECK(read(binding, "{B: 3, C: \"two\\nlines\", D: \"\"}").empty());
  CHECK(value == TextMap{{"A", "1"}, {"B", "3"}, {"C", "two\nlines"}, {"D", ""}});
  CHECK(binding.show() == R"({A: "***", B: "***", C: "***", D: "***"})");
  CHECK(binding.write() == R"({A: 1, B: 3, C: "two\x0alines", D: ""})");
  for (const char* bad : {"{1A: hunter2}", "{A: [hunter2]}", "{A: {hunter2: 1}}", "hunter2", "[hunter2]"}) {
    INFO(bad);
    const std::string why = read(binding, bad);
    CHECK_FALSE(why.empty());
    CHECK(why.find("hunter2") == std::string::npos);
  }
  CHECK(read(binding, "{A: }") == "has no text for A: give a text, \"\" for an empty one");
}

TEST_CASE("a choice is one of its names") {
  auto value = DeploySettings::Order::build_first;
  const Binding binding =
      as::choice(value, Choices<DeploySettings::Order>{{"build-first", DeploySettings::Order::build_first},
                                                       {"stop-first", DeploySettings::Order::stop_first}});
  CHECK(read(binding, "stop-first").empty());
  CHECK(value == DeploySettings::Order::stop_first);
  CHECK(binding.write() == "stop-first");
  CHECK(read(binding, "last") == "is 'last': give one of build-first, stop-first");
}

TEST_CASE("a value from a stranger cannot drive a terminal, nor fill it") {
  std::uint16_t port = 0;
  CHECK_THAT(read(as::port(port), "\"\\e[31mred\""), ContainsSubstring("is '?[31mred'"));
  CHECK(read(as::port(port), std::string(10'000, 'x')).size() < 200);
}
