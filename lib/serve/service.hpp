/// @file
/// Service: what each of our servers needs of its process and says of its address: signals, limits, memory.
#pragma once

#include "http/server.hpp"

#include <csignal>
#include <cstddef>
#include <string>

namespace teal::serve {

inline constexpr Milliseconds k_patience = std::chrono::seconds(10); ///< for what is under way at the end

/// SIGTERM, SIGINT and SIGHUP, which this thread, and those that it starts from now on, get by sigwaitinfo(2) alone.
[[nodiscard]] sigset_t block_signals();
/// What a burst took goes back: few arenas, and large payloads from the system. And descriptors for many connections.
/// Before there are threads. Returns how many connections there may be.
[[nodiscard]] std::size_t prepare_process();
/// Limits for so many connections, and for whole payloads.
[[nodiscard]] http::ServerLimits limits_for(std::size_t connections);
/// "127.0.0.1:8888" and "[::1]:8888", as the settings allow them.
[[nodiscard]] http::ListenAddress address_of(const std::string& text);
/// Of the first that it listens on.
[[nodiscard]] std::string url_of(const http::Server& server, bool is_tls);

} // namespace teal::serve
