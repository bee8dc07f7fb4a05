#include "model/image_reference.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace teal {

namespace {

constexpr std::string_view k_hub = "docker.io";
constexpr std::size_t k_longest_name = 255;
constexpr std::size_t k_longest_tag = 128;

bool is_lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_letter_or_digit(char c) {
  return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/// Letters and digits, with ".", "_", "__" or any number of "-" between them.
bool is_component(std::string_view text) {
  if (text.empty() || !is_lower_or_digit(text.front()) || !is_lower_or_digit(text.back())) {
    return false;
  }
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = static_cast<std::size_t>(
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_lower_or_digit) - text.begin());
    const std::string_view between = text.substr(at, end - at);
    if (!between.empty() && between != "." && between != "_" && between != "__" &&
        between.find_first_not_of('-') != std::string_view::npos) {
      return false;
    }
    at = end + 1;
  }
  return true;
}

/// The first component of a name is a registry's only if it looks like one.
bool is_registry(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:") != std::string_view::npos;
}

bool is_registry_address(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view host = text.substr(0, colon);
  const auto parts = split(host, '.');
  const bool host_fits = std::all_of(parts.begin(), parts.end(), [](const std::string& part) {
    return !part.empty() && part.front() != '-' && part.back() != '-' &&
           std::all_of(part.begin(), part.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
  });
  if (colon == std::string_view::npos) {
    return host_fits;
  }
  return host_fits && parse_port(text.substr(colon + 1));
}

bool is_tag(std::string_view text) {
  return !text.empty() && text.size() <= k_longest_tag && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '_' || c == '.' || c == '-'; });
}

bool is_digest(std::string_view text) {
  constexpr std::string_view k_algorithm = "sha256:";
  return text.starts_with(k_algorithm) && text.size() == k_algorithm.size() + 64 &&
         text.find_first_not_of("0123456789abcdef", k_algorithm.size()) == std::string_view::npos;
}

/// Where the registry's part of a name ends; 0 where it names none.
std::size_t registry_end(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && is_registry(name.substr(0, slash)) ? slash + 1 : 0;
}

} // namespace

bool is_image_name(std::string_view text) {
  const std::size_t path = registry_end(text);
  const auto components = split(text.substr(path), '/');
  return text.size() <= k_longest_name && (path == 0 || is_registry_address(text.substr(0, path - 1))) &&
         std::all_of(components.begin(), components.end(), is_component);
}

std::optional<ImageReference> ImageReference::parse(std::string_view text) {
  ImageReference reference;
  if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
    reference.digest = text.substr(at + 1);
    text = text.substr(0, at);
    if (!is_digest(reference.digest)) {
      return std::nullopt;
    }
  }
  const std::size_t colon = text.rfind(':');
  const std::size_t slash = text.rfind('/');
  if (colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash)) {
    reference.tag = text.substr(colon + 1);
    text = text.substr(0, colon);
    if (!is_tag(reference.tag)) {
      return std::nullopt;
    }
  }
  reference.name = text;
  const bool is_whole = is_image_name(text) && (!reference.tag.empty() || !reference.digest.empty());
  return is_whole ? std::optional(std::move(reference)) : std::nullopt;
}

ImageReference ImageReference::require(std::string_view text) {
  if (auto reference = parse(text)) {
    return std::move(*reference);
  }
  throw Error(ErrorKind::usage, fmt::format("'{}' is no image: give it with a tag or a digest, such as "
                                            "localhost:5000/ci/shop:1.2 or registry.example.com/shop@sha256:…",
                                            shorten(printable(text), 120)));
}

std::string ImageReference::text() const {
  return name + (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
}

std::string ImageReference::registry() const {
  const std::size_t end = registry_end(name);
  return end == 0 ? std::string(k_hub) : name.substr(0, end - 1);
}

std::string ImageReference::path() const {
  return name.substr(registry_end(name));
}

} // namespace teal
