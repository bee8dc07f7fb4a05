#include "git/digest.hpp"
#include "support/catch.hpp"

using namespace teal::git;

TEST_CASE("a text's digest is what git names a blob of it") {
  CHECK(digest_of("") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
  CHECK(digest_of("hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a");
}
