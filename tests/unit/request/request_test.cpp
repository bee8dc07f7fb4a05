#include "core/error.hpp"
#include "core/file_io.hpp"
#include "process/atomic_file.hpp"
#include "request/request.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;

namespace {

namespace fs = std::filesystem;

/// A home with an app, where a runner that is started says so in a file, and ends.
class RequestFixture : public StoreFixture {
protected:
  RequestFixture() {
    const Installation installation{m_prefix};
    fs::create_directories(m_home.app("shop").logs());
    fs::create_directories(installation.tool().parent_path());
    write_file(installation.tool(), "#!/bin/sh\ntouch " + m_started.string() + "\n", 0755);
    write_file(m_home.settings(), "router: {kind: none}\n");
  }

  Request request(const Aim& aim, bool detach) {
    Output output(m_pipe.write_end.number());
    Request result = request_deployment({m_home, inherited_environment(), {m_prefix}, m_store, output},
                                        event_of("shop"), aim, detach);
    m_pipe.write_end.close();
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(read_some(m_pipe.read_end.number(), text.data(), text.size())));
    m_told = text;
    return result;
  }

  Home m_home{m_folder.path()};
  fs::path m_prefix = m_folder.path() / "prefix";
  fs::path m_started = m_folder.path() / "started";
  Store m_store{m_file, m_clock};
  Pipe m_pipe = open_pipe();
  std::string m_told;
};

} // namespace

TEST_CASE_METHOD(RequestFixture, "what is asked for is queued, and a runner is started that nobody waits for") {
  const Request made = request({Color::green}, true);
  CHECK(made.deployment == 1);
  CHECK(made.exit_code == 0);
  CHECK(m_told == "deployment 1 is queued; follow it with: tealhook logs 1 -f\n");
  CHECK(status_of(1) == Status::queued);
  wait_until([&] { return fs::exists(m_started); }, std::chrono::seconds(10), "the runner");
}

TEST_CASE_METHOD(RequestFixture,
                 "during a freeze what is asked for is kept and not deployed, and it is said who froze") {
  m_store.traffic.set_freeze({.app = "shop", .who = "anna", .why = "stocktaking", .at = m_clock.time});
  const Request made = request({Color::green}, true);
  CHECK(made.exit_code == 4);
  CHECK_THAT(m_told, ContainsSubstring("'shop' is frozen by anna since ") && ContainsSubstring(": stocktaking\n") &&
                         ContainsSubstring("bbbbbbb is kept, but not deployed; later: tealhook unfreeze shop"));
  CHECK(status_of(made.deployment) == Status::cancelled);
  CHECK_FALSE(m_queue.next("shop"));
  CHECK_FALSE(fs::exists(m_started));
}

TEST_CASE_METHOD(RequestFixture, "a freeze of another app, and one that is over, hold nothing up") {
  m_store.traffic.set_freeze({.app = "blog", .who = "anna", .why = "stocktaking", .at = m_clock.time});
  m_store.traffic.set_freeze({.app = "shop", .who = "anna", .why = "stocktaking", .at = m_clock.time});
  REQUIRE(m_store.traffic.remove_freeze("shop", "ada"));
  CHECK(request({Color::blue}, true).exit_code == 0);
  CHECK(m_queue.next("shop"));
}

TEST_CASE_METHOD(RequestFixture, "a rollback is let through a freeze") {
  const std::int64_t earlier = m_queue.enqueue(event_of("shop"), {Color::blue}).deployment.id;
  REQUIRE(m_queue.begin(earlier));
  const std::int64_t release = m_queue.add_release(earlier, release_of("shop", 'a'));
  m_queue.finish(earlier, Status::ready, {});
  m_store.traffic.set_freeze({.app = "shop", .who = "anna", .why = "stocktaking", .at = m_clock.time});
  const Request made = request({.color = Color::blue, .release = release}, true);
  CHECK(made.exit_code == 0);
  CHECK(status_of(made.deployment) == Status::queued);
}

TEST_CASE_METHOD(RequestFixture, "live traffic cannot follow without a router, and nothing is queued for it") {
  CHECK_THROWS_WITH(request({.color = Color::blue, .follow = true}, true),
                    ContainsSubstring("there is no router that could move live traffic"));
  CHECK_FALSE(m_queue.next("shop"));
}
