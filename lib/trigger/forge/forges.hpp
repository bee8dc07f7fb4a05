/// @file
/// Forges: the two functions of each, see Forge. Private to this folder and the list in webhook.cpp.
#pragma once

#include "trigger/webhook.hpp"

#define TEAL_FORGE(name)                                                                                               \
  namespace name {                                                                                                     \
  std::optional<std::string> why_refused(const http::HeaderList& headers, std::string_view body,                       \
                                         const Secrets& secrets);                                                      \
  std::vector<Delivery> parse(const http::HeaderList& headers, std::string_view body);                                 \
  }

namespace teal::webhook {

TEAL_FORGE(github)
TEAL_FORGE(gitea)
TEAL_FORGE(gitlab)
TEAL_FORGE(bitbucket)
TEAL_FORGE(generic)

} // namespace teal::webhook

#undef TEAL_FORGE
