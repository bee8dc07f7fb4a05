#include "config/router_kinds.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace teal {

const std::vector<std::pair<std::string, ServerSettings::Router::Kind>>& router_kinds() {
  using Kind = ServerSettings::Router::Kind;
  static const std::vector<std::pair<std::string, Kind>> kinds{
      {"none", Kind::none},
#define TEAL_ROUTER_KIND(name) {#name, Kind::name},
#include "config/router_kinds.def"
  };
  return kinds;
}

const std::string& to_string(ServerSettings::Router::Kind kind) {
  const auto& kinds = router_kinds();
  return std::find_if(kinds.begin(), kinds.end(), [&](const auto& one) { return one.second == kind; })->first;
}

const std::string& router_kinds_in_words() {
  static const std::string words = [] {
    std::vector<std::string> names;
    for (const auto& [name, kind] : router_kinds()) {
      names.push_back(name);
    }
    return in_words(names, "or");
  }();
  return words;
}

} // namespace teal
