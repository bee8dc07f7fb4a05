#include "process/sock_diag.hpp"

#include "core/error.hpp"
#include "process/file_io.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace teal {

namespace {

constexpr const char* k_doing = "ask the kernel for its connections";

[[noreturn]] void fail(int error_number) {
  throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", k_doing, system_reason(error_number)));
}

/// Of one answer, whose last message says that no other comes. True with that.
bool read_answer(const char* data, std::size_t size, const std::function<void(const inet_diag_msg&)>& on_socket) {
  while (size >= sizeof(nlmsghdr)) {
    nlmsghdr header{};
    std::memcpy(&header, data, sizeof header);
    if (header.nlmsg_type == NLMSG_DONE) {
      return true;
    }
    if (header.nlmsg_type == NLMSG_ERROR || header.nlmsg_len < sizeof header) {
      nlmsgerr fault{};
      if (header.nlmsg_len >= sizeof header + sizeof fault) {
        std::memcpy(&fault, data + sizeof header, sizeof fault);
      }
      fail(fault.error < 0 ? -fault.error : EPROTO);
    }
    if (header.nlmsg_type == TCPDIAG_GETSOCK && header.nlmsg_len >= sizeof header + sizeof(inet_diag_msg)) {
      inet_diag_msg socket{};
      std::memcpy(&socket, data + sizeof header, sizeof socket);
      on_socket(socket);
    }
    const std::size_t step = std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), size);
    data += step;
    size -= step;
  }
  return false;
}

} // namespace

SocketQuestion ask_for(std::uint32_t states, std::size_t size) {
  SocketQuestion question{};
  question.header.nlmsg_len = static_cast<std::uint32_t>(size);
  question.header.nlmsg_type = TCPDIAG_GETSOCK;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.request.idiag_states = states;
  return question;
}

void for_each_socket(const void* question, std::size_t size,
                     const std::function<void(const inet_diag_msg&)>& on_socket) {
  const Descriptor kernel = own(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), k_doing);
  if (::send(kernel.number(), question, size, 0) < 0) {
    fail(errno);
  }
  std::array<char, std::size_t{32} << 10U> answer{};
  for (;;) {
    const ssize_t length = ::recv(kernel.number(), answer.data(), answer.size(), 0);
    if (length < 0 && errno == EINTR) {
      continue;
    }
    if (length <= 0) {
      fail(length < 0 ? errno : EPROTO);
    }
    if (read_answer(answer.data(), static_cast<std::size_t>(length), on_socket)) {
      return;
    }
  }
}

} // namespace teal
