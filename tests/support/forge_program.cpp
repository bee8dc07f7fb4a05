// The forge stand-in as a program, for the example: forge_stand_in PORT REPO CLONE_URL TOKEN_FILE, until SIGTERM.
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "support/forge_stand_in.hpp"

#include <csignal>
#include <iostream>

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: forge_stand_in PORT REPO CLONE_URL TOKEN_FILE\n";
    return 2;
  }
  sigset_t signals{};
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    const teal::ForgeStandIn forge({.repo = argv[2],
                                    .token = std::string(teal::trim(teal::read_file(argv[4]))),
                                    .clone_url = argv[3],
                                    .port = static_cast<std::uint16_t>(teal::parse_integer(argv[1]).value_or(0))});
    std::cout << forge.api() << std::endl;
    ::sigwaitinfo(&signals, nullptr);
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
