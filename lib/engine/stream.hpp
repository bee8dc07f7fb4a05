/// @file
/// Streams: what a container printed, as the engine sends it.
#pragma once

#include <string>
#include <string_view>

namespace teal::engine {

/// The text of both streams in the order sent. Without a terminal the engine puts frames around it: one byte for the
/// stream (0 to 2), three zeros, four bytes of length (Engine API reference, "Stream format" of container attach). What
/// does not begin as a frame is the plain output of a terminal and is returned as it is; a last frame may be cut short.
[[nodiscard]] std::string demultiplex(std::string_view stream);

} // namespace teal::engine
