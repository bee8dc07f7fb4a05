/// @file
/// RouterStart: whoever needs the router starts it, unless a person took it down.
///
/// Invariant: it starts with the routes of all apps, and of their servers with those only that run and are the ones
/// meant: by id, by label, and by the address that they have now. It is checked under the router's own lock, so that
/// nobody's newer routes are lost, and two who start it at once start it once.
#pragma once

#include "target/services.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// Starts the router if there is to be one and it does not run. One of another kind that still runs hands over: with
/// its routes, and with its ports closed for as short as both kinds allow; where the new one does not start, the old
/// one runs on. Returns what was done, as a sentence; "" if nothing was. Throws Error(environment) if somebody took the
/// router down, saying who, or if it cannot be started.
std::string ensure_router(Services& services);
/// What is routed now, by whichever router runs; if none does, what the next one would.
[[nodiscard]] route::RoutingTable routed_now(const Services& services);
/// The same of one app.
[[nodiscard]] std::vector<route::Route> routed_now(const Services& services, std::string_view app);
/// "haproxy, pid 812, of before router.kind was changed, still runs…"; "" if no such router runs.
[[nodiscard]] std::string describe_predecessor(const Services& services);
/// Who took the router down, so that nobody but `router up` is to start it; "" if nobody did.
[[nodiscard]] std::string router_taken_down_by(const Services& services);
/// Throws Error(environment) if somebody did and it does not run.
void require_router_wanted(Services& services);

/// It ends, whatever its kind, and stays so until allow_router(). Returns false if none ran.
bool take_router_down(Services& services, const std::string& who);
void allow_router(const Services& services);

} // namespace teal
