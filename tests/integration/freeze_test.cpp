// A frozen app: what is pushed meanwhile is kept and told, and nothing of it runs.
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <boost/json/parse.hpp>

using namespace teal;

TEST_CASE("while an app is frozen, a push is recorded and not deployed, and says who froze it and why") {
  const ServedApp app;
  app.host().tealhook_ok({"freeze", app.name(), "-m", "stocktaking"});
  app.project().commit("v2");
  const std::string told = what_was_told(app.project().push(app.name(), Color::blue));
  CHECK_THAT(told, ContainsSubstring("' is frozen by ") && ContainsSubstring(": stocktaking"));
  CHECK_THAT(told, ContainsSubstring("is kept, but not deployed; later: tealhook unfreeze " + app.name()));
  CHECK(app.answer() == "v1 blue");
  CHECK(app.newest().at("status").as_string() == "cancelled");
  CHECK_THAT(std::string(app.newest().at("outcome").as_string()), ContainsSubstring(": stocktaking"));
  CHECK(app.host().tealhook({"deploy", app.name(), "--color", "blue"}).exit_code == 4);

  CHECK_THAT(app.host().tealhook_ok({"unfreeze", app.name()}), ContainsSubstring("deploys again"));
  CHECK_THAT(app.host().tealhook_ok({"unfreeze", app.name()}), ContainsSubstring("was not frozen"));
  CHECK_THAT(app.host().tealhook_ok({"deploy", app.name(), "--color", "blue"}), ContainsSubstring("ready in "));
  CHECK(app.answer() == "v2 blue");
}

TEST_CASE("a frozen app can still go back") {
  const ServedApp app;
  app.push("v2");
  app.host().tealhook_ok({"freeze", app.name(), "-m", "an incident"});
  CHECK_THAT(app.host().tealhook_ok({"rollback", app.name()}), ContainsSubstring("ready in "));
  CHECK(app.answer() == "v1 blue");
}

TEST_CASE("a freeze says why, and is of an app that there is") {
  const ServedApp app;
  CHECK(app.host().tealhook({"freeze", app.name()}).exit_code == 2);
  CHECK(app.host().tealhook({"freeze", app.name(), "-m", "  "}).exit_code == 2);
  CHECK(app.host().tealhook({"freeze", "nobody", "-m", "x"}).exit_code == 2);
}
