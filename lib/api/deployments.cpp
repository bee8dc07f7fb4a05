#include "api/accepted.hpp"
#include "api/body.hpp"
#include "api/destination.hpp"
#include "api/problem.hpp"
#include "api/resources.hpp"
#include "config/load.hpp"
#include "http/hmac.hpp"
#include "report/json.hpp"
#include "request/cancel.hpp"
#include "trigger/by_hand.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace teal::api {

namespace {

namespace json = boost::json;

constexpr std::size_t k_longest_key = 255;

/// What is to be deployed, as it was asked for.
/// The same for the same order alone.
std::string fingerprint_of(const HandOrder& order) {
  return http::sha256_hex(json::serialize(
      json::array{order.app, order.destination ? order.destination->text() : "", order.revision, order.image}));
}

/// The sender's own key of the request, or nothing.
std::optional<std::string> idempotency_key(const http::HeaderList& headers) {
  if (headers.count("Idempotency-Key") == 0) {
    return std::nullopt;
  }
  const auto key = headers.only("Idempotency-Key");
  const bool is_good = key && !key->empty() && key->size() <= k_longest_key &&
                       std::all_of(key->begin(), key->end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!is_good) {
    throw Problem(
        400, fmt::format("'Idempotency-Key' is to be one text of 1 to {} visible characters of ASCII", k_longest_key));
  }
  return std::string(*key);
}

/// What was asked for with that key before, or nothing.
std::optional<Deployment> asked_before(const Call& call, const Event::Idempotency& asked) {
  const auto known = call.store.idempotency.find(call.who.text(), asked.key);
  if (known && known->request != asked.request) {
    throw Problem(422, "that 'Idempotency-Key' was used for another request");
  }
  return known ? call.store.history.deployment(known->deployment) : std::nullopt;
}

Request request_of(const Call& call, const HandOrder& order) {
  const Home& home = call.place.home;
  Request request = request_by_hand(home, call.store.history, order, load_app_settings(home, order.app).branches,
                                    call.place.clock.now());
  request.event.trigger = Trigger::api;
  return request;
}

/// An image brings what no push of the app's did.
Reply deploy_order(const Call& call, const HandOrder& order) {
  if (!order.image.empty()) {
    call.require(Verb::push, order.app);
  }
  const auto key = idempotency_key(call.request().headers);
  if (!key) {
    return accepted(submit(call.workplace(), call.who, request_of(call, order)).deployment);
  }
  const Event::Idempotency asked{.key = *key, .request = fingerprint_of(order)};
  if (const auto before = asked_before(call, asked)) {
    return accepted(*before);
  }
  Request request = request_of(call, order);
  request.event.idempotency = asked;
  try {
    return accepted(submit(call.workplace(), call.who, std::move(request)).deployment);
  } catch (const Error& error) {
    const auto before = error.kind() == ErrorKind::internal ? asked_before(call, asked) : std::nullopt;
    if (!before) {
      throw;
    }
    return accepted(*before); // another one with that key was first
  }
}

/// Whatever of it is in the body.
HandOrder read_order(Body& body, std::string app) {
  HandOrder order{.app = std::move(app),
                  .destination = destination_of(body.text("destination"), 422),
                  .revision = body.text("rev").value_or(""),
                  .image = body.text("image").value_or("")};
  body.require_no_more();
  if (!order.revision.empty() && !order.image.empty()) {
    throw Problem(422, "'image' takes the place of 'rev': give one of them").about("image");
  }
  return order;
}

} // namespace

Reply deploy(Call& call) {
  const std::string app = call.app(Verb::deploy);
  Body body(call.request());
  return deploy_order(call, read_order(body, app));
}

Reply deploy_named(Call& call) {
  Body body(call.request());
  const std::string app = body.required_text("app");
  call.require(Verb::deploy, app);
  return deploy_order(call, read_order(body, app));
}

Reply list_deployments(Call& call) {
  const Page page = call.page();
  DeploymentFilter filter{.apps = call.apps(Verb::read), .before = page.before, .limit = page.limit};
  if (const auto status = call.parameter("status")) {
    filter.status = parse_status(*status);
    if (!filter.status) {
      throw Problem(400, "'status' is to be queued, running, live, ready, failed, superseded or cancelled");
    }
  }
  json::array deployments;
  json::value next = nullptr;
  for (const Deployment& one : call.store.history.deployments(filter)) {
    deployments.push_back(to_json(one));
    next = deployments.size() == page.limit ? json::value(one.id) : nullptr;
  }
  return json_reply(json::object{{"deployments", std::move(deployments)}, {"next_before", std::move(next)}});
}

Reply show_deployment(Call& call) {
  return json_reply(to_json(call.deployment(Verb::read)));
}

Reply cancel_deployment(Call& call) {
  const Deployment found = call.deployment(Verb::deploy);
  Body(call.request()).require_no_more();
  const Deployment asked = as_conflict([&] { return ask_to_cancel(call.workplace(), found.id, call.who); });
  return json_reply(to_json(asked), is_final(asked.status) ? 200 : 202);
}

/// The same once more, as it was asked for.
Reply retry_deployment(Call& call) {
  const Deployment before = call.deployment(Verb::deploy);
  Body(call.request()).require_no_more();
  if (!is_final(before.status)) {
    throw Problem(409, fmt::format("deployment {} is {}", before.id, to_string(before.status)));
  }
  return as_conflict([&] {
    Request request = request_again(call.store.history, before, call.place.clock.now());
    request.event.trigger = Trigger::api;
    return accepted(submit(call.workplace(), call.who, std::move(request)).deployment);
  });
}

} // namespace teal::api
