#include "core/file_io.hpp"
#include "request/output.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <pty.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <thread>

using namespace teal;

namespace {

std::string read_all(const Descriptor& descriptor) {
  std::string text;
  std::array<char, 4096> piece{};
  for (ssize_t size = 0; (size = read_some(descriptor.number(), piece.data(), piece.size())) > 0;) {
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
  return text;
}

} // namespace

TEST_CASE("what is written arrives whole, however slowly it is read") {
  Pipe pipe = open_pipe();
  const std::string sent(300'000, 'x');
  std::string received;
  std::thread reader([&] { received = read_all(pipe.read_end); });
  Output output(pipe.write_end.number());
  CHECK(output.write(sent));
  CHECK(output.write("end"));
  pipe.write_end.close();
  reader.join();
  CHECK(received == sent + "end");
}

TEST_CASE("a reader that is gone ends the output, and is no error") {
  std::signal(SIGPIPE, SIG_IGN); // as every program of ours has it
  Pipe pipe = open_pipe();
  Output output(pipe.write_end.number());
  CHECK(output.write("first\n"));
  pipe.read_end.close();
  CHECK_FALSE(output.write("second\n"));
  CHECK_FALSE(output.is_open());
  CHECK_FALSE(output.write("third\n"));
}

TEST_CASE("a reader that takes nothing for too long is given up, once") {
  const Pipe pipe = open_pipe();
  Output output(pipe.write_end.number(), Milliseconds(50));
  const Stopwatch stopwatch;
  CHECK_FALSE(output.write(std::string(1'000'000, 'x')));
  CHECK(stopwatch.elapsed() >= Milliseconds(50));
  CHECK_FALSE(output.is_open());
}

TEST_CASE("colors are for a terminal whose user did not refuse them") {
  int controller = -1;
  int terminal = -1;
  REQUIRE(::openpty(&controller, &terminal, nullptr, nullptr, nullptr) == 0);
  const Descriptor other_end(controller);
  const Descriptor screen(terminal);
  const Pipe pipe = open_pipe();
  CHECK(wants_colors(screen.number(), {}));
  CHECK(wants_colors(screen.number(), {{"NO_COLOR", ""}}));
  CHECK_FALSE(wants_colors(screen.number(), {{"NO_COLOR", "1"}}));
  CHECK_FALSE(wants_colors(pipe.write_end.number(), {}));
}

TEST_CASE("a line's color tells the good end from the bad") {
  CHECK(colored("FAILED in 2 s") == "\x1b[31mFAILED in 2 s\x1b[0m");
  CHECK(colored("error: no") == "\x1b[31merror: no\x1b[0m");
  CHECK(colored("ready in 1 s") == "\x1b[32mready in 1 s\x1b[0m");
  CHECK(colored("live in 1 s") == "\x1b[32mlive in 1 s\x1b[0m");
  CHECK(colored("warning: hm") == "\x1b[33mwarning: hm\x1b[0m");
  CHECK(colored("  | from the build") == "\x1b[2m  | from the build\x1b[0m");
  CHECK(colored("checkout   0.03 s") == "checkout   0.03 s");
}
