#include "process/tcp_connections.hpp"

#include "core/error.hpp"
#include "process/file_io.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace teal {

namespace {

constexpr const char* k_doing = "ask the kernel for its connections";

/// inet_diag_hostcond, with the address that it ends in.
struct RemoteEnd {
  std::uint8_t family;
  std::uint8_t prefix_length;
  int port;
  in_addr address;
};
static_assert(sizeof(RemoteEnd) == sizeof(inet_diag_hostcond) + sizeof(in_addr));

/// The kernel compares by itself: what it sends is what we count.
struct Filter {
  inet_diag_bc_op operation;
  RemoteEnd remote;
};

struct Question {
  nlmsghdr header;
  inet_diag_req_v2 request;
  rtattr attribute;
  Filter filter;
};
static_assert(sizeof(Question) == sizeof(nlmsghdr) + sizeof(inet_diag_req_v2) + sizeof(rtattr) + sizeof(Filter));

Question make_question(const in_addr& address, std::uint16_t port) {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.request.sdiag_family = AF_INET;
  question.request.sdiag_protocol = IPPROTO_TCP;
  question.request.idiag_states = 1U << static_cast<unsigned>(TCP_ESTABLISHED);
  question.attribute.rta_type = INET_DIAG_REQ_BYTECODE;
  question.attribute.rta_len = sizeof(rtattr) + sizeof(Filter);
  question.filter.operation.code = INET_DIAG_BC_D_COND;
  question.filter.operation.yes = sizeof(Filter);     // to the end: taken
  question.filter.operation.no = sizeof(Filter) + 4U; // beyond it: left out
  question.filter.remote = {.family = AF_INET, .prefix_length = 32, .port = port, .address = address};
  return question;
}

[[noreturn]] void refuse(int error_number) {
  throw Error(ErrorKind::environment, fmt::format("cannot {}: {}", k_doing, system_reason(error_number)));
}

/// Of one answer, whose last message says that no other comes. True with that.
bool add_answer(const char* data, std::size_t size, std::size_t& count) {
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
      refuse(fault.error < 0 ? -fault.error : EPROTO);
    }
    count += header.nlmsg_type == SOCK_DIAG_BY_FAMILY ? 1 : 0;
    const std::size_t step = std::min<std::size_t>(NLMSG_ALIGN(header.nlmsg_len), size);
    data += step;
    size -= step;
  }
  return false;
}

} // namespace

std::size_t count_connections(const std::string& address, std::uint16_t port) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1) {
    refuse(EINVAL);
  }
  const Descriptor kernel = own(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), k_doing);
  const Question question = make_question(parsed, port);
  if (::send(kernel.number(), &question, sizeof question, 0) < 0) {
    refuse(errno);
  }
  std::size_t count = 0;
  std::array<char, std::size_t{32} << 10U> answer{};
  for (;;) {
    const ssize_t size = ::recv(kernel.number(), answer.data(), answer.size(), 0);
    if (size < 0 && errno == EINTR) {
      continue;
    }
    if (size <= 0) {
      refuse(size < 0 ? errno : EPROTO);
    }
    if (add_answer(answer.data(), static_cast<std::size_t>(size), count)) {
      return count;
    }
  }
}

} // namespace teal
