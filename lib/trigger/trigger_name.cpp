#include "trigger/trigger_name.hpp"

#include "core/error.hpp"
#include "model/trigger_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace teal {

namespace {

std::string plain(std::string_view text) {
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), [](char c) {
    const bool is_kept =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    return is_kept ? c : c == '/' ? '-' : '_';
  });
  return name;
}

} // namespace

std::string trigger_file_name(std::string_view pattern, const TriggerNameParts& parts) {
  const std::size_t slash = parts.repository.rfind('/');
  const bool has_owner = slash != std::string_view::npos;
  const std::array<std::pair<std::string_view, std::string>, 5> values{
      {{"{app}", plain(parts.app)},
       {"{source}", plain(parts.source)},
       {"{owner}", plain(has_owner ? parts.repository.substr(0, slash) : "")},
       {"{repo}", plain(has_owner ? parts.repository.substr(slash + 1) : parts.repository)},
       {"{branch}", plain(parts.branch)}}};
  std::string name;
  while (!pattern.empty()) {
    const auto* const value =
        std::find_if(values.begin(), values.end(), [&](const auto& one) { return pattern.starts_with(one.first); });
    name += value == values.end() ? std::string(1, pattern.front()) : value->second;
    pattern.remove_prefix(value == values.end() ? 1 : value->first.size());
  }
  if (name.empty() || name.front() == '.') {
    name.insert(name.begin(), '_');
  }
  if (name.ends_with(".tmp") || name.ends_with(".part")) {
    name += '_';
  }
  if (!is_trigger_file_name(name)) {
    throw Error(ErrorKind::usage, fmt::format("the trigger file's name would have {} characters, more than {}",
                                              name.size(), k_longest_trigger_file));
  }
  return name;
}

} // namespace teal
