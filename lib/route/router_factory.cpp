#include "route/router_factory.hpp"

#include "core/error.hpp"

namespace teal::route {

std::unique_ptr<Router> make_router(const ServerSettings::Router& settings, const std::filesystem::path& /*folder*/,
                                    const Environment& /*environment*/) {
  if (settings.kind == ServerSettings::Router::Kind::none) {
    return nullptr;
  }
  throw Error(ErrorKind::settings, "this router is not known yet");
}

} // namespace teal::route
