#include "git/remote.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "git/digest.hpp"
#include "git/remote_command.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal::git {

namespace {

constexpr int k_no_such_ref = 2; ///< git-ls-remote(1), --exit-code

/// On one level, so that a 'release' that is gone at the remote does not bar its 'release/1'.
std::string kept_name(const std::string& ref) {
  return "refs/source/" + digest_of(ref);
}

[[noreturn]] void fail(const Remote& remote, const Outcome& outcome, Milliseconds deadline) {
  const std::string words =
      fmt::format("cannot fetch from '{}': git {}", printable(remote.url), outcome.how_it_ended(deadline));
  const std::string tail = printable(last_lines(outcome.tail, 5), true);
  throw Error(outcome.timed_out ? ErrorKind::timeout : ErrorKind::environment,
              tail.empty() ? words : words + ":\n" + tail);
}

FileLock lock_of(const std::filesystem::path& repository, Milliseconds patience) {
  auto lock = FileLock::acquire_any({repository.string() + ".lock"}, patience);
  if (!lock) {
    throw Error(ErrorKind::timeout, fmt::format("cannot fetch into '{}': another process has been at it for {}",
                                                repository.string(), format_duration(patience)));
  }
  return std::move(*lock);
}

} // namespace

std::optional<Commit> fetch_ref(const Remote& remote, const std::string& ref, const std::filesystem::path& repository,
                                const FetchOptions& options) {
  files::create_directories(repository.parent_path());
  const FileLock lock = lock_of(repository, options.deadline);
  Repository::create_bare(repository, "main");
  const std::string kept = kept_name(ref);
  const Outcome fetched =
      run(remote_command(remote, repository, options,
                         {"fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
                          "--force", "--", remote.url, fmt::format("+{}:{}", ref, kept)}));
  if (fetched.succeeded()) {
    return Repository::open(repository)
        .find_commit(kept); // opened anew: libgit2 sees the packs that were there at first
  }
  const bool may_be_gone = !fetched.timed_out && !fetched.interrupted && !fetched.signal;
  if (may_be_gone &&
      run(remote_command(remote, repository, options, {"ls-remote", "--exit-code", "--quiet", "--", remote.url, ref}))
              .exit_code == k_no_such_ref) {
    return std::nullopt;
  }
  fail(remote, fetched, options.deadline);
}

} // namespace teal::git
