#include "core/descriptor.hpp"
#include "support/catch.hpp"

#include <fcntl.h>

#include <cerrno>
#include <utility>

using namespace teal;

namespace {

Descriptor open_null() {
  return Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
}

bool is_open(int number) {
  return ::fcntl(number, F_GETFD) >= 0;
}

} // namespace

TEST_CASE("a descriptor is closed when it leaves scope") {
  int number = -1;
  {
    const Descriptor opened = open_null();
    REQUIRE(opened);
    number = opened.number();
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
}

TEST_CASE("a descriptor that is moved has one owner, and the one it replaces is closed") {
  Descriptor first = open_null();
  Descriptor second = open_null();
  const int kept = first.number();
  const int replaced = second.number();
  second = std::move(first);
  CHECK(second.number() == kept);
  CHECK(is_open(kept));
  CHECK_FALSE(is_open(replaced));
}

TEST_CASE("a descriptor that is released stays open") {
  const int number = open_null().release();
  CHECK(is_open(number));
  const Descriptor again(number);
}

TEST_CASE("what a failed system call returned is no descriptor, and closing leaves its errno") {
  errno = ENOENT;
  {
    const Descriptor nothing(-1);
    CHECK_FALSE(nothing);
    Descriptor opened = open_null();
    errno = ENOENT;
    opened.close();
  }
  CHECK(errno == ENOENT);
}
