#include "matrix/file_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <stdexcept>

namespace teal {

namespace {

constexpr int k_stop_interval_ms = 20;

} // namespace

FileSource::FileSource(const std::filesystem::path& folder)
    : m_file(folder / "points"), m_listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const Descriptor file(::open(m_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (::ftruncate(file.number(), sizeof(FileControl)) != 0) {
    throw std::runtime_error("cannot make " + m_file.string());
  }
  void* mapped = ::mmap(nullptr, sizeof(FileControl), PROT_READ | PROT_WRITE, MAP_SHARED, file.number(), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (m_file.string() + ".sock").copy(address.sun_path, sizeof address.sun_path - 1);
  if (mapped == MAP_FAILED || // NOLINT(cppcoreguidelines-pro-type-cstyle-cast, performance-no-int-to-ptr)
      ::bind(m_listener.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(m_listener.number(), 8) != 0) {
    throw std::runtime_error("cannot listen beside " + m_file.string());
  }
  m_control = static_cast<FileControl*>(mapped);
  m_acceptor = std::jthread([this](const std::stop_token& stop) { accept_tellers(stop); });
}

FileSource::~FileSource() {
  m_acceptor.request_stop();
  m_acceptor.join();
  ::munmap(m_control, sizeof(FileControl));
}

Environment FileSource::watched(Environment environment) const {
  environment["LD_PRELOAD"] = TEAL_FILE_POINTS_LIBRARY;
  environment["TEAL_FILE_POINTS"] = m_file.string();
  return environment;
}

void FileSource::arm(int nth, std::function<void(pid_t)> action) {
  const std::lock_guard lock(m_mutex);
  m_action = std::move(action);
  m_victim.reset();
  m_control->target = nth;
  m_control->count = 0;
}

std::optional<std::string> FileSource::victim() const {
  const std::lock_guard lock(m_mutex);
  return m_victim;
}

void FileSource::accept_tellers(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd news{m_listener.number(), POLLIN, 0};
    if (::poll(&news, 1, k_stop_interval_ms) <= 0) {
      continue;
    }
    const Descriptor teller(::accept4(m_listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
    std::array<char, 700> text{};
    const ssize_t size = ::recv(teller.number(), text.data(), text.size() - 1, 0);
    const std::string told(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    std::function<void(pid_t)> action;
    {
      const std::lock_guard lock(m_mutex);
      action = m_action;
      m_victim = told.substr(told.find(' ') + 1);
    }
    if (action) {
      action(std::atoi(told.c_str()));
    }
  }
}

} // namespace teal
