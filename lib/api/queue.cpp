#include "api/body.hpp"
#include "api/resources.hpp"
#include "report/json.hpp"
#include "request/submission.hpp"

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

Reply pause(Call& call) {
  const std::string app = call.app(Verb::freeze);
  Body(call.request()).require_no_more();
  const bool is_new = call.store.queue.pause({.app = app, .who = call.who.text(), .at = {}}, call.who.origin);
  return json_reply(paused_json(call.store.queue.find_pause(app).value(), !is_new));
}

Reply resume(Call& call) {
  const std::string app = call.app(Verb::freeze);
  Body(call.request()).require_no_more();
  const Resumption done = resume_queue(call.workplace(), call.who, app);
  return json_reply(resumed_json(app, done.was_paused, done.waiting));
}

} // namespace teal::api
