#include "process/signals.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

namespace teal {

namespace {

std::uint64_t parse_mask(std::string_view hex) {
  std::uint64_t mask = 0;
  std::from_chars(hex.data(), hex.data() + hex.size(), mask, 16);
  return mask;
}

} // namespace

std::optional<bool> handles_signal(pid_t pid, int signal) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::optional<std::uint64_t> handled;
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("SigCgt:") || line.starts_with("SigBlk:")) {
      handled = handled.value_or(0) | parse_mask(trim(std::string_view(line).substr(7)));
    }
  }
  if (!handled) {
    return std::nullopt;
  }
  return (*handled >> static_cast<unsigned>(signal - 1) & 1U) != 0;
}

std::optional<int> parse_signal(std::string_view name) {
  if (const auto number = parse_integer(name); number && *number > 0 && *number < NSIG) {
    return static_cast<int>(*number);
  }
  if (name.starts_with("SIG")) {
    name.remove_prefix(3);
  }
  for (int signal = 1; signal < NSIG; ++signal) {
    if (const char* abbreviation = ::sigabbrev_np(signal); abbreviation != nullptr && name == abbreviation) {
      return signal;
    }
  }
  return std::nullopt;
}

} // namespace teal
