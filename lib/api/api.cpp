#include "api/api.hpp"

#include "access/token.hpp"
#include "api/body.hpp"
#include "api/headers.hpp"
#include "api/problem.hpp"
#include "core/text.hpp"
#include "http/peer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace teal::api {

namespace {

constexpr http::Rate k_strangers{.per_second = 1, .burst = 20}; ///< bad tokens of one client
constexpr std::size_t k_quick_at_once = 3;
constexpr std::size_t k_quick_waiting = 256;
constexpr std::size_t k_slow_at_once = 4;
constexpr std::size_t k_slow_waiting = 12;
constexpr std::string_view k_challenge = R"(Bearer realm="tealhook")";
constexpr std::string_view k_bad_token = R"(Bearer realm="tealhook", error="invalid_token")";

std::string taken_types(BodyKind body) {
  switch (body) {
  case BodyKind::json:
    return "application/json";
  case BodyKind::patch:
    return "application/merge-patch+json or application/json";
  case BodyKind::yaml:
    return "application/yaml";
  case BodyKind::none:
    break;
  }
  return "none";
}

bool is_taken_type(BodyKind body, const std::string& type) {
  return body == BodyKind::yaml
             ? type == "application/yaml"
             : type == "application/json" || (body == BodyKind::patch && type == "application/merge-patch+json");
}

/// By its announced length; a chunked one is one.
bool brings_body(const http::ServerRequest& head) {
  const std::string_view length = head.headers.first("Content-Length");
  return head.headers.count("Transfer-Encoding") != 0 || (!length.empty() && length != "0");
}

void require_known_parameters(const Operation& operation, const http::ServerRequest& head) {
  const std::vector<std::string> known = split(operation.parameters, ',');
  std::vector<std::string> given;
  for (const std::string& pair : split(head.query, '&')) {
    const auto name = http::percent_decode(std::string_view(pair).substr(0, pair.find('=')));
    if (pair.empty()) {
      continue;
    }
    if (!name || name->empty() || std::find(known.begin(), known.end(), *name) == known.end()) {
      throw Problem(400, fmt::format("there is no parameter '{}' here", shorten(printable(name.value_or(pair)), 60)));
    }
    if (std::find(given.begin(), given.end(), *name) != given.end()) {
      throw Problem(400, fmt::format("'{}' is given twice", *name));
    }
    given.push_back(*name);
  }
}

const Operation& require_operation(const Match& match, const http::ServerRequest& head) {
  if (match.methods.empty()) {
    throw Problem(404, "there is nothing at this path; see /api/v1/openapi.json");
  }
  if (match.operation == nullptr) {
    throw Problem(405, fmt::format("{} is not for this path", head.method)).with("Allow", match.methods);
  }
  return *match.operation;
}

Problem busy_problem(std::string why) {
  return Problem(503, std::move(why)).with("Retry-After", "2");
}

} // namespace

/// A request on its way to its one answer, which its work gives, or its deadline.
struct Api::Visit {
  http::ServerRequest request;
  std::string client;
  http::Responder responder;
  Match match;
  std::atomic<bool> is_answered = false;
};

Api::Api(Parts parts)
    : m_parts(std::move(parts)), m_strangers(k_strangers),
      m_narrator(m_parts.place.home, m_parts.place.clock, m_parts.report, m_parts.heartbeat),
      m_quick({.at_once = k_quick_at_once, .waiting = k_quick_waiting, .deadline = m_parts.deadline}),
      m_slow({.at_once = k_slow_at_once, .waiting = k_slow_waiting, .deadline = m_parts.deadline}) {}

bool Api::is_asked(const http::ServerRequest& head) {
  return head.path.starts_with("/api/") || head.path == "/api";
}

http::ServerResponse Api::reword(const http::ServerResponse& refusal) {
  return as_problem(refusal);
}

std::variant<http::Admission, http::ServerResponse> Api::admit(const http::ServerRequest& head,
                                                               const std::string& client) {
  try {
    return require_admissible(head, client);
  } catch (const Problem& problem) {
    http::ServerResponse refusal = problem.response();
    m_parts.count(refusal.status);
    return refusal;
  }
}

