#include "core/glob.hpp"
#include "support/catch.hpp"

#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace teal;

namespace {

using Random = std::mt19937;

std::string random_text(Random& random, std::string_view letters, std::size_t longest) {
  std::string text(std::uniform_int_distribution<std::size_t>(0, longest)(random), ' ');
  for (char& letter : text) {
    letter = letters[std::uniform_int_distribution<std::size_t>(0, letters.size() - 1)(random)];
  }
  return text;
}

} // namespace

TEST_CASE("a pattern without wildcards matches itself") {
  CHECK(matches_glob("main", "main"));
  CHECK(matches_glob("", ""));
  for (const char* other : {"", "mai", "main2", "Main", "x/main"}) {
    INFO(other);
    CHECK_FALSE(matches_glob("main", other));
  }
}

TEST_CASE("a star stands for what has no slash") {
  CHECK(matches_glob("*", ""));
  CHECK(matches_glob("*", "main"));
  CHECK_FALSE(matches_glob("*", "release/1"));
  CHECK(matches_glob("release-*", "release-"));
  CHECK(matches_glob("release-*", "release-1.2"));
  CHECK_FALSE(matches_glob("release-*", "prerelease-1"));
  CHECK_FALSE(matches_glob("release-*", "release-1/2"));
  CHECK(matches_glob("*/x*z", "a/xyyz"));
  CHECK(matches_glob("*a*b*", "xxabxx"));
  CHECK_FALSE(matches_glob("*a*b*", "xxbaxx"));
}

TEST_CASE("two stars stand for anything and for no folder as well") {
  CHECK(matches_glob("**", ""));
  CHECK(matches_glob("**", "a/b/c"));
  CHECK(matches_glob("web/**", "web/a/b"));
  CHECK_FALSE(matches_glob("web/**", "web"));
  CHECK_FALSE(matches_glob("web/**", "webs/a"));
  CHECK(matches_glob("**/x.css", "x.css"));
  CHECK(matches_glob("**/x.css", "a/b/x.css"));
  CHECK_FALSE(matches_glob("**/x.css", "ax.css"));
  CHECK(matches_glob("a/**/b", "a/b"));
  CHECK(matches_glob("a/**/b", "a/c/d/b"));
  CHECK_FALSE(matches_glob("a/**/b", "ab"));
  CHECK_FALSE(matches_glob("a/**/b", "a/cb"));
  CHECK(matches_glob("a**/b", "axe/y/b"));
  CHECK(matches_glob("***", "a/b"));
}

TEST_CASE("a question mark stands for one character that is no slash") {
  CHECK(matches_glob("v?", "v1"));
  CHECK(matches_glob("v?", "v\xc3\xbc"));
  for (const char* other : {"v", "v12", "v/"}) {
    INFO(other);
    CHECK_FALSE(matches_glob("v?", other));
  }
}

TEST_CASE("brackets stand for one of a set") {
  CHECK(matches_glob("[abc]", "b"));
  CHECK(matches_glob("v[0-9].[0-9a-f]", "v1.e"));
  CHECK(matches_glob("[!0-9]", "x"));
  CHECK(matches_glob("[^0-9]", "x"));
  CHECK(matches_glob("[]]", "]"));
  CHECK(matches_glob("[a-]", "-"));
  CHECK(matches_glob("[*]", "*"));
  CHECK(matches_glob("[\xc3\xa4-\xc3\xbc]", "\xc3\xb6"));
  CHECK_FALSE(matches_glob("[abc]", "d"));
  CHECK_FALSE(matches_glob("[!0-9]", "5"));
  CHECK_FALSE(matches_glob("[!a]", "/"));
  CHECK_FALSE(matches_glob("[.-0]", "/"));
  CHECK_FALSE(matches_glob("[*]", "a"));
}

TEST_CASE("a bracket that is never closed is itself") {
  CHECK(matches_glob("a[b", "a[b"));
  CHECK(matches_glob("[", "["));
  CHECK(matches_glob("[!", "[!"));
  CHECK_FALSE(matches_glob("a[b", "ab"));
}

TEST_CASE("a pattern that would send a backtracking matcher away for ever is answered") {
  std::string pattern;
  for (int i = 0; i < 50; ++i) {
    pattern += "**/*a*?";
  }
  CHECK_FALSE(matches_glob(pattern + "b", std::string(5000, 'a')));
}

TEST_CASE("a pattern covers those that match less") {
  const std::vector<std::pair<const char*, const char*>> pairs{
      {"**", "a/*/b"},   {"**", "**"},       {"*", "main"},        {"*", "release-*"},    {"*", "?"},
      {"?", "[ab]"},     {"[a-c]", "b"},     {"[ab]", "[ab]"},     {"rel*", "release-*"}, {"release/*", "release/1.*"},
      {"a/**", "a/b"},   {"**/b", "a/**/b"}, {"a/**/b", "a/**/b"}, {"a/**/b", "a/b"},     {"*-*", "a-b*"},
      {"x**b", "x/**/b"}};
  for (const auto& [wide, narrow] : pairs) {
    INFO(wide << " " << narrow);
    CHECK(covers_glob(wide, narrow));
  }
}

TEST_CASE("a pattern does not cover one that matches something else") {
  const std::vector<std::pair<const char*, const char*>> pairs{
      {"main", "*"}, {"?", "*"},      {"*", "**"},       {"*", "a/b"}, {"[*]", "*"},    {"[?]", "?"},
      {"a*", "*"},   {"*/*", "a/**"}, {"[ab]", "[abc]"}, {"", "*"},    {"a/**", "a**"}, {"**/b", "**b"}};
  for (const auto& [wide, narrow] : pairs) {
    INFO(wide << " " << narrow);
    CHECK_FALSE(covers_glob(wide, narrow));
  }
}

TEST_CASE("whatever a covered pattern matches the covering one matches too") {
  constexpr int k_rounds = 60'000;
  constexpr unsigned k_seed = 20'261'125;
  Random random(k_seed);
  int covered = 0;
  int matched = 0;
  for (int i = 0; i < k_rounds; ++i) {
    const std::string wide = random_text(random, "ab/**?", 5);
    const std::string narrow = random_text(random, "ab/**?", 5);
    if (!covers_glob(wide, narrow)) {
      continue;
    }
    ++covered;
    for (int n = 0; n < 20; ++n) {
      const std::string text = random_text(random, "ab/", 5);
      if (matches_glob(narrow, text)) {
        ++matched;
        INFO(wide << " " << narrow << " " << text);
        CHECK(matches_glob(wide, text));
      }
    }
  }
  CHECK(covered > 1000);
  CHECK(matched > 1000);
}
