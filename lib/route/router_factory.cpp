#include "route/router_factory.hpp"

#include "config/router_kinds.hpp"
#include "core/text.hpp"

#include <map>

namespace teal::route {

#define TEAL_ROUTER_KIND(name) RouterDescription name##_description(); // in its own file
#include "config/router_kinds.def"

namespace {

using Kind = ServerSettings::Router::Kind;

const std::map<Kind, RouterDescription>& descriptions() {
  static const std::map<Kind, RouterDescription> all{
      {Kind::none, RouterDescription()},
#define TEAL_ROUTER_KIND(name) {Kind::name, name##_description()},
#include "config/router_kinds.def"
  };
  return all;
}

} // namespace

const RouterDescription& describe_router(Kind kind) {
  return descriptions().at(kind);
}

std::unique_ptr<Router> make_router(const ServerSettings::Router& settings, const std::filesystem::path& folder,
                                    const Environment& environment) {
  const auto make = describe_router(settings.kind).make;
  return make == nullptr ? nullptr : make(settings, folder, environment);
}

std::string routers_with(bool RouterDescription::*ability) {
  std::vector<std::string> names;
  for (const auto& [name, kind] : router_kinds()) {
    if (describe_router(kind).*ability) {
      names.push_back(name);
    }
  }
  return in_words(names, "or");
}

} // namespace teal::route
