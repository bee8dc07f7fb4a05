/// @file
/// JSON fields: reading what the engine and the registry answer, with a default where a field is missing or null.
///
/// For the .cpp files of this folder only: it brings Boost.JSON along.
#pragma once

#include "core/error.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace teal::engine::fields {

using Path = std::initializer_list<std::string_view>;

/// Throws Error(environment) naming `source` if `text` is not JSON.
inline boost::json::value parse(std::string_view text, std::string_view source) {
  boost::json::error_code fault;
  boost::json::value value = boost::json::parse({text.data(), text.size()}, fault);
  if (fault) {
    throw Error(ErrorKind::environment, std::string(source) + " answered with broken JSON: " + fault.message());
  }
  return value;
}

/// The value at the end of `path`, or null if any part of it is missing.
inline const boost::json::value* find(const boost::json::value& value, Path path) {
  const boost::json::value* at = &value;
  for (const std::string_view name : path) {
    const auto* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains({name.data(), name.size()});
    if (at == nullptr) {
      return nullptr;
    }
  }
  return at;
}

inline std::string text(const boost::json::value& value, Path path, std::string_view otherwise = {}) {
  const auto* found = find(value, path);
  const auto* string = found == nullptr ? nullptr : found->if_string();
  return string == nullptr ? std::string(otherwise) : std::string(string->data(), string->size());
}

inline std::int64_t number(const boost::json::value& value, Path path, std::int64_t otherwise = 0) {
  const auto* found = find(value, path);
  const auto* integer = found == nullptr ? nullptr : found->if_int64();
  return integer == nullptr ? otherwise : *integer;
}

inline bool flag(const boost::json::value& value, Path path) {
  const auto* found = find(value, path);
  const auto* boolean = found == nullptr ? nullptr : found->if_bool();
  return boolean != nullptr && *boolean;
}

/// The array at `path`; an empty one where it is missing.
inline boost::json::array array(const boost::json::value& value, Path path) {
  const auto* found = find(value, path);
  const auto* elements = found == nullptr ? nullptr : found->if_array();
  return elements == nullptr ? boost::json::array() : *elements;
}

/// The object at `path`; an empty one where it is missing.
inline boost::json::object object(const boost::json::value& value, Path path) {
  const auto* found = find(value, path);
  const auto* members = found == nullptr ? nullptr : found->if_object();
  return members == nullptr ? boost::json::object() : *members;
}

inline std::vector<std::string> texts(const boost::json::value& value, Path path) {
  std::vector<std::string> found;
  for (const auto& element : array(value, path)) {
    found.push_back(text(element, {}));
  }
  return found;
}

inline std::map<std::string, std::string> text_map(const boost::json::value& value, Path path) {
  std::map<std::string, std::string> found;
  for (const auto& member : object(value, path)) {
    found.emplace(member.key(), text(member.value(), {}));
  }
  return found;
}

} // namespace teal::engine::fields
