#include "core/file_io.hpp"
#include "request/deployment_log.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <fstream>
#include <iterator>

using namespace teal;

namespace {

/// A log in a folder that is not there yet.
class TestLog {
public:
  [[nodiscard]] DeploymentLog open(Milliseconds patience = DeploymentLog::k_patience) const {
    return DeploymentLog(m_file, patience);
  }
  [[nodiscard]] std::string text() const {
    std::ifstream file(m_file, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

private:
  TempFolder m_folder;
  std::filesystem::path m_file = m_folder.path() / "logs" / "42.log";
};

Event event_with(const std::string& ref, const std::string& subject) {
  Event event;
  event.app = "shop";
  event.ref = ref;
  event.new_commit = "1a2b3c4d5e6f7a8b9c0d1a2b3c4d5e6f7a8b9c0d";
  event.subject = subject;
  return event;
}

Step step_of(StepName name, StepStatus status, const std::string& fact) {
  return {.name = name, .status = status, .started = {}, .duration = Milliseconds(1210), .fact = fact};
}

} // namespace

TEST_CASE("a log begins with what is deployed where, and has a line for each step") {
  const TestLog log;
  DeploymentLog writer = log.open();
  Deployment deployment;
  deployment.id = 42;
  deployment.color = Color::green;
  deployment.event = event_with("refs/heads/main", "Fix login");
  writer.header(deployment);
  writer.step(step_of(StepName::build, StepStatus::done, "6 of 7 layers cached"));
  writer.step(step_of(StepName::check, StepStatus::failed, ""));
  writer.step(step_of(StepName::publish, StepStatus::failed, "ended, for another step has failed"));
  CHECK(log.text() == "shop -> green   deployment 42   main 1a2b3c4 \"Fix login\"\n"
                      "build      1.21 s   6 of 7 layers cached\n"
                      "check      1.21 s   failed\n"
                      "publish    1.21 s   failed: ended, for another step has failed\n");
}

TEST_CASE("no line of a log can drive a terminal whatever it quotes") {
  const TestLog log;
  DeploymentLog writer = log.open();
  writer.line("error: step 'RUN \x1b[2Jx\x1b]0;title\a' failed\n  while building '\xc2\x9b\x33'");
  writer.step(step_of(StepName::build, StepStatus::done, "stage \x1b[31mred"));
  Deployment deployment;
  deployment.event = event_with("refs/heads/main", "\x1b[1msubject");
  deployment.event.app = "";
  deployment.color = Color::blue;
  writer.header(deployment);
  CHECK(log.text() == "error: step 'RUN ?[2Jx?]0;title?' failed\n  while building '??3'\n"
                      "build      1.21 s   stage ?[31mred\n"
                      " -> blue   deployment 0   main 1a2b3c4 \"?[1msubject\"\n");
}

TEST_CASE("a later writer goes on where the first one was killed") {
  const TestLog log;
  log.open().line("before");
  log.open().line("after");
  CHECK(log.text() == "before\nafter\n");
}

TEST_CASE("output is set in, whatever pieces it comes in, and a line of ours never begins within one of it") {
  const TestLog log;
  DeploymentLog writer = log.open();
  writer.output("one\ntw");
  writer.output("o\n");
  writer.output("not ended");
  writer.line("ours");
  writer.output("three\n");
  CHECK(log.text() == "  | one\n  | two\n  | not ended\nours\n  | three\n");
}

TEST_CASE("what a program prints cannot drive a terminal") {
  const TestLog log;
  log.open().output("\x1b[2Jgone\rback\n");
  CHECK(log.text() == "  | ?[2Jgone?back\n");
}

TEST_CASE("of endless output the beginning is kept, and what follows of ours") {
  constexpr std::size_t k_piece = std::size_t{1} << 20U;
  const TestLog log;
  DeploymentLog writer = log.open();
  for (int i = 0; i < 20; ++i) {
    writer.output(std::string(k_piece - 1, 'x') + "\n");
  }
  writer.line("FAILED");
  const std::string text = log.text();
  CHECK(text.size() < 18 * k_piece);
  CHECK(text.find("the rest of the output is left out") == text.rfind("the rest of the output is left out"));
  CHECK(text.ends_with("  | ... the rest of the output is left out\nFAILED\n"));
}

TEST_CASE("a log can go right to its reader") {
  const Pipe pipe = open_pipe();
  Output reader(pipe.write_end.number());
  DeploymentLog(reader).line("checkout   0.03 s");
  std::string text(100, '\0');
  text.resize(static_cast<std::size_t>(read_some(pipe.read_end.number(), text.data(), text.size())));
  CHECK(text == "checkout   0.03 s\n");
}

TEST_CASE("a log that cannot be written stops nothing") {
  DeploymentLog log("/proc/none/42.log");
  CHECK_NOTHROW(log.line("checkout   0.03 s"));
}

TEST_CASE("an event is told by its branch, its commit and its subject") {
  CHECK(describe(event_with("refs/heads/main", "Fix login")) == "main 1a2b3c4 \"Fix login\"");
  CHECK(describe(event_with("refs/tags/v1\x1b[31m", "x")) == "v1?[31m 1a2b3c4 \"x\"");
}

TEST_CASE("a log that nothing is written to for long says that work goes on, on a line of its own") {
  const TestLog log;
  DeploymentLog opened = log.open(Milliseconds(20));
  opened.output("half a line");
  wait_until([&] { return log.text().find("  | half a line\nstill at it: nothing new for 0.0") != std::string::npos; },
             std::chrono::seconds(10), "a word");
}
