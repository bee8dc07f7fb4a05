/// @file
/// https_get: what a careful visitor gets by TLS.
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace teal {

/// The page of `https://HOST:PORT/PATH` at loopback, by curl, which trusts `trusted` (PEM) alone; empty where there is
/// none, or another answer than 2xx.
inline std::string https_get(const std::string& host, std::uint16_t port, const std::filesystem::path& trusted,
                             const std::string& path = "/") {
  const std::string command =
      fmt::format("curl -s -f --max-time 10 --cacert '{0}' --resolve {1}:{2}:127.0.0.1 https://{1}:{2}{3}",
                  trusted.string(), host, port, path);
  FILE* const curl = ::popen(command.c_str(), "r"); // NOLINT(cert-env33-c): of our own words only
  if (curl == nullptr) {
    throw std::runtime_error("curl cannot be started");
  }
  std::array<char, 4096> body{};
  const std::size_t size = std::fread(body.data(), 1, body.size(), curl);
  return ::pclose(curl) == 0 ? std::string(body.data(), size) : "";
}

} // namespace teal
