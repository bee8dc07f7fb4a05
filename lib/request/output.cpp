#include "request/output.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <string>

namespace teal {

bool Output::write(std::string_view text) {
  return m_rewrite ? write_whole(m_rewrite(text)) : write_whole(text);
}

bool Output::write_whole(std::string_view text) {
  while (m_open && !text.empty()) {
    pollfd room{m_descriptor, POLLOUT, 0};
    const int ready = ::poll(&room, 1, static_cast<int>(m_patience.count()));
    if (ready < 0 && errno == EINTR) {
      continue;
    }
    if (ready <= 0 || (room.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
      m_open = false;
      break;
    }
    // poll promises room for PIPE_BUF bytes, not for more.
    const ssize_t written = ::write(m_descriptor, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
    if (written < 0 && errno != EINTR && errno != EAGAIN) {
      m_open = false;
    }
    text.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  return m_open;
}

bool wants_colors(int descriptor, const Environment& environment) {
  const auto refusal = environment.find("NO_COLOR");
  const bool refused = refusal != environment.end() && !refusal->second.empty();
  return !refused && ::isatty(descriptor) == 1;
}

std::string colored(std::string_view line) {
  const auto paint = [&](std::string_view code) { return std::string(code).append(line).append("\x1b[0m"); };
  if (line.starts_with("FAILED") || line.starts_with("error:")) {
    return paint("\x1b[31m");
  }
  if (line.starts_with("ready") || line.starts_with("live")) {
    return paint("\x1b[32m");
  }
  if (line.starts_with("warning:") || line.starts_with("CANCELLED")) {
    return paint("\x1b[33m");
  }
  return line.starts_with("  | ") ? paint("\x1b[2m") : std::string(line);
}

} // namespace teal
