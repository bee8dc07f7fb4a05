// What a script of one's own sends: POST with the header "X-Signature-256: sha256=HEX", the HMAC-SHA256 of the body
// with the source's secret, and the body
//
//   {"ref": "refs/heads/main", "commit": "40 hex digits", "repository": "owner/name", "id": "…", "who": "…"}
//
// of which "repository", "id" and "who" may be missing. A "ref" that does not begin with "refs/" is a branch. The same
// "id" is the same delivery; without, each is one of its own.
#include "trigger/forge/forges.hpp"
#include "trigger/forge/payload.hpp"
#include "trigger/forge/signature.hpp"

namespace teal::webhook::generic {

std::optional<std::string> why_refused(const http::HeaderList& headers, std::string_view body, const Secrets& secrets) {
  return why_signature_refused(headers, body, secrets, {.name = "X-Signature-256", .prefix = "sha256="});
}

std::vector<Delivery> parse(const http::HeaderList& /*headers*/, std::string_view body) {
  using namespace payload;
  const Value value = payload::parse(body);
  const std::string ref = required_text(value, {"ref"});
  Delivery delivery{.id = name(text(value, {"id"}))};
  delivery.ref = full_ref(ref.starts_with("refs/") ? ref : "refs/heads/" + ref);
  delivery.new_commit = commit(required_text(value, {"commit"}));
  delivery.repository = name(text(value, {"repository"}));
  delivery.pusher = name(text(value, {"who"}));
  delivery.kind = kind_of(delivery);
  return {delivery};
}

} // namespace teal::webhook::generic
