#include "route/haproxy_socket.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace teal::route {

namespace {

constexpr timeval k_patience{5, 0};
/// So few that their answers wait in the socket while we still write: HAProxy reads on only once these are taken.
constexpr std::size_t k_commands_a_line = 100;
constexpr std::size_t k_quoted = 1000;
constexpr int k_most_attempts = 5; ///< a process that gives its sockets over closes what it has accepted, unread

Descriptor connect_to(const std::filesystem::path& path) {
  const std::string doing = fmt::format("speak to HAProxy at '{}'", path.string());
  Descriptor socket = own(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), doing);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name = path.string();
  if (name.size() >= sizeof address.sun_path) {
    throw Error(ErrorKind::environment, fmt::format("cannot {}: the path is too long for a socket", doing));
  }
  std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &k_patience, sizeof k_patience);
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(errno)));
  }
  return socket;
}

bool send_all(const Descriptor& socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EINTR) {
      return false;
    }
    text.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(sent, 0)));
  }
  return true;
}

std::string read_to_end(const Descriptor& socket) {
  std::string text;
  std::array<char, 16384> piece{};
  for (;;) {
    const ssize_t size = read_some(socket.number(), piece.data(), piece.size());
    if (size < 0) {
      throw Error(ErrorKind::environment, fmt::format("HAProxy does not answer: {}", system_reason(errno)));
    }
    if (size == 0) {
      return text;
    }
    text.append(piece.data(), static_cast<std::size_t>(size));
  }
}

/// It says nothing to what it does, but for these.
bool is_refusal(std::string_view line) {
  constexpr std::array<std::string_view, 5> k_fine{"New server registered.", "Server deleted.", "IP changed from",
                                                   "port changed from", "no need to change"};
  return !line.empty() && std::none_of(k_fine.begin(), k_fine.end(), [&](auto fine) { return line.starts_with(fine); });
}

} // namespace

std::string HaproxySocket::ask(const std::string& commands) const {
  const std::string line = commands + "\n";
  for (int attempt = 0; attempt < k_most_attempts; ++attempt) {
    const Descriptor socket = connect_to(m_path);
    if (send_all(socket, line)) {
      ::shutdown(socket.number(), SHUT_WR); // or the master would wait for more
      return read_to_end(socket);
    }
  }
  throw Error(ErrorKind::environment, fmt::format("HAProxy does not listen: {}", system_reason(errno)));
}

std::string HaproxySocket::ask_all(const std::vector<std::string>& commands) const {
  std::string answers;
  for (std::size_t i = 0; i < commands.size(); i += k_commands_a_line) {
    const auto first = commands.begin() + static_cast<std::ptrdiff_t>(i);
    const auto count = static_cast<std::ptrdiff_t>(std::min(k_commands_a_line, commands.size() - i));
    answers += ask(join({first, first + count}, "; "));
  }
  return answers;
}

void HaproxySocket::order(const std::vector<std::string>& commands) const {
  for (const std::string& line : split(ask_all(commands), '\n')) {
    if (is_refusal(trim(line))) {
      throw Error(ErrorKind::environment, fmt::format("HAProxy refuses '{}': {}",
                                                      shorten(join(commands, "; "), k_quoted), printable(trim(line))));
    }
  }
}

std::vector<HaproxyRow> HaproxySocket::rows(const std::vector<std::string>& questions, char separator) const {
  std::vector<HaproxyRow> rows;
  HaproxyRow::Names names;
  for (const std::string& line : split(ask_all(questions), '\n')) {
    if (line.starts_with('#')) {
      names = std::make_shared<std::vector<std::string>>(split(trim(line.substr(1)), separator));
      continue;
    }
    if (line.empty()) {
      names.reset(); // the answer's end: what is not known is answered without names
    }
    if (names) {
      rows.emplace_back(names, split(line, separator));
    }
  }
  return rows;
}

std::string HaproxyRow::text(std::string_view name) const {
  const auto found = std::find(m_names->begin(), m_names->end(), name);
  const auto at = static_cast<std::size_t>(found - m_names->begin());
  return at < std::min(m_names->size(), m_values.size()) ? m_values[at] : "";
}

std::int64_t HaproxyRow::number(std::string_view name) const {
  return parse_integer(text(name)).value_or(0);
}

} // namespace teal::route
