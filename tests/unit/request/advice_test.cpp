#include "request/advice.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("every command that a message advises names the home") {
  const Home home{"/home/deploy/tealhook"};
  CHECK(with_home("later: tealhook unfreeze shop --deploy\n", home) ==
        "later: tealhook --home /home/deploy/tealhook unfreeze shop --deploy\n");
  CHECK(with_home("log: tealhook logs 4   again: tealhook deploy shop", home) ==
        "log: tealhook --home /home/deploy/tealhook logs 4   again: tealhook --home /home/deploy/tealhook deploy shop");
  CHECK(with_home("it cannot be told now (tealhook check says why); 'tealhook setup'", home) ==
        "it cannot be told now (tealhook --home /home/deploy/tealhook check says why); "
        "'tealhook --home /home/deploy/tealhook setup'");
}

TEST_CASE("what is no command of ours and what a program printed stays as it is") {
  const Home home{"/h"};
  for (const char* text : {"started by tealhook itself", "tealhook --home NEW hook install", "use mytealhook deploy",
                           "  | run tealhook deploy shop\n", "tealhook deployed it", "tealhook", ""}) {
    CHECK(with_home(text, home) == text);
  }
  CHECK(with_home("  | tealhook check\ntealhook check\n", home) == "  | tealhook check\ntealhook --home /h check\n");
}