http::Admission Api::require_admissible(const http::ServerRequest& head, const std::string& client) {
  const Match match = find_operation(head.method, head.target);
  const Operation& operation = require_operation(match, head);
  if (!operation.is_open) {
    require_patience(client);
    if (!bearer_token(head.headers)) {
      throw Problem(401, "say who asks: Authorization: Bearer TOKEN; a token is made by: tealhook token add")
          .with("WWW-Authenticate", std::string(k_challenge));
    }
  }
  if (!acceptable_type(head.headers, operation.produces)) {
    throw Problem(406, fmt::format("this comes as {}", operation.produces));
  }
  require_known_parameters(operation, head);
  if (operation.body == BodyKind::none) {
    return {.body_limit = 0, .in_pool = false};
  }
  if (brings_body(head) && !is_taken_type(operation.body, media_type(head.headers.first("Content-Type")))) {
    throw Problem(415, fmt::format("the body is to be {}", taken_types(operation.body)));
  }
  return {.body_limit = k_body_limit, .in_pool = false};
}

void Api::require_patience(const std::string& client) {
  const std::lock_guard guard(m_mutex);
  if (const auto wait = m_strangers.wait(http::rate_key(client), std::chrono::steady_clock::now())) {
    throw Problem(429, "too many requests with a token that is worth nothing")
        .with("Retry-After", std::to_string(wait->count() / 1000 + 1));
  }
}

void Api::note_stranger(const std::string& client) {
  m_parts.report(fmt::format("a token that is worth nothing was shown by {}", client));
  const std::lock_guard guard(m_mutex);
  static_cast<void>(m_strangers.take(http::rate_key(client), std::chrono::steady_clock::now()));
}

void Api::handle(http::ServerRequest request, const std::string& client, http::Responder responder) {
  Match match = find_operation(request.method, request.target);
  const bool is_slow = match.operation->is_slow;
  const auto visit = std::shared_ptr<Visit>(new Visit{
      .request = std::move(request), .client = client, .responder = std::move(responder), .match = std::move(match)});
  const bool is_taken = (is_slow ? m_slow : m_quick)
                            .add({.work = [this, visit] { work(*visit); },
                                  .late =
                                      [this, visit] {
                                        send(*visit, Problem(504, "it takes longer than expected; what has begun goes "
                                                                  "on: look at what became of it")
                                                         .response());
                                      }});
  if (!is_taken) {
    send(*visit, busy_problem("too much is being asked at the moment").response());
  }
}

void Api::send(Visit& visit, http::ServerResponse response) {
  if (!visit.is_answered.exchange(true)) {
    m_parts.count(response.status);
    visit.responder.respond(std::move(response));
  }
}

void Api::work(Visit& visit) noexcept {
  try {
    Ticket ticket;
    Reply reply = answer(visit, ticket);
    if (!reply.narrative) {
      return send(visit, std::move(reply.response));
    }
    if (!visit.is_answered.exchange(true)) {
      m_parts.count(reply.response.status);
      http::Stream stream = visit.responder.stream(std::move(reply.response));
      if (visit.request.method != "HEAD") {
        m_narrator.add(std::move(stream), std::move(reply.narrative), std::move(ticket));
      }
    }
  } catch (const Problem& problem) {
    send(visit, problem.response());
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::internal) {
      m_parts.report(fmt::format("{} {} failed: {}", visit.request.method, visit.request.path, error.what()));
    }
    send(visit, problem_of(error).response());
  } catch (const std::exception& error) {
    m_parts.report(fmt::format("{} {} failed: {}", visit.request.method, visit.request.path, error.what()));
    send(visit, problem_of(Error(ErrorKind::internal, "")).response());
  }
}

Reply Api::answer(const Visit& visit, Ticket& ticket) {
  const Operation& operation = *visit.match.operation;
  Store store(m_parts.place.home.store(), m_parts.place.clock);
  const Principal who = operation.is_open ? Principal() : require_token(store, visit, ticket);
  Call call({.place = m_parts.place,
             .store = store,
             .who = who,
             .request = visit.request,
             .arguments = visit.match.arguments,
             .produces = acceptable_type(visit.request.headers, operation.produces).value_or("")});
  Reply reply = operation.run(call);
  if (reply.narrative) {
    if (!m_narrator.has_room()) {
      throw busy_problem("too many follow a log at the moment");
    }
    ticket.app = call.deployment(Verb::logs).event.app;
  }
  return reply;
}

Principal Api::require_token(Store& store, const Visit& visit, Ticket& ticket) {
  const std::string token = bearer_token(visit.request.headers).value_or("");
  auto who = principal_of_token(store.principals, token);
  if (!who) {
    note_stranger(visit.client);
    throw Problem(401, "there is no such token, or it was removed").with("WWW-Authenticate", std::string(k_bad_token));
  }
  ticket.proof = hash_of_token(token);
  who->origin = {.door = Trigger::api, .from = visit.client};
  return std::move(*who);
}

} // namespace teal::api
