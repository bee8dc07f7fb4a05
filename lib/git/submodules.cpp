#include "git/submodules.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "git/libgit2.hpp"
#include "git/system_call.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace teal::git {

namespace {

constexpr std::array<std::string_view, 4> k_schemes{"https", "http", "ssh", "git"};

[[noreturn]] void refuse(std::string_view url, std::string_view why) {
  throw Error(ErrorKind::settings, fmt::format("cannot fetch a submodule from '{}': {}", printable(url), why));
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// git and ssh take each of these for a part of their command line where it begins with a dash.
void require_host(std::string_view url, std::string_view authority) {
  const auto host = authority.substr(authority.find('@') + 1);
  if (host.empty() || host.starts_with(':')) {
    refuse(url, "it names no host");
  }
  if (host.starts_with('-') || authority.starts_with('-')) {
    refuse(url, "its host could be taken for an option");
  }
}

/// host:path or user@host:path, as git-fetch(1) has it: a colon that no slash precedes.
bool is_scp_like(std::string_view url) {
  const auto colon = url.find(':');
  return colon != std::string_view::npos && url.find('/') > colon && url.substr(colon, 2) != "::";
}

std::string name_for(const std::string& url) {
  git_oid digest{};
  require(git_odb_hash(&digest, url.data(), url.size(), GIT_OBJECT_BLOB), "cannot digest a submodule's URL");
  return to_hex(digest) + ".git";
}

bool has_commit(const Repository& repository, const git_oid& id) {
  git_odb* raw = nullptr;
  require(git_repository_odb(&raw, repository.handle()), "cannot open the repository's objects");
  const OdbHandle objects(raw);
  return git_odb_exists(objects.get(), &id) != 0;
}

Environment for_fetching(Environment environment) {
  environment["GIT_TERMINAL_PROMPT"] = "0";
  environment["GIT_ALLOW_PROTOCOL"] = fmt::format("{}", fmt::join(k_schemes, ":")); // outranks all configuration
  environment.try_emplace("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
  environment.erase("SSH_ASKPASS");
  return environment;
}

} // namespace

void require_submodule_url(std::string_view url) {
  if (url.starts_with("./") || url.starts_with("../") || url == "." || url == "..") {
    refuse(url, "it is relative to where the repository was cloned from, which is not known here; give the whole URL");
  }
  if (url.starts_with('-') || std::any_of(url.begin(), url.end(), is_control)) {
    refuse(url, "it is no URL");
  }
  if (const auto end = url.find("://"); end != std::string_view::npos) {
    if (std::find(k_schemes.begin(), k_schemes.end(), url.substr(0, end)) == k_schemes.end()) {
      refuse(url, "only https, http, ssh and git URLs are followed");
    }
    const auto rest = url.substr(end + 3);
    require_host(url, rest.substr(0, rest.find('/')));
  } else if (is_scp_like(url)) {
    require_host(url, url.substr(0, url.find(':')));
  } else {
    refuse(url, "only https, http, ssh and git URLs are followed");
  }
}

SubmoduleSource::SubmoduleSource(std::filesystem::path store, Environment environment, Milliseconds deadline,
                                 std::stop_token interrupt)
    : m_store(std::move(store)), m_environment(for_fetching(std::move(environment))), m_deadline(deadline),
      m_interrupt(std::move(interrupt)) {}

Repository SubmoduleSource::repository_with(const std::string& url, const std::string& commit) {
  require_submodule_url(url);
  start_libgit2();
  const auto id = parse_id(commit);
  const auto path = m_store / name_for(url);
  files::create_directories(m_store);
  auto lock_file = path;
  lock_file += ".lock";
  const auto lock = FileLock::acquire_any({lock_file}, m_deadline);
  if (!lock) {
    throw Error(ErrorKind::timeout, fmt::format("cannot fetch '{}': another process has been fetching it for {}", url,
                                                format_duration(m_deadline)));
  }
  const auto repository = Repository::create_bare(path, "main");
  if (!has_commit(repository, id)) {
    fetch(path, url, commit);
  }
  return Repository::open(path); // libgit2 sees the packs that were there when it looked first
}

void SubmoduleSource::fetch(const std::filesystem::path& repository, const std::string& url,
                            const std::string& commit) const {
  const std::vector<std::string> base{"git",
                                      "-c",
                                      "gc.auto=0",
                                      "-c",
                                      "maintenance.auto=false",
                                      "--git-dir=" + repository.string(),
                                      "fetch",
                                      "--quiet",
                                      "--no-recurse-submodules",
                                      "--no-write-fetch-head"};
  const auto fetch_with = [&](std::vector<std::string> more) {
    Command command;
    command.arguments = base;
    command.arguments.insert(command.arguments.end(), more.begin(), more.end());
    command.environment = m_environment;
    command.deadline = m_deadline;
    command.interrupt = m_interrupt;
    return command;
  };
  if (run(fetch_with({"--depth=1", "--no-tags", "--", url, commit})).succeeded()) {
    return;
  }
  // Not every server gives out a commit by its id alone.
  std::vector<std::string> all{"--force", "--", url, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"};
  if (files::exists(repository / "shallow")) {
    all.insert(all.begin(), "--unshallow");
  }
  run_or_throw(fetch_with(all));
  if (!has_commit(Repository::open(repository), parse_id(commit))) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot fetch the submodule's commit '{}': '{}' has no such commit", commit, url));
  }
}

} // namespace teal::git
