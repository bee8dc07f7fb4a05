#include "config/settings.hpp"

#include <algorithm>

namespace teal {

bool StatusCodes::contains(int code) const {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](const Range& range) { return range.first <= code && code <= range.last; });
}

} // namespace teal
