#include "host/sock_diag.hpp"

#include "host/netlink.hpp"

#include <cstring>

namespace teal {

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
  for_each_message(NETLINK_SOCK_DIAG, question, size, "ask the kernel for its connections",
                   [&](const nlmsghdr& header, const char* payload) {
                     if (header.nlmsg_type == TCPDIAG_GETSOCK &&
                         header.nlmsg_len >= sizeof header + sizeof(inet_diag_msg)) {
                       inet_diag_msg socket{};
                       std::memcpy(&socket, payload, sizeof socket);
                       on_socket(socket);
                     }
                   });
}

} // namespace teal
