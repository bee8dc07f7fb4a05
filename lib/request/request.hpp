/// @file
/// Request: what every door does with its Event: queue it, see to it that a runner works, and show what becomes of it.
#pragma once

#include "model/event.hpp"
#include "model/home.hpp"
#include "process/installation.hpp"
#include "process/subprocess.hpp"
#include "request/output.hpp"
#include "store/store.hpp"

#include <string>

namespace teal {

struct Door {
  Home home;
  Environment environment;
  Installation installation;
  Store& store;
  Output& output;
};

struct Request {
  std::int64_t deployment = 0; ///< its id
  int exit_code =
      0; ///< 1 if the deployment failed or was cancelled; 4 if the app is frozen; a reader that went away is no failure
};

/// Queue the event and start a runner that outlives us. Unless `detach`, show the deployment until its end. While the
/// app is frozen, the event is recorded, and nothing of it runs, nor of what was queued already; a rollback is let
/// through.
Request request_deployment(const Door& door, const Event& event, const Aim& aim, bool detach);

/// "'shop' is frozen by anna since 2026-11-21 09:52:01: stocktaking".
[[nodiscard]] std::string describe(const Freeze& freeze);

/// Show a deployment until its end. Returns the exit code as in Request.
int follow_deployment(const Door& door, std::int64_t deployment);

} // namespace teal
