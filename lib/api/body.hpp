/// @file
/// Body: the JSON object that a request brings, read field by field; what is left over is refused by name.
#pragma once

#include "http/message.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal::api {

/// Of a body; more is refused before it is read.
inline constexpr std::size_t k_body_limit = std::size_t{64} << 10U;

/// The object that is the request's body; an empty one where there is no body. Throws Problem: 400 for what is no JSON
/// (in UTF-8, no deeper than 16), 422 for what is no object.
[[nodiscard]] boost::json::object parse_object(const http::ServerRequest& request);

class Body {
public:
  /// Throws as parse_object() does.
  explicit Body(const http::ServerRequest& request) : m_fields(parse_object(request)) {}

  // Each takes its field out; nothing where it is missing, or null. Throws Problem(422), naming it, for another type.
  [[nodiscard]] std::optional<std::string> text(std::string_view name);
  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  [[nodiscard]] std::optional<std::uint16_t> port(std::string_view name);
  // The same of one that must be there.
  [[nodiscard]] std::int64_t required_integer(std::string_view name, std::int64_t least, std::int64_t most);
  [[nodiscard]] std::string required_text(std::string_view name);

  /// After the last one: throws Problem(422), naming a field that nobody took.
  void require_no_more() const;

private:
  [[nodiscard]] std::optional<boost::json::value> take(std::string_view name);

  boost::json::object m_fields;
};

} // namespace teal::api
