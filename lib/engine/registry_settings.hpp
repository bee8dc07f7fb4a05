/// @file
/// Settings of a registry of our own, and where in its folder things lie.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace teal::engine {

struct RegistryServerSettings {
  std::string address; ///< "localhost:5000": the port it listens on
  std::string listen;  ///< "127.0.0.1"
  bool htpasswd = false;
  std::filesystem::path folder; ///< HOME/registry
  std::string home;             ///< for the label that says whose the container is

  [[nodiscard]] std::filesystem::path data() const { return folder / "data"; }
  /// A folder of its own, so that a container sees the file also after it was replaced.
  [[nodiscard]] std::filesystem::path htpasswd_file() const { return folder / "auth" / "htpasswd"; }
  [[nodiscard]] std::filesystem::path credentials_file() const { return folder / "credentials"; }
  /// Throws Error(settings) if the address names no port.
  [[nodiscard]] std::uint16_t port() const;
};

} // namespace teal::engine
