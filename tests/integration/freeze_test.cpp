// A frozen app: what is pushed meanwhile is kept and told, and nothing of it runs.
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

using namespace teal;

TEST_CASE("while an app is frozen, a push is recorded and not deployed, and says who froze it and why") {
  const ServedApp app;
  app.host().tealhook_ok({"freeze", app.name(), "-m", "stocktaking"});
  app.project().commit("v2");
  const std::string told = what_was_told(app.project().push(app.name(), Color::blue));
  CHECK_THAT(told, ContainsSubstring("' is frozen by ") && ContainsSubstring(": stocktaking"));
  CHECK_THAT(told,
             ContainsSubstring(fmt::format("is kept, but not deployed; later: tealhook --home {} unfreeze {} --deploy",
                                           app.host().home().root.string(), app.name())));
  CHECK(app.answer() == "v1 blue");
  CHECK(app.newest().at("status").as_string() == "cancelled");
  CHECK_THAT(std::string(app.newest().at("outcome").as_string()), ContainsSubstring(": stocktaking"));
  CHECK(app.host().tealhook({"deploy", app.name(), "--color", "blue"}).exit_code == 4);

  CHECK_THAT(app.host().tealhook_ok({"unfreeze", app.name()}), ContainsSubstring("deploys again"));
  CHECK_THAT(app.host().tealhook_ok({"unfreeze", app.name()}), ContainsSubstring("was not frozen"));
  CHECK_THAT(app.host().tealhook_ok({"deploy", app.name(), "--color", "blue"}), ContainsSubstring("ready in "));
  CHECK(app.answer() == "v2 blue");
}

TEST_CASE("what came during a freeze is deployed by the command that the pusher was told") {
  const ServedApp app;
  app.host().tealhook_ok({"freeze", app.name(), "-m", "stocktaking"});
  for (const char* version : {"v2", "v3"}) {
    app.project().commit(version);
    app.project().push(app.name(), Color::blue);
  }
  const std::string told = app.host().tealhook_ok({"unfreeze", app.name(), "--deploy"});
  CHECK_THAT(told, ContainsSubstring("ready in "));
  CHECK(app.answer() == "v3 blue");
  CHECK(app.newest().at("trigger").as_string() == "cli");
  CHECK_THAT(app.host().tealhook_ok({"unfreeze", app.name(), "--deploy"}), ContainsSubstring("was not frozen"));
  CHECK(app.newest().at("id").to_number<int>() == 4);
}

TEST_CASE("without a terminal unfreeze says how to deploy what came meanwhile and on one it asks") {
  const ServedApp app;
  const auto freeze_and_push = [&](const std::string& version) {
    app.host().tealhook_ok({"freeze", app.name(), "-m", "stocktaking"});
    app.project().commit(version);
    app.project().push(app.name(), Color::blue);
  };
  freeze_and_push("v2");
  const std::string told = app.host().tealhook_ok({"unfreeze", app.name()});
  const std::string commit(app.newest().at("commit").as_string());
  const std::string command = fmt::format("tealhook deploy {} --color blue --rev {}", app.name(), commit.substr(0, 12));
  CHECK_THAT(told, ContainsSubstring("\"Say v2\" came meanwhile and is not deployed; to deploy it: " + command));
  CHECK(app.answer() == "v1 blue");
  app.host().tealhook_ok({"deploy", app.name(), "--color", "blue", "--rev", commit.substr(0, 12)});
  CHECK(app.answer() == "v2 blue");

  const auto on_terminal = [&](const std::string& answer) {
    return run({.arguments = {"script", "-qec", TestHost::tool().string() + " unfreeze " + app.name(), "/dev/null"},
                .environment = app.host().environment(),
                .input = answer + "\n"})
        .tail;
  };
  freeze_and_push("v3");
  CHECK_THAT(on_terminal("n"), ContainsSubstring("deploy what came meanwhile?") && ContainsSubstring("to deploy it: "));
  CHECK(app.answer() == "v2 blue");
  freeze_and_push("v4");
  CHECK_THAT(on_terminal("y"), ContainsSubstring("ready in "));
  CHECK(app.answer() == "v4 blue");
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
