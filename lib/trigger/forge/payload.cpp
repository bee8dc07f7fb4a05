#include "trigger/forge/payload.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal::webhook::payload {

namespace {

namespace json = boost::json;

constexpr std::size_t k_size_limit = 25'000'000; // GitHub's own
constexpr std::size_t k_depth_limit = 32;
constexpr std::size_t k_ref_limit = 1000;
constexpr std::size_t k_name_limit = 200;
constexpr std::size_t k_message_limit = 4000;
constexpr std::size_t k_path_limit = 10'000;

[[noreturn]] void refuse(const std::string& why) {
  throw Error(ErrorKind::usage, why);
}

std::string quoted(Path path) {
  return fmt::format("'{}'", fmt::join(path, "."));
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

bool is_ref(const std::string& text) {
  const bool has_bad_character = std::any_of(text.begin(), text.end(), [](char c) {
    return is_control(c) || std::string_view(" ~^:?*[\\").find(c) != std::string_view::npos;
  });
  if (has_bad_character || !text.starts_with("refs/") || text.size() > k_ref_limit || text.ends_with('.') ||
      text.find("..") != std::string::npos || text.find("@{") != std::string::npos) {
    return false;
  }
  const std::vector<std::string> pieces = split(text, '/');
  return pieces.size() > 2 && std::none_of(pieces.begin(), pieces.end(), [](const std::string& piece) {
           return piece.empty() || piece.starts_with('.') || piece.ends_with(".lock");
         });
}

} // namespace

Value parse(std::string_view body) {
  if (body.size() > k_size_limit) {
    refuse("the payload is larger than 25 MB");
  }
  json::parse_options options;
  options.max_depth = k_depth_limit;
  json::error_code fault;
  // Of its many small pieces none is freed before all are.
  const auto storage = json::make_shared_resource<json::monotonic_resource>(std::max<std::size_t>(body.size(), 1024));
  Value value = json::parse({body.data(), body.size()}, fault, storage, options);
  if (fault) {
    refuse(fmt::format("the payload is no JSON: {}", fault.message()));
  }
  if (!value.is_object()) {
    refuse("the payload is no JSON object");
  }
  return value;
}

const Value* find(const Value& value, Path path) {
  const Value* at = &value;
  for (const std::string_view step : path) {
    if (at->is_null()) {
      return nullptr;
    }
    const auto* object = at->if_object();
    if (object == nullptr) {
      refuse(fmt::format("what is to have {} is no object", quoted(path)));
    }
    at = object->if_contains({step.data(), step.size()});
    if (at == nullptr) {
      return nullptr;
    }
  }
  return at->is_null() ? nullptr : at;
}

std::string text(const Value& value, Path path) {
  const Value* found = find(value, path);
  if (found == nullptr) {
    return {};
  }
  const auto* string = found->if_string();
  if (string == nullptr) {
    refuse(fmt::format("{} is no text", quoted(path)));
  }
  return {string->data(), string->size()};
}

std::string required_text(const Value& value, Path path) {
  std::string found = text(value, path);
  if (found.empty()) {
    refuse(fmt::format("{} is missing", quoted(path)));
  }
  return found;
}

bool flag(const Value& value, Path path) {
  const Value* found = find(value, path);
  if (found != nullptr && !found->is_bool()) {
    refuse(fmt::format("{} is neither true nor false", quoted(path)));
  }
  return found != nullptr && found->get_bool();
}

std::int64_t number(const Value& value, Path path, std::int64_t otherwise) {
  const Value* found = find(value, path);
  if (found != nullptr && !found->is_int64()) {
    refuse(fmt::format("{} is no number", quoted(path)));
  }
  return found == nullptr ? otherwise : found->get_int64();
}

const json::array& array(const Value& value, Path path) {
  static const json::array k_none;
  const Value* found = find(value, path);
  if (found != nullptr && !found->is_array()) {
    refuse(fmt::format("{} is no list", quoted(path)));
  }
  return found == nullptr ? k_none : found->get_array();
}

std::string full_ref(const std::string& text) {
  if (!is_ref(text)) {
    refuse(fmt::format("'{}' is no full name of a ref", shorten(printable(text), 120)));
  }
  return text;
}

std::string commit(const std::string& text) {
  if (text.find_first_not_of('0') == std::string::npos && (text.empty() || text.size() == 40 || text.size() == 64)) {
    return {};
  }
  if ((text.size() != 40 && text.size() != 64) || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    refuse(fmt::format("'{}' is no commit id", shorten(printable(text), 80)));
  }
  return text;
}

std::string name(const std::string& text) {
  return shorten(printable(text), k_name_limit);
}

std::string message(const std::string& text) {
  return shorten(printable(text, true), k_message_limit);
}

std::string required_header(const http::HeaderList& headers, std::string_view name_of_header) {
  const auto value = headers.only(name_of_header);
  if (!value || trim(*value).empty()) {
    refuse(fmt::format("no {} header, or several", name_of_header));
  }
  return name(std::string(trim(*value)));
}

DeliveryKind kind_of(const Delivery& delivery) {
  if (delivery.new_commit.empty()) {
    return DeliveryKind::removal;
  }
  if (delivery.ref.starts_with("refs/tags/")) {
    return DeliveryKind::tag;
  }
  return delivery.ref.starts_with("refs/heads/") ? DeliveryKind::push : DeliveryKind::ignored;
}

void read_paths(const Value& value, std::int64_t total, Delivery& delivery) {
  const json::array& commits = array(value, {"commits"});
  std::set<std::string> paths;
  bool complete = static_cast<std::int64_t>(commits.size()) >= total && !commits.empty();
  for (const Value& each : commits) {
    for (const std::string_view list : {"added", "modified", "removed"}) {
      for (const Value& path : array(each, {list})) {
        if (paths.size() < k_path_limit) {
          paths.insert(text(path, {}));
        } else {
          complete = false;
        }
      }
    }
  }
  delivery.paths.assign(paths.begin(), paths.end());
  delivery.is_paths_complete = complete;
}

Delivery ignored(std::string id, std::string note) {
  return {.id = std::move(id), .kind = DeliveryKind::ignored, .note = std::move(note)};
}

} // namespace teal::webhook::payload
