/// @file
/// netlink(7): lists that the kernel gives of what it has. Private to this folder.
#pragma once

#include <linux/netlink.h>

#include <cstddef>
#include <functional>

namespace teal {

/// Calls `on_message` with each message of the answer to `question`, a request with NLM_F_DUMP of `size` bytes: its
/// header, as it lies there with the rest of it behind. Throws Error(environment), "cannot `doing`: ...", if the kernel
/// does not answer.
void for_each_message(int protocol, const void* question, std::size_t size, const char* doing,
                      const std::function<void(const nlmsghdr& header, const char* payload)>& on_message);

} // namespace teal
