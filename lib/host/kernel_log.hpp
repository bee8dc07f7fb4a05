/// @file
/// The kernel's log, /dev/kmsg, for whoever may read it: root, or everybody where kernel.dmesg_restrict is 0.
#pragma once

#include <string_view>

namespace teal {

/// Whether it tells that the kernel killed a process of the control group named so, as its memory was out. False where
/// the log may not be read, or no longer goes back so far.
[[nodiscard]] bool tells_of_memory_kill(std::string_view group);

} // namespace teal
