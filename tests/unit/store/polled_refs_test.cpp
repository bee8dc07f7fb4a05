#include "store/polled_refs.hpp"
#include "store_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE_METHOD(StoreFixture, "what was polled is kept by source, until it is replaced or its app goes") {
  PolledRefs polled(m_database);
  const PolledRef main{"refs/heads/main", std::string(40, 'a'), TimePoint(Milliseconds(5)), TimePoint(Milliseconds(7))};
  const PolledRef tag{"refs/tags/v1", std::string(40, 'b'), TimePoint(Milliseconds(6)), {}};
  polled.replace("shop", "mirror", {tag, main});
  polled.replace("shop", "other", {tag});
  polled.replace("blog", "mirror", {main});
  CHECK(polled.list("shop", "mirror") == std::vector{main, tag});
  polled.replace("shop", "mirror", {main});
  CHECK(polled.list("shop", "mirror") == std::vector{main});
  m_history.forget_app("shop");
  CHECK(polled.list("shop", "mirror").empty());
  CHECK(polled.list("shop", "other").empty());
  CHECK(polled.list("blog", "mirror") == std::vector{main});
}
