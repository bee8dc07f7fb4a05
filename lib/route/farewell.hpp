/// @file
/// Farewell: before a router's workers end, or its listeners are opened anew, the kept connections are asked to go: as
/// long as a file is there, each answer says "Connection: close". Who asks on makes a new connection; who stayed silent
/// meanwhile is closed, as HTTP allows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>

namespace teal::route {

class Farewell {
public:
  /// Makes the file, and returns when no connection to `ports` is left, or after a moment. Throws Error(environment).
  Farewell(std::filesystem::path file, const std::set<std::uint16_t>& ports);
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;
  /// Removes the file: to be when the change is made, or given up.
  ~Farewell();

private:
  std::filesystem::path m_file;
};

/// "leaving-7": of a configuration that has this number only, so that one left behind stops at the next.
[[nodiscard]] std::filesystem::path farewell_file(const std::filesystem::path& folder, std::uint64_t generation);

} // namespace teal::route
