/// @file
/// KeyRequest: what somebody asks for who came in by a key, from the line that their ssh sent.
///
/// Invariant: the line never reaches a shell, and a path in it names one of the home's own repositories by its app and
/// color, or nothing: it is never opened as it was written.
#pragma once

#include "model/home.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace teal {

struct GitRequest {
  bool writes = false; ///< git push, not git fetch
  std::string path;    ///< as it was asked for
};

struct NothingAsked {};
using CommandWords = std::vector<std::string>; ///< never empty

using KeyRequest = std::variant<NothingAsked, GitRequest, CommandWords>;

/// Throws Error(usage) for what is no line of words, or a call of git that git itself does not make.
[[nodiscard]] KeyRequest parse_key_request(std::string_view line);

struct NamedRepository {
  std::string app;
  std::filesystem::path path;
};
/// "shop/blue", "/shop/blue", "~/shop/blue" or "HOME/apps/shop/blue", each with or without ".git"; and green, and live.
/// Nothing for any other text. Whether it is there was not looked at.
[[nodiscard]] std::optional<NamedRepository> repository_named(const Home& home, std::string_view path);

} // namespace teal
