/// @file
/// Remote: what a repository somewhere else has, asked for, or fetched into a bare repository of ours, by git itself.
///
/// Where that fails, the remote's own words are the message. Whether it is away, refuses, or this host lets us down is
/// not told apart: each may be mended, and then it works.
#pragma once

#include "git/repository.hpp"
#include "process/subprocess.hpp"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace teal::git {

struct Remote {
  std::string url;                   ///< path, file, ssh or https, from the settings: never a pusher's
  std::filesystem::path key;         ///< of ssh; empty: the user's own
  std::filesystem::path known_hosts; ///< of ssh: the only hosts that are known; empty: the user's own
  std::string authorization;         ///< of https: the header's value, "Basic …"; empty: none. Secret
};

struct FetchOptions {
  Environment environment; ///< of git and ssh; no terminal is ever asked for a password
  Milliseconds deadline = std::chrono::minutes(10);
  std::stop_token interrupt = {};
};

/// Fetches `ref`, a full name, into `repository`, made where missing, and returns what the remote has now, whatever it
/// was before; nothing where it has no such ref, or it leads to no commit. An unknown ssh host is refused, never
/// remembered. One at a time fetches into a repository. Throws Error(environment) with git's last lines where the
/// remote cannot be read, Error(timeout) where that takes too long; one that says nothing for half a minute or so is
/// given up.
[[nodiscard]] std::optional<Commit> fetch_ref(const Remote& remote, const std::string& ref,
                                              const std::filesystem::path& repository, const FetchOptions& options);

struct RemoteRef {
  std::string name;   ///< full
  std::string commit; ///< 40 hex digits: of a tag what it leads to
};

/// The refs that match `pattern`, a full name or a glob of git's ("refs/tags/*"), by name; nothing is fetched. Throws
/// as fetch_ref() does.
[[nodiscard]] std::vector<RemoteRef> list_refs(const Remote& remote, const std::string& pattern,
                                               const FetchOptions& options);

/// Whether the remote lets us push to it, told by its greeting: nothing is sent, and nothing changes there. One that
/// does not answer does not let us. `repository` is a bare one of ours. Throws Error(timeout).
[[nodiscard]] bool may_push(const Remote& remote, const std::filesystem::path& repository, const FetchOptions& options);

/// "[git.example.com]:2222", as known_hosts has the host of an ssh url; empty for another url.
[[nodiscard]] std::string known_name_of(const std::string& url);
/// Whether known_hosts has a key of that name.
[[nodiscard]] bool is_known_host(const std::filesystem::path& known_hosts, const std::string& name,
                                 const Environment& environment);

} // namespace teal::git
