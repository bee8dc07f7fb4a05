// Loaded into tealhook's programs by LD_PRELOAD: counts what they do to files, and stops before the one that is asked
// for until the matrix, which is told of it at a socket, has done what it wants. See file_source.hpp.
#include "matrix/file_control.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

namespace {

using teal::FileControl;

FileControl* g_control = nullptr;
std::array<char, 108> g_socket{};

bool is_ours() {
  std::array<char, 512> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size() - 1);
  const std::string_view exe(path.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return exe.ends_with("/tealhook") || exe.ends_with("/post-receive") || exe.ends_with("/pre-receive");
}

__attribute__((constructor)) void attach() {
  const char* control = std::getenv("TEAL_FILE_POINTS");
  if (control == nullptr || !is_ours()) {
    return;
  }
  const int descriptor = ::open(control, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) {
    return;
  }
  void* mapped = ::mmap(nullptr, sizeof(FileControl), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (mapped != MAP_FAILED) {
    std::snprintf(g_socket.data(), g_socket.size(), "%s.sock", control);
    g_control = static_cast<FileControl*>(mapped);
  }
}

void tell(const char* what, const char* path) {
  const int to = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, g_socket.data(), sizeof address.sun_path);
  if (::connect(to, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    std::array<char, 700> text{};
    const int size = std::snprintf(text.data(), text.size(), "%d %s %s", ::getpid(), what, path);
    ::send(to, text.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
    while (::recv(to, text.data(), text.size(), 0) > 0) {
    }
  }
  ::close(to);
}

void note(const char* what, const char* path) {
  if (g_control != nullptr && g_control->count.fetch_add(1) + 1 == g_control->target.load()) {
    const int before = errno;
    tell(what, path);
    errno = before;
  }
}

void note(const char* what, int descriptor) {
  struct stat status {};
  if (g_control == nullptr || ::fstat(descriptor, &status) != 0 ||
      !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) {
    return;
  }
  std::array<char, 32> link{};
  std::array<char, 512> path{};
  std::snprintf(link.data(), link.size(), "/proc/self/fd/%d", descriptor);
  const ssize_t size = ::readlink(link.data(), path.data(), path.size() - 1);
  note(what, size > 0 ? path.data() : "?");
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

} // namespace

// NOLINTBEGIN(readability-identifier-naming): the names are libc's.
#define TEAL_POINT(result, name, parameters, arguments, at)                                                            \
  extern "C" result name parameters {                                                                                  \
    static const auto real = next<result(*) parameters>(#name);                                                        \
    note(#name, at);                                                                                                   \
    return real arguments;                                                                                             \
  }
TEAL_POINT(ssize_t, write, (int fd, const void* data, size_t size), (fd, data, size), fd)
TEAL_POINT(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at), (fd, data, size, at), fd)
TEAL_POINT(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at), (fd, data, size, at), fd)
TEAL_POINT(int, fsync, (int fd), (fd), fd)
TEAL_POINT(int, fdatasync, (int fd), (fd), fd)
TEAL_POINT(int, rename, (const char* from, const char* to) noexcept, (from, to), to)
TEAL_POINT(int, renameat, (int in, const char* from, int at, const char* to) noexcept, (in, from, at, to), to)
TEAL_POINT(int, unlink, (const char* path) noexcept, (path), path)
TEAL_POINT(int, unlinkat, (int in, const char* path, int flags) noexcept, (in, path, flags), path)
TEAL_POINT(int, remove, (const char* path) noexcept, (path), path)
TEAL_POINT(int, mkdir, (const char* path, mode_t mode) noexcept, (path, mode), path)
TEAL_POINT(int, mkdirat, (int in, const char* path, mode_t mode) noexcept, (in, path, mode), path)
// NOLINTEND(readability-identifier-naming)
