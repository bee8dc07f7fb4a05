/// @file
/// LogFile: a deployment's log, read from anywhere while others append to it, and before it is there.
#pragma once

#include "core/descriptor.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace teal::api {

class LogFile {
public:
  explicit LogFile(std::filesystem::path file) : m_file(std::move(file)) {}

  /// At most `size` bytes from `offset` on; empty where there are none yet.
  [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size);
  /// Bytes; 0 where it is missing.
  [[nodiscard]] std::uint64_t size() const;

private:
  std::filesystem::path m_file;
  Descriptor m_descriptor;
};

} // namespace teal::api
