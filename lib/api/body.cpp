#include "api/body.hpp"

#include "api/problem.hpp"
#include "core/text.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>

namespace teal::api {

namespace {

namespace json = boost::json;

constexpr std::size_t k_depth = 16;

[[noreturn]] void refuse(std::string_view name, std::string_view wanted) {
  throw Problem(422, fmt::format("'{}' is to be {}", name, wanted)).about(name);
}

} // namespace

json::object parse_object(const http::ServerRequest& request) {
  if (request.body.empty()) {
    return {};
  }
  json::parse_options options;
  options.max_depth = k_depth;
  boost::system::error_code fault;
  json::value value = json::parse(request.body, fault, {}, options);
  if (fault) {
    throw Problem(400, fmt::format("the body is no JSON that is taken here: {}", fault.message()));
  }
  if (auto* object = value.if_object()) {
    return std::move(*object);
  }
  throw Problem(422, "the body is to be a JSON object");
}

std::optional<json::value> Body::take(std::string_view name) {
  const auto found = m_fields.find(name);
  if (found == m_fields.end()) {
    return std::nullopt;
  }
  json::value value = std::move(found->value());
  m_fields.erase(found);
  return value.is_null() ? std::nullopt : std::optional(std::move(value));
}

std::optional<std::string> Body::text(std::string_view name) {
  const auto value = take(name);
  if (value && !value->is_string()) {
    refuse(name, "a text");
  }
  return value ? std::optional(std::string(value->get_string())) : std::nullopt;
}

std::optional<bool> Body::flag(std::string_view name) {
  const auto value = take(name);
  if (value && !value->is_bool()) {
    refuse(name, "true or false");
  }
  return value ? std::optional(value->get_bool()) : std::nullopt;
}

std::optional<std::uint16_t> Body::port(std::string_view name) {
  const auto value = take(name);
  if (!value) {
    return std::nullopt;
  }
  const std::int64_t number = value->is_int64() ? value->get_int64() : 0;
  if (number < 1 || number > 65535) {
    refuse(name, "a port: a whole number from 1 to 65535");
  }
  return static_cast<std::uint16_t>(number);
}

std::int64_t Body::required_integer(std::string_view name, std::int64_t least, std::int64_t most) {
  const auto value = take(name);
  const auto* const number = value ? value->if_int64() : nullptr;
  if (number == nullptr || *number < least || *number > most) {
    refuse(name, fmt::format("given: a whole number from {} to {}", least, most));
  }
  return *number;
}

std::string Body::required_text(std::string_view name) {
  auto value = text(name);
  if (!value || value->empty()) {
    refuse(name, "given: a text");
  }
  return std::move(*value);
}

void Body::require_no_more() const {
  if (!m_fields.empty()) {
    const std::string name = shorten(printable(std::string_view(m_fields.begin()->key())), 60);
    throw Problem(422, fmt::format("there is no field '{}' here", name)).about(name);
  }
}

} // namespace teal::api
