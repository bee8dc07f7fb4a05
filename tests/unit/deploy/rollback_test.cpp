#include "deploy/rollback.hpp"
#include "support/scripted_home.hpp"
#include "traffic/shift_record.hpp"

using namespace teal;

namespace {

template <class Base>
class RollbackTest : public Base {
protected:
  [[nodiscard]] std::int64_t find(const std::string& wanted = "") {
    return find_rollback(*this->m_services, this->m_store, {"shop", wanted, ""}).id;
  }
  [[nodiscard]] auto plan(const Deployment& deployment) {
    return plan_rollback(*this->m_services, this->m_store, this->m_store.history.release(deployment.release).value());
  }
};

using PlainRollback = RollbackTest<ScriptedHome>;
using RoutedRollback = RollbackTest<RoutedHome>;

} // namespace

TEST_CASE_METHOD(PlainRollback, "a rollback means what the color deployed last ran before") {
  CHECK_THROWS_WITH(find(), "'shop' has no earlier release to go back to; none is kept");
  const Deployment first = serve(Color::blue);
  CHECK_THROWS_WITH(find(), ContainsSubstring("has no earlier release to go back to; these are kept:"));
  serve(Color::green);
  CHECK_THROWS_WITH(find(), ContainsSubstring("has no earlier release")); // blue's is another color's
  serve(Color::blue);
  CHECK(find() == first.release);
}

TEST_CASE_METHOD(PlainRollback, "a release is found by its number and by the beginning of its commit") {
  const Deployment first = serve(Color::blue);
  const Deployment second = serve(Color::blue);
  CHECK(find(std::to_string(first.release)) == first.release);
  CHECK(find(m_commit.substr(0, 7)) == second.release); // the newest of that commit
  CHECK_THROWS_WITH(find("0"), ContainsSubstring("'shop' has no release '0'; these are kept:"));
  CHECK_THROWS_WITH(find("x\x1b[31m"), ContainsSubstring("'x?[31m'"));
}

TEST_CASE_METHOD(PlainRollback, "a release that was forgotten cannot be gone back to") {
  const Deployment first = serve(Color::blue);
  serve(Color::blue);
  m_store.history.forget_release(first.release);
  CHECK_THROWS_AS(find(std::to_string(first.release)), Error);
  CHECK_THROWS_WITH(find(), ContainsSubstring("has no earlier release"));
}

TEST_CASE_METHOD(PlainRollback, "without a router the release is deployed to the same color, unless it runs there") {
  const Deployment first = serve(Color::green);
  const Deployment second = serve(Color::green);
  CHECK(std::holds_alternative<AlreadyThere>(plan(second)));
  const auto way = plan(first);
  REQUIRE(std::holds_alternative<ByDeployment>(way));
  const Request& request = std::get<ByDeployment>(way).request;
  CHECK(request.release == first.release);
  CHECK(request.destination == Destination(Color::green));
  CHECK(request.event.new_commit == m_commit);
}

TEST_CASE_METHOD(PlainRollback, "what was stopped since is deployed again") {
  const Deployment only = serve(Color::blue);
  m_world->stop("shop", Color::blue);
  CHECK(std::holds_alternative<ByDeployment>(plan(only)));
  m_world->remove("shop", Color::blue);
  CHECK(std::holds_alternative<ByDeployment>(plan(only)));
}

TEST_CASE_METHOD(RoutedRollback, "the release that the other color still runs is a switch away") {
  const Deployment blue = serve(Color::blue);
  go_live(Color::blue);
  const Deployment green = serve(Color::green);
  go_live(Color::green);
  CHECK(find() == blue.release);
  const auto way = plan(blue);
  REQUIRE(std::holds_alternative<BySwitch>(way));
  CHECK(std::get<BySwitch>(way).color == Color::blue);
  CHECK(std::holds_alternative<AlreadyThere>(plan(green)));
}

TEST_CASE_METHOD(RoutedRollback, "where the other color's has gone or exited the release is deployed live") {
  const Deployment blue = serve(Color::blue);
  serve(Color::green);
  go_live(Color::green);
  m_world->stop("shop", Color::blue);
  const auto way = plan(blue);
  REQUIRE(std::holds_alternative<ByDeployment>(way));
  CHECK(std::get<ByDeployment>(way).request.destination == Destination::live());
}

TEST_CASE_METHOD(RoutedRollback, "while traffic is shifted a rollback goes to where it came from, by a switch") {
  const Deployment blue = serve(Color::blue);
  serve(Color::green);
  go_live(Color::blue);
  const AppFolder folder = m_home.app("shop");
  const auto at_it = FileLock::try_acquire(folder.shift_lock());
  write_shift(folder, {.who = "ada", .from = Color::blue, .to = Color::green, .percent = 50, .called_off_by = ""});
  CHECK(find() == blue.release);
  const auto way = plan(blue);
  REQUIRE(std::holds_alternative<BySwitch>(way));
  CHECK(std::get<BySwitch>(way).color == Color::blue);
}
