#include "host/tcp_connections.hpp"

#include "core/error.hpp"
#include "host/sock_diag.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace teal {

namespace {

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
  SocketQuestion sockets;
  rtattr attribute;
  Filter filter;
};
static_assert(sizeof(Question) == sizeof(SocketQuestion) + sizeof(rtattr) + sizeof(Filter));

Question established_to(const in_addr& address, std::uint16_t port) {
  Question question{};
  question.sockets = ask_for(1U << static_cast<unsigned>(TCP_ESTABLISHED), sizeof question);
  question.attribute.rta_type = INET_DIAG_REQ_BYTECODE;
  question.attribute.rta_len = sizeof(rtattr) + sizeof(Filter);
  question.filter.operation.code = INET_DIAG_BC_D_COND;
  question.filter.operation.yes = sizeof(Filter);     // to the end: taken
  question.filter.operation.no = sizeof(Filter) + 4U; // beyond it: left out
  question.filter.remote = {.family = AF_INET, .prefix_length = 32, .port = port, .address = address};
  return question;
}

} // namespace

std::size_t count_connections(const std::string& address, std::uint16_t port) {
  in_addr parsed{};
  if (::inet_pton(AF_INET, address.c_str(), &parsed) != 1) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot count connections to '{}': it is no IPv4 address", address));
  }
  const Question question = established_to(parsed, port);
  std::size_t count = 0;
  for_each_socket(&question, sizeof question, [&](const inet_diag_msg&) { ++count; });
  return count;
}

std::size_t count_visitors(const std::set<std::uint16_t>& ports) {
  const SocketQuestion question = ask_for(1U << static_cast<unsigned>(TCP_ESTABLISHED));
  std::size_t count = 0;
  for_each_socket(&question, sizeof question,
                  [&](const inet_diag_msg& socket) { count += ports.count(ntohs(socket.id.idiag_sport)); });
  return count;
}

} // namespace teal
