/// @file
/// What the tests of the forges share: commits, a parse that gives its only delivery, payloads that no forge may take.
#pragma once

#include "core/error.hpp"
#include "http/hmac.hpp"
#include "support/catch.hpp"
#include "trigger/webhook.hpp"

#include <fmt/format.h>

#include <string>

namespace teal {

inline const std::string k_old(40, 'a');
inline const std::string k_new(40, 'b');
inline const std::string k_zero(40, '0');

inline webhook::Delivery only_delivery(const char* forge, const http::HeaderList& headers, const std::string& body) {
  const auto deliveries = webhook::find_forge(forge)->parse(headers, body);
  REQUIRE(deliveries.size() == 1);
  return deliveries.front();
}

/// That each wrong turn of `body`, which is taken as it is, is an Error(usage) or a delivery, and no crash: cut at each
/// place, and each byte another.
inline void check_mutations(const char* forge, const http::HeaderList& headers, const std::string& body) {
  const auto parse = webhook::find_forge(forge)->parse;
  REQUIRE_FALSE(parse(headers, body).empty());
  std::size_t refused = 0;
  const auto attempt = [&](const std::string& text) {
    try {
      static_cast<void>(parse(headers, text));
    } catch (const Error& error) {
      REQUIRE(error.kind() == ErrorKind::usage);
      REQUIRE_FALSE(error.message().empty());
      ++refused;
    }
  };
  for (std::size_t at = 0; at < body.size(); ++at) {
    attempt(body.substr(0, at));
    for (const char byte : {'\0', '"', '{', '1', '\xff'}) {
      std::string changed = body;
      changed[at] = byte;
      attempt(changed);
    }
  }
  CHECK(refused > body.size());
}

} // namespace teal
