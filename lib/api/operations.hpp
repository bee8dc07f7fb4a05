/// @file
/// Operations: all that can be asked for, in one table: adding one adds a line, its function, and its part of
/// openapi.json.
#pragma once

#include "api/call.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace teal::api {

inline constexpr std::string_view k_prefix = "/api/v1";

/// What a request brings.
enum class BodyKind {
  none,
  json,  ///< an object, or nothing
  patch, ///< a JSON merge patch (RFC 7396)
  yaml
};

struct Operation {
  std::string_view method;
  std::string_view pattern; ///< below k_prefix; "{…}" is any one segment
  Reply (*run)(Call& call);
  bool is_slow = false; ///< it asks engine or router
  BodyKind body = BodyKind::none;
  std::string_view parameters = {};               ///< names of the query's, separated by ','
  std::string_view produces = "application/json"; ///< types, the usual one first, separated by ','
  bool is_open = false;                           ///< to all, without a token
};

[[nodiscard]] std::span<const Operation> operations();

struct Match {
  const Operation* operation = nullptr; ///< none: nothing is there, or not by that method
  std::vector<std::string> arguments;   ///< what "{…}" stands for
  std::string methods; ///< that can be asked for by that path: "GET, HEAD, POST"; empty: nothing is there
};

/// The segments of the path in a request's target, each percent-decoded once. Nothing for a path whose segments are not
/// what one would take them for: empty, with a '/', control characters, or no UTF-8.
[[nodiscard]] std::optional<std::vector<std::string>> segments_of(std::string_view target);
/// HEAD is asked for as GET.
[[nodiscard]] Match find_operation(std::string_view method, std::string_view target);

} // namespace teal::api
