#include "core/error.hpp"
#include "trigger/registry_notification.hpp"
#include "trigger/webhook.hpp"

#include <array>
#include <cstdint>
#include <cstdlib>

/// A payload for each forge and the registry: an error or deliveries, whatever it is.
namespace {

using teal::Error;
using teal::ErrorKind;

constexpr std::array<const char*, 4> k_events{"push", "Push Hook", "repo:push", "release"};

template <class Parse>
void attempt(const Parse& parse) {
  try {
    static_cast<void>(parse());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::usage) {
      std::abort();
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  for (const char* event : k_events) {
    const teal::http::HeaderList headers{
        {"X-GitHub-Event", event}, {"X-GitHub-Delivery", "1"}, {"X-Gitea-Event", event}, {"X-Gitea-Delivery", "1"},
        {"X-Gitlab-Event", event}, {"Idempotency-Key", "1"},   {"X-Event-Key", event},   {"X-Request-UUID", "1"}};
    for (const std::string& name : teal::webhook::forge_names()) {
      attempt([&] { return teal::webhook::find_forge(name)->parse(headers, body); });
    }
  }
  attempt([&] { return teal::parse_notification(body); });
  return 0;
}
