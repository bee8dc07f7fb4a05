#include "access/caller.hpp"
#include "process/user.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("who comes over the network is told by the address, and who is here by the user") {
  CHECK(origin_of_caller({{"SSH_CLIENT", "192.0.2.7 50022 22"}}, Trigger::cli).from == "192.0.2.7");
  CHECK(origin_of_caller({{"SSH_CLIENT", "2001:db8::1 50022 22"}}, Trigger::push).from == "2001:db8::1");
  CHECK(origin_of_caller({{"REMOTE_ADDR", "192.0.2.8"}}, Trigger::push).from == "192.0.2.8");
  CHECK(origin_of_caller({}, Trigger::cli).from == user_name());
  CHECK(origin_of_caller({{"SSH_CLIENT", ""}}, Trigger::cli).from == user_name());
  CHECK(origin_of_caller({}, Trigger::push).door == Trigger::push);
}

TEST_CASE("what is said of an address can drive no terminal and is not long") {
  CHECK(origin_of_caller({{"SSH_CLIENT", "\x1b[2J"}}, Trigger::cli).from == "?[2J");
  CHECK(origin_of_caller({{"REMOTE_ADDR", std::string(500, 'x')}}, Trigger::cli).from.size() == 64);
}
