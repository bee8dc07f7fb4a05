/// @file
/// tealhook: the command line.
#include "command_line.hpp"

#include <csignal>

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  teal::tool::Context context(teal::clean_environment());
  const auto command_line = teal::tool::make_command_line(context);
  return teal::tool::run_command_line(*command_line, context, argc, argv);
}
