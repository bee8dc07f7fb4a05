#include "api/problem.hpp"
#include "api/resources.hpp"
#include "core/text.hpp"
#include "model/event_id.hpp"
#include "report/event.hpp"
#include "report/json.hpp"
#include "store/permission.hpp"

#include <fmt/format.h>

namespace teal::api {

namespace json = boost::json;

Reply list_events(Call& call) {
  const Page page = call.page();
  DeliveryFilter filter{.apps = call.apps(Verb::read), .before = page.before, .limit = page.limit};
  if (const auto status = call.parameter("status")) {
    filter.status = parse_delivery_status(*status);
    if (!filter.status) {
      throw Problem(400, "'status' is to be waiting, done, refused or failed");
    }
  }
  json::array events;
  json::value next = nullptr;
  for (const StoredDelivery& one : call.store.deliveries.list(filter)) {
    events.push_back(to_json(EventEntry(one)));
    next = events.size() == page.limit ? json::value(one.id) : nullptr;
  }
  return json_reply(json::object{{"events", std::move(events)}, {"next_before", std::move(next)}});
}

Reply show_event(Call& call) {
  const auto id = EventId::parse(call.argument());
  const bool is_delivery = id && id->kind == EventId::Kind::delivery;
  const auto found = is_delivery ? call.store.deliveries.find(id->number) : std::nullopt;
  const std::string what = fmt::format("event '{}'", shorten(printable(call.argument()), 60));
  if (!found || !allows(call.store.actions, call.who, found->app, Verb::read, what)) {
    throw Problem(404, "there is no " + what);
  }
  return json_reply(call.is_allowed(Verb::manage, found->app) ? to_json_whole(*found) : to_json(EventEntry(*found)));
}

} // namespace teal::api
