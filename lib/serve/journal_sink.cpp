#include "serve/journal_sink.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::serve {

namespace {

constexpr std::size_t k_longest_header = 1000; ///< that is kept

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

std::vector<AskedRef> refs_of(const std::vector<webhook::Delivery>& asked) {
  std::vector<AskedRef> refs;
  refs.reserve(asked.size());
  for (const webhook::Delivery& one : asked) {
    refs.push_back({one.ref, one.new_commit});
  }
  return refs;
}

HookSink::Result result_of(const Journal::Result& stored) {
  if (const auto* error = std::get_if<Error>(&stored)) {
    return *error;
  }
  const auto& taken = std::get<Deliveries::Taken>(stored);
  return HookSink::Taken{.id = taken.id, .is_new = taken.is_new};
}

} // namespace

bool JournalSink::take(const VerifiedHook& hook, Answer answer) {
  return m_journal.add({.app = hook.source.app,
                        .source = hook.source.name,
                        .sender = hook.asked.front().id,
                        .refs = refs_of(hook.asked),
                        .headers = kept_headers(hook.request.headers),
                        .payload = without(hook.request.body, hook.source.secrets),
                        .at = m_clock.now(),
                        .outcome = {}},
                       [answer = std::move(answer)](const Journal::Result& stored) { answer(result_of(stored)); });
}

} // namespace teal::serve
