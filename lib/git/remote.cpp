#include "git/remote.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "git/digest.hpp"
#include "git/remote_command.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <map>

namespace teal::git {

namespace {

constexpr int k_no_such_ref = 2; ///< git-ls-remote(1), --exit-code

/// On one level, so that a 'release' that is gone at the remote does not bar its 'release/1'.
std::string kept_name(const std::string& ref) {
  return "refs/source/" + digest_of(ref);
}

[[noreturn]] void fail(std::string_view doing, const Remote& remote, const Outcome& outcome, Milliseconds deadline) {
  const std::string words =
      fmt::format("cannot {} '{}': git {}", doing, printable(remote.url), outcome.how_it_ended(deadline));
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
  fail("fetch from", remote, fetched, options.deadline);
}

std::vector<RemoteRef> list_refs(const Remote& remote, const std::string& pattern, const FetchOptions& options) {
  constexpr std::string_view k_peeled = "^{}";          // after a tag's name: what it leads to
  constexpr std::size_t k_most = std::size_t{1} << 20U; // bytes that are kept of what is printed
  const Outcome listed = run(remote_command(remote, "/dev/null", options,
                                            {"ls-remote", "--quiet", "--", remote.url, pattern})); // of no repository
  if (!listed.succeeded()) {
    fail("ask", remote, listed, options.deadline);
  }
  if (listed.output.size() >= k_most) {
    throw Error(ErrorKind::environment, fmt::format("'{}' has more refs than can be looked at", printable(remote.url)));
  }
  std::map<std::string, std::string> commits;
  for (const std::string& line : split(listed.output, '\n')) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos) { // a peeled one comes after the tag itself
      std::string name = line.substr(tab + 1);
      if (name.ends_with(k_peeled)) {
        name.resize(name.size() - k_peeled.size());
      }
      commits[std::move(name)] = line.substr(0, tab);
    }
  }
  std::vector<RemoteRef> refs;
  refs.reserve(commits.size());
  for (auto& [name, commit] : commits) {
    refs.push_back({name, commit});
  }
  return refs;
}

/// git asks for what the remote has before it looks at what it was to push; what this one deletes is nowhere.
bool may_push(const Remote& remote, const std::filesystem::path& repository, const FetchOptions& options) {
  constexpr int k_no_greeting = 128;
  const Outcome asked =
      run(remote_command(remote, repository, options,
                         {"push", "--dry-run", "--quiet", "--", remote.url, ":refs/heads/tealhook/never-there"}));
  if (asked.timed_out || asked.interrupted) {
    throw Error(ErrorKind::timeout, fmt::format("cannot tell whether '{}' would take a push: git {}",
                                                printable(remote.url), asked.how_it_ended(options.deadline)));
  }
  return !asked.signal && asked.exit_code != k_no_greeting;
}

std::string known_name_of(const std::string& url) {
  constexpr std::string_view k_ssh = "ssh://";
  constexpr std::string_view k_usual_port = "22";
  const bool has_scheme = url.starts_with(k_ssh);
  if (!has_scheme && (url.starts_with('/') || url.find("://") != std::string::npos)) {
    return "";
  }
  std::string host = has_scheme ? url.substr(k_ssh.size()) : url;
  host = host.substr(0, host.find(has_scheme ? '/' : ':'));
  host = host.substr(host.rfind('@') + 1);
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string::npos ? 0 : bracket);
  const std::string port = colon == std::string::npos ? std::string(k_usual_port) : host.substr(colon + 1);
  std::string name = host.substr(0, colon);
  if (name.starts_with('[')) {
    name = name.substr(1, name.size() - 2);
  }
  return port == k_usual_port ? name : fmt::format("[{}]:{}", name, port);
}

bool is_known_host(const std::filesystem::path& known_hosts, const std::string& name, const Environment& environment) {
  return run({.arguments = {"ssh-keygen", "-F", name, "-f", known_hosts.string()}, .environment = environment})
      .succeeded();
}

} // namespace teal::git
