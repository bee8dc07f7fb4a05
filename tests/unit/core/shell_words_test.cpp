#include "core/shell_words.hpp"
#include "support/catch.hpp"

using namespace teal;
using Words = std::vector<std::string>;

TEST_CASE("words are cut as a shell cuts them, and nothing is looked up") {
  CHECK(split_words("") == Words{});
  CHECK(split_words("  status\t shop ") == Words{"status", "shop"});
  CHECK(split_words("git-receive-pack 'shop/blue'") == Words{"git-receive-pack", "shop/blue"});
  CHECK(split_words("'it'\\''s' \"a \\\"b\\\"\" c\\ d ''") == Words{"it's", "a \"b\"", "c d", ""});
  CHECK(split_words("a;b $(id) `id` | x > y") == Words{"a;b", "$(id)", "`id`", "|", "x", ">", "y"});
  CHECK(split_words("a'b'c") == Words{"abc"});
}

TEST_CASE("what no shell would take as one line is refused") {
  for (const std::string text : {"'open", "\"open", "end\\", "two\nlines", "nul\x01", "del\x7f"}) {
    INFO(text);
    CHECK_FALSE(split_words(text));
  }
  CHECK_FALSE(split_words(std::string_view("a\0b", 3)));
  CHECK_FALSE(split_words("'in\nside'"));
}

TEST_CASE("a quoted word is read back as it was") {
  CHECK(quote_word("/usr/bin/tealhook") == "/usr/bin/tealhook");
  CHECK(quote_word("") == "''");
  for (const std::string word : {"a b", "it's", "\"x\"", "$HOME", "a\\b", "", "~", "*"}) {
    INFO(word);
    CHECK(split_words(quote_word(word)) == Words{word});
  }
}
