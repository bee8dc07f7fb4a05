#include "core/utf8.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

const std::string k_replacement = "\xef\xbf\xbd";

}

TEST_CASE("well-formed UTF-8 of every length stays as it is") {
  for (const std::string text : {"", "plain", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x9a\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(valid_utf8(text) == text);
  }
}

TEST_CASE("what is no UTF-8 is replaced, byte by byte, and what follows stays") {
  CHECK(valid_utf8("caf\xe9!") == "caf" + k_replacement + "!");                       // Latin-1
  CHECK(valid_utf8("\xc0\xaf") == k_replacement + k_replacement);                     // too long a form
  CHECK(valid_utf8("\xed\xa0\x80") == k_replacement + k_replacement + k_replacement); // a surrogate
  CHECK(valid_utf8("\xf4\x90\x80\x80z").ends_with("z"));                              // beyond U+10FFFF
  CHECK(valid_utf8("\xe2\x82") == k_replacement + k_replacement);                     // cut short
  CHECK(valid_utf8("\x9b"
                   "31m") == k_replacement + "31m"); // a bare continuation
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(count_characters("") == 0);
  CHECK(count_characters("caf\xc3\xa9") == 4);
  CHECK(count_characters("\xf0\x9f\x9a\x80 up") == 4);
}
