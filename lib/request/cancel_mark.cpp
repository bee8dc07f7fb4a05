#include "request/cancel_mark.hpp"

#include "core/error.hpp"
#include "core/file_io.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace teal {

namespace {

constexpr Milliseconds k_pause{50};         ///< between looks: a stat each is less than a watch costs at its end
constexpr std::string_view k_closed = "\n"; ///< nobody's name

/// Makes `file` with `content`, unless it is there. 0 or an errno.
int make(const std::filesystem::path& file, std::string_view content) {
  const std::string fresh = fmt::format("{}.{}", file.string(), ::gettid());
  const Descriptor out(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!out) {
    return errno;
  }
  const bool made = write_all(out.number(), content.data(), content.size()) && ::link(fresh.c_str(), file.c_str()) == 0;
  const int fault = made ? 0 : errno;
  ::unlink(fresh.c_str());
  return fault;
}

} // namespace

bool CancelMark::ask(const std::string& who) const {
  const int fault = make(m_file, printable(who) + "\n");
  if (fault != 0 && fault != EEXIST) {
    throw Error(ErrorKind::environment, fmt::format("cannot write '{}': {}", m_file.string(), system_reason(fault)));
  }
  return this->who().has_value();
}

std::optional<std::string> CancelMark::who() const {
  if (::access(m_file.c_str(), F_OK) != 0) {
    return std::nullopt;
  }
  try {
    const std::string text = read_file(m_file);
    return text == k_closed ? std::nullopt : std::optional(printable(trim(text)));
  } catch (const Error&) { // it has gone since
    return std::nullopt;
  }
}

bool CancelMark::close() const {
  return make(m_file, k_closed) != EEXIST;
}

void CancelMark::remove() const {
  std::error_code gone;
  std::filesystem::remove(m_file, gone);
}

CancelWatch::CancelWatch(CancelMark mark)
    : m_mark(std::move(mark)), m_thread([this](const std::stop_token& end) { watch(end); }) {}

void CancelWatch::watch(const std::stop_token& end) {
  std::unique_lock lock(m_mutex);
  while (!end.stop_requested() && !m_asked.stop_requested()) {
    if (m_mark.who()) {
      m_asked.request_stop();
    } else {
      m_end.wait_for(lock, end, k_pause, [] { return false; });
    }
  }
}

} // namespace teal
