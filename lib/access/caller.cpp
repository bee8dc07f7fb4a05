#include "access/caller.hpp"

#include "core/text.hpp"
#include "process/user.hpp"

namespace teal {

namespace {

constexpr std::size_t k_longest_address = 64;

} // namespace

Origin origin_of_caller(const Environment& environment, Trigger door) {
  for (const char* name : {"SSH_CLIENT", "REMOTE_ADDR"}) {
    const auto found = environment.find(name);
    if (found != environment.end() && !found->second.empty()) {
      const std::string address = split(found->second, ' ').front(); // SSH_CLIENT has two ports behind it
      return {.door = door, .from = shorten(printable(address), k_longest_address)};
    }
  }
  return {.door = door, .from = user_name()};
}

} // namespace teal
