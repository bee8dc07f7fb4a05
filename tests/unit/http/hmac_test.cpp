#include "http/hmac.hpp"
#include "support/catch.hpp"

using namespace teal::http;

TEST_CASE("GitHub's own example of a signature comes out") {
  CHECK(hmac_hex(Hash::sha256, "It's a Secret to Everybody", "Hello, World!") ==
        "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
}

TEST_CASE("an HMAC is that of RFC 2202 and takes empty texts") {
  CHECK(hmac_hex(Hash::sha1, "Jefe", "what do ya want for nothing?") == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hmac_hex(Hash::sha256, "", "") == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST_CASE("a token's digest is its SHA-256") {
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("texts are equal only if each byte is") {
  CHECK(equal_in_constant_time("", ""));
  CHECK(equal_in_constant_time("abc", "abc"));
  CHECK_FALSE(equal_in_constant_time("abc", "abd"));
  CHECK_FALSE(equal_in_constant_time("abc", "ab"));
  CHECK_FALSE(equal_in_constant_time({"a\0b", 3}, {"a\0c", 3}));
}

TEST_CASE("a token has two digits a byte and no two are the same") {
  CHECK(random_token(32).size() == 64);
  CHECK(random_token(32).find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(random_token(32) != random_token(32));
  CHECK(random_token(0).empty());
}
