/// @file
/// Push: commits of ours brought to a branch of a repository somewhere else, by git itself.
///
/// What the remote says comes while it says it. Whether it took the commit is told by git's porcelain lines, and by
/// what the branch is there afterwards, never by words.
#pragma once

#include "git/remote.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace teal::git {

/// What `ref`, a full name, is at the remote now; nothing where there is none. Throws Error(environment) with git's
/// last lines where it cannot be asked, Error(timeout) where that takes too long.
[[nodiscard]] std::optional<std::string> read_remote_ref(const Remote& remote, const std::string& ref,
                                                         const std::filesystem::path& repository,
                                                         const FetchOptions& options);

struct PushOrder {
  std::string commit;                    ///< 40 hex digits
  std::string ref;                       ///< of the remote: a full name
  std::optional<std::string> lease = {}; ///< whatever the branch has is given up, if it is still this; empty: none
  bool dry_run = false;                  ///< only whether it would be let in
  std::function<void(std::string_view)> on_output = {}; ///< told all that git and the remote print
};

/// Nothing where the remote took it, or else why it refused, in its own words: "[remote rejected] (pre-receive hook
/// declined)". Throws as read_remote_ref() does where it did not come to that; what the branch is then is to be asked.
[[nodiscard]] std::optional<std::string> push_commit(const Remote& remote, const std::filesystem::path& repository,
                                                     const PushOrder& order, const FetchOptions& options);

} // namespace teal::git
