/// @file
/// Response text: a response's head as it goes over the wire. Private to this folder.
#pragma once

#include "http/message.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace teal::http {

struct Framing {
  std::optional<std::size_t> length; ///< of the body; without, it is chunked, or ends with the connection
  bool is_http_10 = false;           ///< of the request
  bool keeps_alive = true;
};

/// Status line and headers to the empty line. Throws Error(internal) for a status or a header that HTTP cannot carry.
[[nodiscard]] std::string response_head(const ServerResponse& response, const Framing& framing,
                                        std::chrono::sys_seconds now);
/// RFC 9112, 7.1: one chunk of a body; `bytes` is not empty.
[[nodiscard]] std::string chunk_of(std::string_view bytes);
inline constexpr std::string_view k_last_chunk = "0\r\n\r\n";

} // namespace teal::http
