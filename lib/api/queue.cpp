#include "api/resources.hpp"
#include "report/json.hpp"

#include <algorithm>

namespace teal::api {

Reply list_queue(Call& call) {
  const std::vector<std::string> apps = call.apps(Verb::read);
  boost::json::array waiting;
  for (const Deployment& one : call.store.queue.pending()) {
    if (std::find(apps.begin(), apps.end(), one.event.app) != apps.end()) {
      waiting.push_back(to_json(one));
    }
  }
  return json_reply(waiting);
}

} // namespace teal::api
