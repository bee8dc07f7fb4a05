#include "core/error.hpp"
#include "support/catch.hpp"

#include <cerrno>

using namespace teal;

TEST_CASE("an error collects what was being done, innermost first") {
  const auto fail = []() -> int { throw Error(ErrorKind::timeout, "cannot wait"); };
  try {
    while_doing("deploying 'shop'", [&] { return while_doing("starting slot 'green'", fail); });
    FAIL("no error came through");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::timeout);
    CHECK(error.message() == "cannot wait");
    CHECK(std::string(error.what()) == "cannot wait\n  while starting slot 'green'\n  while deploying 'shop'");
    CHECK(error.trail() == std::vector<std::string>{"starting slot 'green'", "deploying 'shop'"});
  }
}

TEST_CASE("work that does not fail gives its value, a reference as a reference") {
  int value = 1;
  while_doing("counting", [&]() -> int& { return value; }) = 2;
  CHECK(value == 2);
}

TEST_CASE("other exceptions pass unchanged") {
  CHECK_THROWS_AS(while_doing("trying", [] { throw 42; }), int);
}

TEST_CASE("an error's kind has a name") {
  CHECK(to_string(ErrorKind::usage) == "usage");
  CHECK(to_string(ErrorKind::settings) == "settings");
  CHECK(to_string(ErrorKind::environment) == "environment");
  CHECK(to_string(ErrorKind::timeout) == "timeout");
  CHECK(to_string(ErrorKind::busy) == "busy");
  CHECK(to_string(ErrorKind::internal) == "internal");
}

TEST_CASE("an error's kind decides the exit code") {
  CHECK(exit_code(ErrorKind::usage) == 2);
  CHECK(exit_code(ErrorKind::settings) == 2);
  CHECK(exit_code(ErrorKind::environment) == 3);
  CHECK(exit_code(ErrorKind::timeout) == 3);
  CHECK(exit_code(ErrorKind::internal) == 3);
  CHECK(exit_code(ErrorKind::busy) == 4);
}

TEST_CASE("the system's reasons begin in lower case") {
  CHECK(system_reason(EACCES) == "permission denied");
  CHECK(system_reason(ENOENT) == "no such file or directory");
  CHECK_FALSE(system_reason(123456).empty());
}
