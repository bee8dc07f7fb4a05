#include "api/accepted.hpp"
#include "api/body.hpp"
#include "api/problem.hpp"
#include "api/resources.hpp"
#include "core/text.hpp"
#include "deploy/rollback.hpp"
#include "report/json.hpp"
#include "traffic/switch.hpp"
#include "trigger/by_hand.hpp"

namespace teal::api {

namespace {

/// That a router was started for it is in the daemon's log by the router's keeper.
void tell_nobody(const std::string& /*line*/) {}

} // namespace

Reply switch_traffic(Call& call) {
  const std::string app = call.app(Verb::switch_);
  Body body(call.request());
  const auto color = body.text("color");
  SwitchRequest request{.app = app,
                        .color = color ? parse_color(*color) : std::nullopt,
                        .who = call.who.text(),
                        .force = body.flag("force").value_or(false),
                        .origin = call.who.origin};
  body.require_no_more();
  if (color && !request.color) {
    throw Problem(422, "'color' is to be blue or green").about("color");
  }
  Services services(call.place.home, call.place.environment);
  return json_reply(
      to_json(as_conflict([&] { return teal::switch_traffic(services, call.store, request, tell_nobody); })));
}

Reply go_back(Call& call) {
  const std::string app = call.app(Verb::rollback);
  Body body(call.request());
  const RollbackOrder order{
      .app = app, .wanted = body.text("release").value_or(""), .target = body.text("target").value_or("")};
  body.require_no_more();
  Services services(call.place.home, call.place.environment);
  const Release release = as_conflict([&] { return find_rollback(services, call.store, order); });
  const auto gone =
      as_conflict([&] { return teal::go_back(services, call.workplace(), release, call.who, tell_nobody); });
  if (const auto* submission = std::get_if<Submission>(&gone)) {
    return accepted(submission->deployment);
  }
  return json_reply(
      to_json(release, std::holds_alternative<SwitchResult>(gone) ? RollbackWay::traffic : RollbackWay::nothing));
}

Reply freeze(Call& call) {
  const std::string app = call.app(Verb::freeze);
  Body body(call.request());
  const std::string why = printable(std::string(trim(body.required_text("why"))));
  body.require_no_more();
  if (why.empty()) {
    throw Problem(422, "'why' is for those who will read it").about("why");
  }
  const Freeze made{.app = app, .who = call.who.text(), .why = why, .at = {}};
  return json_reply(frozen_json(made, call.store.traffic.set_freeze(made, call.who.origin)));
}

Reply unfreeze(Call& call) {
  const std::string app = call.app(Verb::freeze);
  Body body(call.request());
  const bool deploys = body.flag("deploy").value_or(false);
  body.require_no_more();
  if (deploys) {
    call.require(Verb::deploy, app);
  }
  const auto frozen = call.store.traffic.freeze(app);
  const auto held = frozen && deploys ? call.store.history.held(app, frozen->at) : std::vector<Deployment>();
  const bool was_frozen = call.store.traffic.remove_freeze(app, call.who.text(), call.who.origin);
  std::vector<std::int64_t> deployed;
  for (const Deployment& one : held) {
    Request request{.event = asked_again(one.event, call.place.clock.now()), .destination = one.destination};
    request.event.trigger = Trigger::api;
    deployed.push_back(submit(call.workplace(), call.who, std::move(request)).deployment.id);
  }
  return json_reply(unfrozen_json(app, was_frozen, deployed));
}

} // namespace teal::api
