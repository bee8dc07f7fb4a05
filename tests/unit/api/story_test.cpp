#include "api/story.hpp"
#include "process/files.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

#include <algorithm>
#include <fstream>

using namespace teal;
using api::Story;

namespace {

class StoryFixture : public StoreFixture {
protected:
  StoryFixture() { files::create_directories(m_home.app("shop").logs()); }

  std::int64_t queue() { return m_queue.enqueue(event_of("shop"), Color::blue).deployment.id; }
  /// Over what is there, as who appends to it has it.
  void log(std::int64_t id, const std::string& text) const { std::ofstream(m_home.app("shop").log(id)) << text; }
  Story story(std::int64_t id, std::uint64_t from = 0) {
    return {m_home, m_store.history.deployment(id).value(), from};
  }
  /// All that is new.
  std::string hear(Story& story) {
    std::string all;
    while (!story.is_over()) {
      const std::string piece = story.next(m_store);
      if (piece.empty()) {
        break;
      }
      CHECK(piece.size() <= 3 * api::Narrative::k_piece);
      all += piece;
    }
    return all;
  }

  Home m_home{m_folder.path()};
  Store m_store{m_file, m_clock};
};

} // namespace

TEST_CASE("an event is framed as the standard says") {
  CHECK(api::sse_event("log", "7", "a") == "id: 7\nevent: log\ndata: a\n\n");
  CHECK(api::sse_event("log", "", "a\nb") == "event: log\ndata: a\ndata: b\n\n");
  CHECK(api::sse_event("log", "0", "") == "id: 0\nevent: log\ndata: \n\n");
}

TEST_CASE_METHOD(StoryFixture, "a story has its status, its steps, its lines and its end, each once") {
  const std::int64_t id = queue();
  Story told = story(id);
  CHECK(hear(told) == "event: status\ndata: {\"status\":\"queued\"}\n\n");
  CHECK(hear(told).empty());
  REQUIRE(m_queue.begin(id, Color::blue));
  m_queue.begin_step(id, StepName::build);
  log(id, "one\ntwo\nthr");
  CHECK_THAT(hear(told), ContainsSubstring("{\"status\":\"running\"}") &&
                             ContainsSubstring("event: step\ndata: {\"name\":\"build\",\"status\":\"running\"") &&
                             ContainsSubstring("id: 4\nevent: log\ndata: one\n\nid: 8\nevent: log\ndata: two\n\n") &&
                             !ContainsSubstring("thr"));
  m_queue.end_step(id, StepName::build, StepStatus::done, Milliseconds(7), "cached");
  log(id, "one\ntwo\nthree\nlast");
  CHECK_THAT(hear(told), ContainsSubstring("\"status\":\"done\"") && ContainsSubstring("data: three\n\n") &&
                             !ContainsSubstring("running") && !ContainsSubstring("last"));
  m_queue.finish(id, Status::ready, {.text = "http://host:50101/"});
  const std::string end = hear(told);
  CHECK_THAT(end, ContainsSubstring("id: 18\nevent: log\ndata: last\n\n") &&
                      ContainsSubstring("id: end\nevent: outcome\ndata: {\"id\":1,"));
  CHECK(end.find("data: last") < end.find("event: outcome"));
  CHECK(told.is_over());
}

TEST_CASE_METHOD(StoryFixture, "whoever comes back hears what they missed") {
  const std::int64_t id = deploy("shop", Color::blue, Status::failed);
  log(id, "one\ntwo\nthree\n");
  Story told = story(id, 4);
  const std::string all = hear(told);
  CHECK_THAT(all, ContainsSubstring("id: 8\nevent: log\ndata: two\n\nid: 14\nevent: log\ndata: three\n\n") &&
                      ContainsSubstring("event: outcome") && !ContainsSubstring("data: one"));
}

TEST_CASE_METHOD(StoryFixture, "what is no UTF-8 and a line without end are told nevertheless") {
  const std::int64_t id = deploy("shop", Color::blue, Status::failed);
  log(id, "\xff\n" + std::string(50'000, '~') + "\nend\n");
  Story told = story(id);
  const std::string all = hear(told);
  CHECK_THAT(all, ContainsSubstring("data: \xef\xbf\xbd\n") && ContainsSubstring("data: end\n"));
  CHECK(std::count(all.begin(), all.end(), '~') == 50'000);
}

TEST_CASE_METHOD(StoryFixture, "a deployment that never ran has an end, and one whose app is gone, too") {
  const std::int64_t older = queue();
  Story gone = story(queue());
  Story told = story(older);
  CHECK_THAT(hear(told), ContainsSubstring("superseded by deployment 2"));
  CHECK(told.is_over());
  static_cast<void>(hear(gone));
  m_history.forget_app("shop");
  CHECK_THAT(hear(gone), ContainsSubstring("event: gone"));
  CHECK(gone.is_over());
}
