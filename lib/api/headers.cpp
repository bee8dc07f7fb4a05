#include "api/headers.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <cctype>

namespace teal::api {

namespace {

/// Whether `range` ("text/*;q=0.5") allows `type`; one of no quality refuses it.
bool allows_type(std::string_view range, std::string_view type) {
  std::string parameters(range);
  std::erase_if(parameters, [](char c) { return c == ' ' || c == '\t'; });
  const bool is_refused = parameters.ends_with(";q=0") || parameters.find(";q=0;") != std::string::npos ||
                          parameters.find(";q=0.0") != std::string::npos;
  const std::string name = media_type(range);
  const std::string any_of_its = std::string(type.substr(0, type.find('/'))) + "/*";
  return !is_refused && (name == "*/*" || name == type || name == any_of_its);
}

} // namespace

std::optional<std::string> bearer_token(const http::HeaderList& headers) {
  const auto value = headers.only("Authorization");
  const std::size_t blank = value ? value->find(' ') : std::string_view::npos;
  if (blank == std::string_view::npos || !http::equal_names(value->substr(0, blank), "Bearer")) {
    return std::nullopt;
  }
  return std::string(trim(value->substr(blank)));
}

std::optional<std::string_view> acceptable_type(const http::HeaderList& headers, std::string_view offered) {
  const std::string accepted = headers.joined("Accept");
  while (!offered.empty()) {
    const std::size_t comma = offered.find(',');
    const std::string_view type = offered.substr(0, comma);
    const auto ranges = split(accepted, ',');
    if (trim(accepted).empty() ||
        std::any_of(ranges.begin(), ranges.end(), [&](const std::string& one) { return allows_type(one, type); })) {
      return type;
    }
    offered = comma == std::string_view::npos ? std::string_view() : offered.substr(comma + 1);
  }
  return std::nullopt;
}

std::string media_type(std::string_view content_type) {
  std::string name(trim(content_type.substr(0, content_type.find(';'))));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return name;
}

} // namespace teal::api
