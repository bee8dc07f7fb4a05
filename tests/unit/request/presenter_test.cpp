#include "core/file_io.hpp"
#include "request/presenter.hpp"
#include "support/catch.hpp"
#include "unit/store/store_fixture.hpp"

using namespace teal;

namespace {

class PresenterFixture : public StoreFixture {
protected:
  Submission submission(Status status) {
    Submission made{.deployment = m_queue.enqueue(event_of("shop"), Destination::live()).deployment};
    made.deployment.status = status;
    return made;
  }
  /// What is told, with what it is to exit with.
  std::pair<std::string, int> told(const Submission& made, bool detach = true) {
    Pipe pipe = open_pipe();
    Output output(pipe.write_end.number());
    const int code = present(m_place, made, output, detach);
    pipe.write_end.close();
    std::string text(4096, '\0');
    text.resize(static_cast<std::size_t>(read_some(pipe.read_end.number(), text.data(), text.size())));
    return {text, code};
  }

  Store m_store{m_file, m_clock};
  Workplace m_place{{m_folder.path()}, inherited_environment(), {m_folder.path()}, m_store};
};

} // namespace

TEST_CASE_METHOD(PresenterFixture, "what is queued and not waited for is told with how to follow it") {
  const auto [text, code] = told(submission(Status::queued));
  CHECK(text == "deployment 1 is queued; follow it with: tealhook logs 1 -f\n");
  CHECK(code == 0);
}

TEST_CASE_METHOD(PresenterFixture, "what a freeze keeps out is told with who froze and the command that tries again") {
  Submission made = submission(Status::cancelled);
  made.freeze = Freeze{.app = "shop", .who = "anna", .why = "stocktaking", .at = m_clock.time};
  const auto [text, code] = told(made);
  CHECK_THAT(text, ContainsSubstring("'shop' is frozen by anna since ") && ContainsSubstring(": stocktaking\n"));
  CHECK_THAT(text, ContainsSubstring("bbbbbbb is kept, but not deployed; later: tealhook unfreeze shop --deploy\n"));
  CHECK(code == 4);
}

TEST_CASE_METHOD(PresenterFixture, "what no runner could be started for is told with what goes on later") {
  Submission made = submission(Status::queued);
  made.runner_fault = Error(ErrorKind::environment, "no room for a process");
  const auto [text, code] = told(made);
  CHECK_THAT(text, ContainsSubstring("error: no room for a process\nUNFINISHED   deployment 1 goes on"));
  CHECK(code == 3);
}

TEST_CASE_METHOD(PresenterFixture, "what a pause keeps waiting is told with who paused and how it goes on") {
  Submission made = submission(Status::queued);
  made.pause = Pause{.app = "shop", .who = "anna", .at = m_clock.time};
  const auto [text, code] = told(made);
  CHECK_THAT(text, ContainsSubstring("'shop' is paused by anna since ") &&
                       ContainsSubstring(": deployment 1 waits until: tealhook queue resume shop\n"));
  CHECK(code == 0); // it is queued, as was asked
  CHECK(told(made, false).second == 4);
}
