/// @file
/// Forges: the maker of each forge's API. Private to this folder and the list in forge_api.cpp.
#pragma once

#include "forge/forge_api.hpp"

namespace teal::forge {

#define TEAL_FORGE_API(name)                                                                                           \
  [[nodiscard]] std::unique_ptr<ForgeApi> make_##name(const Account& account, CallOptions options, const Clock& clock);
TEAL_FORGE_API(github)
TEAL_FORGE_API(gitea)
TEAL_FORGE_API(gitlab)
TEAL_FORGE_API(bitbucket)
#undef TEAL_FORGE_API

} // namespace teal::forge
