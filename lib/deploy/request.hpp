/// @file
/// Request: what every door does with its Event: queue it, see to it that a runner works, and show what becomes of it.
#pragma once

#include "deploy/output.hpp"
#include "model/event.hpp"
#include "model/home.hpp"
#include "process/installation.hpp"
#include "process/subprocess.hpp"
#include "store/store.hpp"

namespace teal {

struct Door {
  Home home;
  Environment environment;
  Installation installation;
  Store& store;
  Output& output;
};

/// Queue the event and start a runner that outlives us. Unless `detach`, show the deployment until its end.
/// Returns the exit code: 1 if the deployment failed or was cancelled, else 0. A reader that went away is no failure.
int request_deployment(const Door& door, const Event& event, Color color, bool detach);

/// Show a deployment until its end. Returns the exit code as above.
int follow_deployment(const Door& door, std::int64_t deployment);

} // namespace teal
