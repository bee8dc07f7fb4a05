/// @file
/// LogText: a part of a deployment's log as it is, for logs that are too large for one answer.
#pragma once

#include "api/log_file.hpp"
#include "api/narrative.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace teal::api {

class LogText final : public Narrative {
public:
  /// The bytes from `begin` to before `end`, which are there.
  LogText(LogFile log, std::uint64_t begin, std::uint64_t end) : m_log(std::move(log)), m_at(begin), m_end(end) {}

  [[nodiscard]] std::string next(const Store& /*store*/) override {
    std::string piece = m_log.read(m_at, static_cast<std::size_t>(std::min<std::uint64_t>(k_piece, m_end - m_at)));
    m_at = piece.empty() ? m_end : m_at + piece.size(); // it was cut off meanwhile
    return piece;
  }
  [[nodiscard]] bool is_over() const override { return m_at >= m_end; }
  [[nodiscard]] std::string heartbeat() const override { return {}; }

private:
  LogFile m_log;
  std::uint64_t m_at;
  std::uint64_t m_end;
};

} // namespace teal::api
