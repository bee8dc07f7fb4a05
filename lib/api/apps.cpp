#include "upkeep/apps.hpp"

#include "api/body.hpp"
#include "api/problem.hpp"
#include "api/resources.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "model/app.hpp"
#include "report/app.hpp"
#include "report/json.hpp"
#include "request/cancel.hpp"

#include <fmt/format.h>

namespace teal::api {

namespace {

namespace json = boost::json;

json::object details_of(const Call& call, const std::string& app) {
  return to_json(report_on_app(call.place.home, call.store, app),
                 describe_app_settings(load_app_text(call.place.home, app), std::nullopt));
}

} // namespace

Reply list_apps(Call& call) {
  json::array apps;
  for (const AppEntry& entry : report_on_apps(call.place.home, call.store)) {
    if (call.is_allowed(Verb::read, entry.name)) {
      apps.push_back(to_json(entry));
    }
  }
  return json_reply(apps);
}

Reply create_app(Call& call) {
  Body body(call.request());
  NewApp app;
  app.name = body.required_text("name");
  app.blue_port = body.port("blue_port");
  app.green_port = body.port("green_port");
  app.live_port = body.port("live_port");
  app.container_port = body.port("container_port").value_or(app.container_port);
  app.by = call.who;
  body.require_no_more();
  call.require_permission(Verb::manage, app.name);
  require_app_name(app.name);
  Services services(call.place.home, call.place.environment);
  as_conflict([&] { return teal::create_app(services, call.store, call.place.installation, app); });
  Reply made = json_reply(details_of(call, app.name), 201);
  made.response.headers.add("Location", "/api/v1/apps/" + app.name);
  return made;
}

Reply show_app(Call& call) {
  return json_reply(details_of(call, call.app(Verb::read)));
}

Reply remove_app(Call& call) {
  const std::string app = call.app(Verb::manage);
  if (call.parameter("confirm") != app) {
    throw Problem(400, fmt::format("'{0}' goes with its containers, images, repositories, settings and history: say so "
                                   "by ?confirm={0}",
                                   app));
  }
  Services services(call.place.home, call.place.environment);
  cancel_all(call.workplace(), app, call.who);
  return json_reply(removed_json(app, join(teal::remove_app(services, call.store, app, call.who), "; ")));
}

} // namespace teal::api
