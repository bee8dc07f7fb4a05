/// @file
/// HttpProbe: whether a page is healthy, asked once, or until it is.
#pragma once

#include "config/settings.hpp"
#include "http/client.hpp"
#include "target/target.hpp"

#include <functional>
#include <stop_token>
#include <string>

namespace teal {

struct ProbeRequest {
  http::Endpoint endpoint;
  std::string target;      ///< path and query
  std::string host;        ///< the Host header
  std::string shown;       ///< "GET /", as the answer begins
  Milliseconds connect{0}; ///< of `timeout`
  Milliseconds timeout{0};
};

/// Whatever goes wrong is the answer.
[[nodiscard]] Probe probe_http(const ProbeRequest& request, const StatusCodes& expect);

/// Of a URL that the settings name.
[[nodiscard]] ProbeRequest probe_request_of(const std::string& url, Milliseconds timeout);

struct ProbePatience {
  Milliseconds interval{0}; ///< the longest pause between probes; they start at 25 ms and back off to it
  Milliseconds deadline{0};
  Milliseconds settle{0}; ///< what was healthy once must stay so for so long
};

/// Looks until it is healthy, and has been for as long as it should; returns the healthy answer. Throws Error(timeout)
/// with the last one, Error(environment) where it did not stay so, Error(busy) once interrupted.
[[nodiscard]] std::string await_healthy(const ProbePatience& patience, const std::stop_token& interrupt,
                                        const std::function<Probe()>& look);

} // namespace teal
