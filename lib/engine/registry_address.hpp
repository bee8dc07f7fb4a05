/// @file
/// A registry's address, as image names start with it: "localhost:5000", "registry.example.com/team".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace teal::engine {

/// Where it is asked: plain HTTP where the host is loopback, else TLS, as the engine does.
[[nodiscard]] std::string registry_url(std::string_view address);
/// What all repositories under this address have before their name: "team/", or nothing.
[[nodiscard]] std::string path_prefix(std::string_view address);
/// The port, where the address names one.
[[nodiscard]] std::optional<std::uint16_t> registry_port(std::string_view address);

/// The target of the next page in a Link header (RFC 8288, as the registry API uses it): </v2/_catalog?last=a>;
/// rel="next". Empty if there is none.
[[nodiscard]] std::string next_page(std::string_view link);

} // namespace teal::engine
