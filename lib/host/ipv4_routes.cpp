#include "host/ipv4_routes.hpp"

#include "host/netlink.hpp"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace teal {

namespace {

constexpr unsigned k_shortest_prefix = 8;

struct Question {
  nlmsghdr header;
  rtmsg route;
};

/// The attribute that says where a route leads to; a default route has none.
std::optional<std::uint32_t> destination(const char* attributes, std::size_t size) {
  while (size >= sizeof(rtattr)) {
    rtattr attribute{};
    std::memcpy(&attribute, attributes, sizeof attribute);
    if (attribute.rta_len < sizeof attribute || attribute.rta_len > size) {
      break;
    }
    if (attribute.rta_type == RTA_DST && attribute.rta_len >= sizeof attribute + sizeof(std::uint32_t)) {
      std::uint32_t address = 0;
      std::memcpy(&address, attributes + sizeof attribute, sizeof address);
      return ntohl(address);
    }
    const std::size_t step = std::min<std::size_t>(RTA_ALIGN(attribute.rta_len), size);
    attributes += step;
    size -= step;
  }
  return std::nullopt;
}

} // namespace

std::vector<Subnet> ipv4_routes() {
  Question question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = RTM_GETROUTE;
  question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  question.route.rtm_family = AF_INET;
  std::vector<Subnet> routes;
  for_each_message(NETLINK_ROUTE, &question, sizeof question, "ask the kernel for its routes",
                   [&](const nlmsghdr& header, const char* payload) {
                     constexpr std::size_t k_before = sizeof(nlmsghdr) + sizeof(rtmsg);
                     if (header.nlmsg_type != RTM_NEWROUTE || header.nlmsg_len < k_before) {
                       return;
                     }
                     rtmsg route{};
                     std::memcpy(&route, payload, sizeof route);
                     const auto address = destination(payload + sizeof route, header.nlmsg_len - k_before);
                     if (address && route.rtm_dst_len >= k_shortest_prefix && route.rtm_dst_len <= 32) {
                       routes.emplace_back(*address, route.rtm_dst_len);
                     }
                   });
  return routes;
}

} // namespace teal
