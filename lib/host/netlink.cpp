#include "host/netlink.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace teal {

namespace {

using OnMessage = std::function<void(const nlmsghdr& header, const char* payload)>;

[[noreturn]] void fail(const char* doing, int error_number) {
  throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", doing, system_reason(error_number)));
}

/// Of one part, whose last message says that no other part comes. True with that.
bool read_part(const char* data, std::size_t size, const char* doing, const OnMessage& on_message) {
  while (size >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, data, sizeof header);
    if (header.nlmsg_type == NLMSG_DONE) {
      return true;
    }
    if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_len < sizeof header || header.nlmsg_len > size) {
      nlmsgerr fault{};
      if (header.nlmsg_type == NLMSG_ERROR && size >= sizeof header + sizeof fault) {
        std::memcpy(&fault, data + sizeof header, sizeof fault);
      }
      fail(doing, fault.error < 0 ? -fault.error : EPROTO);
    }
    on_message(header, data + sizeof header);
    const std::size_t step = std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), size);
    data += step;
    size -= step;
  }
  return false;
}

} // namespace

void for_each_message(int protocol, const void* question, std::size_t size, const char* doing,
                      const OnMessage& on_message) {
  const Descriptor kernel = own(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), doing);
  if (::send(kernel.number(), question, size, 0) < 0) {
    fail(doing, errno);
  }
  std::array<char, std::size_t{32} << 10U> answer{};
  for (;;) {
    const ssize_t length = ::recv(kernel.number(), answer.data(), answer.size(), 0);
    if (length < 0 && errno == EINTR) {
      continue;
    }
    if (length <= 0) {
      fail(doing, length < 0 ? errno : EPROTO);
    }
    if (read_part(answer.data(), static_cast<std::size_t>(length), doing, on_message)) {
      return;
    }
  }
}

} // namespace teal
