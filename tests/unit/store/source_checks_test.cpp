#include "store/source_checks.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "what was checked of a source is kept by app and source, and forgotten with either") {
  SourceChecks checks(m_database);
  CHECK_FALSE(checks.checked("shop", "hub"));
  CHECK_FALSE(checks.commit("shop", "hub", "refs/heads/main"));
  checks.set_checked("shop", "hub", m_clock.now());
  checks.set_checked("shop", "hub", m_clock.now() + std::chrono::hours(1));
  checks.set_checked("shop", "other", m_clock.now());
  checks.set_commit("shop", "hub", "refs/heads/main", "a");
  checks.set_commit("shop", "hub", "refs/heads/main", "");
  checks.set_commit("web", "hub", "refs/heads/main", "c");
  CHECK(checks.checked("shop", "hub") == m_clock.now() + std::chrono::hours(1));
  CHECK(checks.commit("shop", "hub", "refs/heads/main") == "");
  checks.forget("shop", "hub");
  CHECK_FALSE(checks.checked("shop", "hub"));
  CHECK_FALSE(checks.commit("shop", "hub", "refs/heads/main"));
  CHECK(checks.checked("shop", "other"));
  m_history.forget_app("shop");
  CHECK_FALSE(checks.checked("shop", "other"));
  CHECK(checks.commit("web", "hub", "refs/heads/main") == "c");
}
