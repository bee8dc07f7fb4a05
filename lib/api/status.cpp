#include "report/status.hpp"

#include "api/destination.hpp"
#include "api/resources.hpp"
#include "config/load.hpp"
#include "report/history.hpp"
#include "report/json.hpp"
#include "report/plan.hpp"
#include "trigger/by_hand.hpp"

namespace teal::api {

namespace json = boost::json;

Reply show_status(Call& call) {
  const std::string app = call.app(Verb::read);
  Services services(call.place.home, call.place.environment);
  return json_reply(to_json(status_of(services, call.store, app)));
}

Reply show_history(Call& call) {
  constexpr std::size_t k_usual = 20;
  constexpr std::size_t k_most = 1000;
  json::array entries;
  for (const HistoryEntry& entry : history_of(call.store, call.app(Verb::read), call.limit(k_usual, k_most))) {
    entries.push_back(to_json(entry));
  }
  return json_reply(entries);
}

Reply show_plan(Call& call) {
  const std::string app = call.app(Verb::read);
  const Request request = request_by_hand(call.place.home, call.store.history,
                                          {.app = app,
                                           .destination = destination_of(call.parameter("destination"), 400),
                                           .revision = call.parameter("rev").value_or(""),
                                           .image = call.parameter("image").value_or("")},
                                          load_app_settings(call.place.home, app).branches, call.place.clock.now());
  if (request.destination.is_target()) {
    require_destination(call.place.home, app, request.destination);
  }
  Services services(call.place.home, call.place.environment);
  return json_reply(to_json(services, request.event, preview(services, call.store, request)));
}

} // namespace teal::api
