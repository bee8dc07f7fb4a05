#include "target/target.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

[[noreturn]] void refuse(std::string_view what) {
  throw Error(ErrorKind::settings, fmt::format("the target of this app cannot {}", what));
}

} // namespace

void Target::stop(const Slot& /*slot*/, Milliseconds /*stop_timeout*/) {
  refuse("stop what it runs");
}

void Target::start(const Slot& /*slot*/) {
  refuse("start again what it ran");
}

std::optional<ProgramLog> Target::program_log(const Slot& /*slot*/, const LogOrder& /*order*/) {
  refuse("tell what a program prints");
}

Command Target::enter(const Slot& /*slot*/, const std::vector<std::string>& /*command*/, bool /*terminal*/) {
  refuse("run a command in what it runs");
}

Command Target::run_once(const OneOffOrder& /*order*/) {
  refuse("run a command once");
}

void Target::keep_only(std::string_view /*app*/, const std::vector<Release>& /*kept*/) {}

} // namespace teal
