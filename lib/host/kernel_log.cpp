#include "host/kernel_log.hpp"

#include "core/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace teal {

bool tells_of_memory_kill(std::string_view group) {
  constexpr std::string_view k_mark = "oom-kill:"; // …,oom_memcg=/docker/4f1c…,task_memcg=/docker/4f1c…,task=…
  const Descriptor log(::open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::array<char, 8192> buffer{};
  for (;;) {
    const ssize_t size = ::read(log.number(), buffer.data(), buffer.size()); // one record
    if (size < 0 && (errno == EPIPE || errno == EINTR)) {
      continue; // EPIPE: some were overwritten before we came to them
    }
    if (size <= 0) {
      return false;
    }
    const std::string_view record(buffer.data(), static_cast<std::size_t>(size));
    const auto mark = record.find(k_mark);
    if (mark != std::string_view::npos && record.find(group, mark) != std::string_view::npos) {
      return true;
    }
  }
}

} // namespace teal
