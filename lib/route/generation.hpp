/// @file
/// Generation: the number of a written configuration, which the running router tells back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace teal::route {

/// What a router tells of the configuration that it runs with.
struct Running {
  std::uint64_t generation = 0;
  bool follows = false; ///< the signposts; a configuration of an earlier tealhook does not
};

/// "tealhook generation 7".
[[nodiscard]] std::string generation_mark(std::uint64_t generation);
/// The first mark's number in `text`.
[[nodiscard]] std::optional<std::uint64_t> find_generation(std::string_view text);
/// The same, of a configuration that follows the signposts.
[[nodiscard]] std::string following_mark(std::uint64_t generation);
/// By the first mark in `text`.
[[nodiscard]] std::optional<Running> find_running(std::string_view text);
/// Of a configuration file; 0 where there is none.
[[nodiscard]] std::uint64_t generation_of(const std::filesystem::path& file);

} // namespace teal::route
