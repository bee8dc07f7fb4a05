/// @file
/// pidfd_open(2), pidfd_send_signal(2) and pidfd_getfd(2) for C++. Private to this folder.
///
/// glibc 2.36's <sys/pidfd.h> declares them without C linkage.
#pragma once

#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

namespace teal {

/// A close-on-exec handle that stays with the process it was opened for; -1 with errno set if there is none.
inline int open_pidfd(pid_t process) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_open, process, 0U));
}

[[nodiscard]] inline bool signal_pidfd(int handle, int signal) noexcept {
  return ::syscall(SYS_pidfd_send_signal, handle, signal, nullptr, 0U) == 0;
}

/// A close-on-exec copy of the process's descriptor `number`; -1 with errno set: EPERM where we may not look into it.
inline int copy_from_pidfd(int handle, int number) noexcept {
  return static_cast<int>(::syscall(SYS_pidfd_getfd, handle, number, 0U));
}

} // namespace teal
