/// @file
/// Address: where a slot's published port is reached.
#pragma once

#include "config/settings.hpp"

#include <string>

namespace teal {

/// From this host itself: "127.0.0.1".
[[nodiscard]] std::string local_address(const std::string& bind);
/// As people type it: "http://host:50100/", with the name of the host where the port is published on all addresses:
/// `host`, or, where that is empty, this one's.
[[nodiscard]] std::string public_address(const AppSettings& settings, Color color, const std::string& host = {});
/// Where this host reaches the one that has the engine, a name or an address; empty where that is this one.
[[nodiscard]] std::string engine_address(const ServerSettings::Engine& engine);
/// The same of live traffic: "http://host:8090/", "https://shop.example.com:8443/"; empty if the app has no route.
[[nodiscard]] std::string live_address(const ServerSettings::Router& router, const AppSettings& settings);

} // namespace teal
