#include "deploy/scale.hpp"

#include "api/body.hpp"
#include "api/problem.hpp"
#include "api/resources.hpp"
#include "report/json.hpp"

namespace teal::api {

namespace {

namespace json = boost::json;

json::object to_json(const std::string& app, const Scaling& scaling) {
  json::array deployments;
  for (const Submission& one : scaling.submissions) {
    deployments.push_back(teal::to_json(one.deployment));
  }
  return {{"app", app}, {"replicas", scaling.replicas}, {"deployments", std::move(deployments)}};
}

/// Reads what is left of the body.
Reply order(Call& call, Body& body, ScaleOrder order) {
  const auto color = body.text("color");
  body.require_no_more();
  order.color = color ? parse_color(*color) : std::nullopt;
  if (color && !order.color) {
    throw Problem(422, "'color' is to be blue or green").about("color");
  }
  order.door = Trigger::api;
  Services services(call.place.home, call.place.environment);
  const Scaling scaling = as_conflict([&] { return order_scaling(services, call.workplace(), call.who, order); });
  return json_reply(to_json(order.app, scaling), scaling.submissions.empty() ? 200 : 202);
}

} // namespace

Reply scale(Call& call) {
  ScaleOrder wish{.app = call.app(Verb::manage)};
  Body body(call.request());
  wish.replicas = static_cast<int>(body.required_integer("replicas", 1, k_most_replicas));
  return order(call, body, wish);
}

Reply spawn(Call& call) {
  const ScaleOrder wish{.app = call.app(Verb::manage), .step = 1};
  Body body(call.request());
  return order(call, body, wish);
}

Reply destroy(Call& call) {
  const ScaleOrder wish{.app = call.app(Verb::manage), .step = -1};
  Body body(call.request());
  return order(call, body, wish);
}

} // namespace teal::api
