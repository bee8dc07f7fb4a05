#include "config/settings.hpp"

#include <algorithm>

namespace teal {

std::string_view to_string(TargetSettings::Kind kind) noexcept {
  switch (kind) {
  case TargetSettings::Kind::command:
    return "command";
  case TargetSettings::Kind::git:
    return "git";
  case TargetSettings::Kind::compose:
    return "compose";
  case TargetSettings::Kind::swarm:
    return "swarm";
  }
  return "";
}

bool AppSettings::is_one_image() const {
  const auto colors = targets.find(target);
  return colors == targets.end() || colors->second.kind != TargetSettings::Kind::compose;
}

bool StatusCodes::contains(int code) const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const Range& range) { return range.first <= code && code <= range.last; });
}

} // namespace teal
