#include "engine/stream.hpp"

#include <algorithm>
#include <cstdint>

namespace teal::engine {

namespace {

constexpr std::size_t k_header_size = 8;

bool is_header(std::string_view bytes) {
  return bytes.size() >= k_header_size && static_cast<unsigned char>(bytes[0]) <= 2 &&
         bytes.substr(1, 3) == std::string_view("\0\0\0", 3);
}

std::size_t frame_length(std::string_view header) {
  std::size_t length = 0;
  for (const char byte : header.substr(4, 4)) {
    length = length << 8U | static_cast<unsigned char>(byte);
  }
  return length;
}

} // namespace

std::string demultiplex(std::string_view stream) {
  if (!is_header(stream)) {
    return std::string(stream);
  }
  std::string text;
  while (is_header(stream)) {
    const std::size_t length = frame_length(stream);
    stream.remove_prefix(k_header_size);
    text += stream.substr(0, length);
    stream.remove_prefix(std::min(length, stream.size()));
  }
  return text;
}

} // namespace teal::engine
