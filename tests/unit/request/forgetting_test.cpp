#include "process/atomic_file.hpp"
#include "request/forgetting.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;

namespace {

class ForgettingFixture : public StoreFixture {
protected:
  ForgettingFixture() {
    write_file(m_home.settings(), "serve: {keep_events: 2h}\n");
    std::filesystem::create_directories(m_home.app("shop").logs());
  }

  Home m_home{m_folder.path()};
  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE_METHOD(ForgettingFixture,
                 "what is older than serve.keep_events is forgotten with its log, and no younger one") {
  const auto old = deploy("shop", Color::blue, Status::failed);
  write_file(m_home.app("shop").log(old), "FAILED\n");
  const auto taken = m_store.deliveries.add({{.app = "shop",
                                              .source = "hub",
                                              .sender = "a",
                                              .refs = {},
                                              .headers = {},
                                              .payload = {},
                                              .at = m_clock.time,
                                              .outcome = {}}});
  m_store.deliveries.settle({{.id = taken.front().id, .status = DeliveryStatus::done, .outcome = {}}});
  for (int i = 0; i < 100; ++i) {
    deploy("shop", Color::blue, Status::failed);
  }
  m_clock.time += std::chrono::hours(1);
  forget_old_events(m_home, m_store, "shop");
  CHECK(m_history.deployment(old));
  m_clock.time += std::chrono::hours(2);
  forget_old_events(m_home, m_store, "shop");
  CHECK_FALSE(m_history.deployment(old));
  CHECK_FALSE(std::filesystem::exists(m_home.app("shop").log(old)));
  CHECK_FALSE(m_store.deliveries.find(taken.front().id));
  CHECK(m_history.latest("shop"));
}
