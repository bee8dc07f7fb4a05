#include "serve/hook_door.hpp"

#include "core/text.hpp"
#include "http/hmac.hpp"
#include "model/event_id.hpp"

#include <fmt/format.h>

namespace teal::serve {

namespace {

constexpr std::string_view k_prefix = "/hook/";
constexpr http::Rate k_refusals{.per_second = 5, .burst = 50}; ///< of one client

bool is_taken_type(std::string_view type) {
  const std::string_view name = trim(type.substr(0, type.find(';')));
  return http::equal_names(name, "application/json") || http::equal_names(name, "application/x-www-form-urlencoded") ||
         (name.starts_with("application/") && name.ends_with("+json"));
}

/// JSON of texts that are printable already.
http::ServerResponse answer(int status, std::string_view what, std::optional<std::int64_t> id,
                            const std::string& reason = {}) {
  std::string body = fmt::format("{{\"status\":\"{}\"", what);
  if (id) {
    body += fmt::format(",\"event\":\"{}\"", delivery_id(*id));
  }
  if (!reason.empty()) {
    body += fmt::format(",\"reason\":{}", http::json_text(reason));
  }
  return http::json_response(status, body + "}\n");
}

http::ServerResponse answer(const HookSink::Result& result) {
  if (const auto* declined = std::get_if<HookSink::Declined>(&result)) {
    return answer(200, "nothing to do", std::nullopt, declined->why);
  }
  if (std::holds_alternative<Error>(result)) { // its words, with paths of this host, are for the log
    http::ServerResponse busy = http::error_response(503, "it cannot be stored at the moment; send it again later");
    busy.headers.add("Retry-After", "30");
    return busy;
  }
  const auto& taken = std::get<HookSink::Taken>(result);
  return taken.is_new ? answer(202, "accepted", taken.id) : answer(200, "duplicate", taken.id);
}

} // namespace

std::optional<HookPath> parse_hook_path(std::string_view path) {
  if (!path.starts_with(k_prefix)) {
    return std::nullopt;
  }
  path.remove_prefix(k_prefix.size());
  const std::size_t slash = path.find('/');
  if (slash == std::string_view::npos || path.find('/', slash + 1) != std::string_view::npos) {
    return HookPath{};
  }
  return HookPath{path.substr(0, slash), path.substr(slash + 1)};
}

HookDoor::HookDoor(HookSources& sources, HookSink& sink, const Log& log)
    : m_sources(sources), m_sink(sink), m_log(log), m_decoy{http::random_token(32)}, m_refusals(k_refusals) {}

std::optional<http::ServerResponse> HookDoor::refuse(const http::ServerRequest& head, const std::string& client) {
  if (head.method != "POST") {
    http::ServerResponse wrong = http::error_response(405, "a delivery comes by POST");
    wrong.headers.add("Allow", "POST");
    return wrong;
  }
  if (!is_taken_type(head.headers.first("Content-Type"))) {
    return http::error_response(415, "a delivery is JSON: send it as Content-Type: application/json");
  }
  const std::lock_guard guard(m_mutex);
  if (const auto wait = m_refusals.wait(http::rate_key(client), std::chrono::steady_clock::now())) {
    http::ServerResponse slower = http::error_response(429, "too many requests that had to be refused");
    slower.headers.add("Retry-After", std::to_string(wait->count() / 1000 + 1));
    return slower;
  }
  return std::nullopt;
}

/// The same to all: who knocks at a door that is not there is not to learn it.
http::ServerResponse HookDoor::distrust(const http::ServerRequest& request, const std::string& client,
                                        const std::string& why) {
  m_log.warn("a delivery was refused: " + why, {{"path", shorten(request.path, 200)}, {"client", client}});
  const std::lock_guard guard(m_mutex);
  static_cast<void>(m_refusals.take(http::rate_key(client), std::chrono::steady_clock::now()));
  return http::error_response(
      401, "there is no such app or source, or the signature of its secret is missing or does not match");
}

void HookDoor::take(const http::ServerRequest& request, const std::string& client, Reply reply) {
  const HookPath path = parse_hook_path(request.path).value_or(HookPath());
  const auto source = m_sources.find(path.app, path.source);
  if (!source) {
    static_cast<void>(webhook::find_forge("github")->why_refused(request.headers, request.body, m_decoy));
    return reply(distrust(request, client, "there is no such source"));
  }
  if (const auto why = source->forge->why_refused(request.headers, request.body, source->secrets)) {
    return reply(distrust(request, client, *why));
  }
  std::vector<webhook::Delivery> deliveries;
  try {
    deliveries = source->forge->parse(request.headers, request.body);
  } catch (const Error& error) {
    m_log.warn("a delivery was not understood: " + error.message(),
               {{"app", source->app}, {"source", source->name}, {"client", client}});
    return reply(http::error_response(400, error.message()));
  }
  std::vector<webhook::Delivery> asked;
  std::string why_nothing = "it is not what this source waits for";
  for (const webhook::Delivery& one : deliveries) {
    if (!source->counts(one)) {
      continue;
    }
    if (!webhook::is_request(one)) {
      why_nothing = webhook::why_no_request(one);
      m_log.info(why_nothing, {{"app", source->app}, {"source", source->name}, {"client", client}});
    } else {
      asked.push_back(one);
    }
  }
  if (asked.empty()) {
    return reply(answer(200, "nothing to do", std::nullopt, why_nothing));
  }
  auto answers = std::make_shared<Reply>(std::move(reply));
  const bool is_taken = m_sink.take({*source, request, asked}, [answers, &log = m_log](const HookSink::Result& result) {
    if (const auto* error = std::get_if<Error>(&result)) {
      log.error("a delivery was not taken: " + error->message());
    }
    (*answers)(answer(result));
  });
  if (!is_taken) {
    http::ServerResponse busy = http::error_response(503, "too many deliveries at the moment; send it again later");
    busy.headers.add("Retry-After", "1");
    (*answers)(std::move(busy));
  }
}

} // namespace teal::serve
