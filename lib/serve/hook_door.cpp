#include "serve/hook_door.hpp"

#include "core/text.hpp"
#include "http/hmac.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::serve {

namespace {

constexpr std::string_view k_prefix = "/hook/";
constexpr http::Rate k_refusals{.per_second = 5, .burst = 50}; ///< of one client
constexpr std::size_t k_longest_header = 1000;                 ///< that is kept

/// What is kept of a delivery's head: what a payload is understood by. Nothing that proves who sent it.
constexpr std::array<std::string_view, 14> k_kept_headers{
    "Content-Type",     "User-Agent",      "X-GitHub-Event",     "X-GitHub-Delivery", "X-Gitea-Event",
    "X-Gitea-Delivery", "X-Forgejo-Event", "X-Forgejo-Delivery", "X-Gitlab-Event",    "X-Gitlab-Event-UUID",
    "Idempotency-Key",  "X-Event-Key",     "X-Request-UUID",     "X-Hook-UUID"};

std::string kept_headers(const http::HeaderList& headers) {
  std::string text;
  for (const http::Header& header : headers) {
    const bool is_kept = std::any_of(k_kept_headers.begin(), k_kept_headers.end(),
                                     [&](std::string_view name) { return http::equal_names(name, header.name); });
    if (is_kept) {
      text += fmt::format("{}: {}\n", header.name, shorten(printable(header.value), k_longest_header));
    }
  }
  return text;
}

/// Shorter ones are words that a payload may well have.
std::string without(std::string text, const webhook::Secrets& secrets) {
  constexpr std::size_t k_shortest = 8;
  for (const std::string& secret : secrets) {
    if (secret.size() < k_shortest) {
      continue;
    }
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
      text.replace(at, secret.size(), "***");
    }
  }
  return text;
}

std::vector<AskedRef> asked_by(const std::vector<webhook::Delivery>& deliveries) {
  std::vector<AskedRef> refs;
  for (const webhook::Delivery& one : deliveries) {
    if (webhook::is_request(one)) {
      refs.push_back({one.ref, one.new_commit});
    }
  }
  return refs;
}

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
    body += fmt::format(",\"event\":{}", *id);
  }
  if (!reason.empty()) {
    body += fmt::format(",\"reason\":{}", http::json_text(reason));
  }
  return http::json_response(status, body + "}\n");
}

http::ServerResponse answer(const Journal::Result& result) {
  if (std::holds_alternative<Error>(result)) { // its words, with paths of this host, are for the log
    http::ServerResponse busy = http::error_response(503, "it cannot be stored at the moment; send it again later");
    busy.headers.add("Retry-After", "30");
    return busy;
  }
  const auto& taken = std::get<Deliveries::Taken>(result);
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

HookDoor::HookDoor(SourceBook& sources, Journal& journal, const Clock& clock, const Log& log)
    : m_sources(sources), m_journal(journal), m_clock(clock), m_log(log), m_decoy{http::random_token(32)},
      m_refusals(k_refusals) {}

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
    static_cast<void>(forge_of(SourceSettings::Forge::github).why_refused(request.headers, request.body, m_decoy));
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
  std::erase_if(deliveries, [&](const webhook::Delivery& one) { return !source->counts(one); });
  if (deliveries.empty()) {
    return reply(answer(200, "nothing to do", std::nullopt, "it is not what this source waits for"));
  }
  for (const webhook::Delivery& one : deliveries) {
    if (!webhook::is_request(one)) {
      m_log.info(webhook::why_no_request(one), {{"app", source->app}, {"source", source->name}, {"client", client}});
    }
  }
  std::vector<AskedRef> refs = asked_by(deliveries);
  if (refs.empty()) {
    return reply(answer(200, "nothing to do", std::nullopt, webhook::why_no_request(deliveries.front())));
  }
  auto answers = std::make_shared<Reply>(std::move(reply));
  const bool is_taken = m_journal.add({.app = source->app,
                                       .source = source->name,
                                       .sender = deliveries.front().id,
                                       .refs = std::move(refs),
                                       .headers = kept_headers(request.headers),
                                       .payload = without(request.body, source->secrets),
                                       .at = m_clock.now(),
                                       .outcome = {}},
                                      [answers, &log = m_log](const Journal::Result& result) {
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
