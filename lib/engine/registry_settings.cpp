#include "engine/registry_settings.hpp"

#include "core/error.hpp"
#include "engine/registry_address.hpp"

#include <fmt/format.h>

namespace teal::engine {

std::uint16_t RegistryServerSettings::port() const {
  const auto port = registry_port(address);
  if (!port) {
    throw Error(ErrorKind::settings,
                fmt::format("registry.address '{}' names no port, so no registry can be run for it here", address));
  }
  return *port;
}

} // namespace teal::engine
