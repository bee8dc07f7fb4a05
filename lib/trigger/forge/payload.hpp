/// @file
/// Payload: reading what strangers send as JSON: a field that is missing or null is empty, one of another type than it
/// has to be is an error that names it.
///
/// For the .cpp files that parse such texts only: it brings Boost.JSON along. All functions throw Error(usage).
#pragma once

#include "trigger/webhook.hpp"

#include <boost/json.hpp>

#include <initializer_list>

namespace teal::webhook::payload {

using Path = std::initializer_list<std::string_view>;
using Value = boost::json::value;

/// An object, of 25 MB and a depth of 32 at most.
[[nodiscard]] Value parse(std::string_view body);
/// The value at `path`, or null if there is none.
[[nodiscard]] const Value* find(const Value& value, Path path);
[[nodiscard]] std::string text(const Value& value, Path path);
/// A text that must be there.
[[nodiscard]] std::string required_text(const Value& value, Path path);
[[nodiscard]] bool flag(const Value& value, Path path);
[[nodiscard]] std::int64_t number(const Value& value, Path path, std::int64_t otherwise);
/// An empty one where it is missing.
[[nodiscard]] const boost::json::array& array(const Value& value, Path path);

/// A full ref name as git allows it (git-check-ref-format(1)), of 1,000 bytes at most.
[[nodiscard]] std::string full_ref(const std::string& text);
/// 40 or 64 hex digits; empty for as many zeros, or for nothing.
[[nodiscard]] std::string commit(const std::string& text);
/// One line of a stranger's text, printable, not long.
[[nodiscard]] std::string name(const std::string& text);
/// A commit's message, printable, its lines kept.
[[nodiscard]] std::string message(const std::string& text);
/// The one header of that name, printable. Throws if there is none.
[[nodiscard]] std::string required_header(const http::HeaderList& headers, std::string_view name);

/// push, tag or removal, by ref and new_commit.
[[nodiscard]] DeliveryKind kind_of(const Delivery& delivery);
/// Paths of commits[].{added,modified,removed}, of `total` commits that there are.
void read_paths(const Value& value, std::int64_t total, Delivery& delivery);
[[nodiscard]] Delivery ignored(std::string id, std::string note);

} // namespace teal::webhook::payload
