#include "trigger/source_check.hpp"

#include "config/deploy_rules.hpp"
#include "core/error.hpp"
#include "core/glob.hpp"
#include "core/text.hpp"
#include "model/event.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

namespace teal {

namespace {

constexpr Milliseconds k_deadline = std::chrono::seconds(20);

void require_private(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) {
    throw Error(ErrorKind::environment, fmt::format("cannot read '{}': {}", file.string(), system_reason(errno)));
  }
  if ((facts.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    throw Error(ErrorKind::settings, fmt::format("'{0}' is not its owner's alone: chmod 600 {0}", file.string()));
  }
}

void require_known_host(const git::Remote& remote, const Environment& environment) {
  const std::string name = git::known_name_of(remote.url);
  if (!name.empty() && !remote.known_hosts.empty() && !git::is_known_host(remote.known_hosts, name, environment)) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' has no key of '{}': ask whoever runs that host for it, and put it there; what "
                            "ssh-keyscan shows is to be compared with theirs first",
                            remote.known_hosts.string(), name));
  }
}

std::string look_at_branch(const Source& from, const AppSettings& settings, const SourceSettings& source,
                           const git::FetchOptions& options) {
  const std::string ref = "refs/heads/" + source.branch;
  const auto refs = from.list(ref, options);
  const auto found = std::find_if(refs.begin(), refs.end(), [&](const git::RemoteRef& one) { return one.name == ref; });
  if (found == refs.end()) {
    throw Error(ErrorKind::settings, fmt::format("'{}' has no branch '{}'", source.url, source.branch));
  }
  const Decision decision = decide(ref, rules_of(settings), {.destination = Destination::idle()});
  if (!decision.destination) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is never deployed: {}; add it to 'branches', or give it a rule",
                                                 source.branch, decision.why));
  }
  return fmt::format("'{}' is {} at '{}'", source.branch, short_commit(found->commit), source.url);
}

std::string look_at_tags(const Source& from, const AppSettings& settings, const SourceSettings& source,
                         const git::FetchOptions& options) {
  constexpr std::string_view k_tags = "refs/tags/";
  const auto refs = from.list("refs/tags/*", options);
  const auto count = std::count_if(refs.begin(), refs.end(), [&](const git::RemoteRef& one) {
    return matches_glob(source.tag, std::string_view(one.name).substr(k_tags.size()));
  });
  const auto rules = rules_of(settings);
  const bool is_deployed = std::any_of(rules.begin(), rules.end(),
                                       [](const Rule& rule) { return rule.kind == Rule::Kind::tag && rule.deploys; });
  if (!is_deployed) {
    throw Error(ErrorKind::settings, fmt::format("no tag is ever deployed: give them a rule, such as rules: [{{tag: "
                                                 "\"{}\", deploy: idle}}]",
                                                 source.tag));
  }
  return fmt::format("{} tag{} '{}' at '{}'", count, count == 1 ? " matches" : "s match", source.tag, source.url);
}

std::string look_at_url(const Source& from, const AppSettings& settings, const SourceSettings& source,
                        const git::FetchOptions& options) {
  if (source.kind != SourceSettings::Kind::poll) {
    static_cast<void>(from.list("HEAD", options));
    return fmt::format("'{}' can be read", source.url);
  }
  return source.tag.empty() ? look_at_branch(from, settings, source, options)
                            : look_at_tags(from, settings, source, options);
}

std::string look_at_writing(const AppFolder& app, const git::Remote& remote, const SourceSettings& source,
                            const git::FetchOptions& options) {
  if (source.key.empty() && source.token_file.empty()) {
    return "";
  }
  const std::string_view what = source.key.empty() ? "token" : "key";
  const auto repository = app.source_repository(source.name);
  git::Repository::create_bare(repository, "main");
  return git::may_push(remote, repository, options)
             ? fmt::format("; warning: this deploy {} may write there, too: make it one that may only read", what)
             : fmt::format("; its {} can read, and cannot write", what);
}

} // namespace

std::string check_source(const AppFolder& app, const AppSettings& settings, const SourceSettings& source,
                         const Environment& environment) {
  for (const std::string& file : {source.secret_file, source.old_secret_file, source.key, source.token_file}) {
    if (!file.empty()) {
      require_private(file_of_app(app, file));
    }
  }
  if (source.url.empty()) {
    return source.secret_file.empty() ? "in order" : "its secret is its owner's alone";
  }
  const Source from(app, source);
  const git::FetchOptions options{.environment = environment, .deadline = k_deadline};
  const git::Remote remote = from.remote();
  require_known_host(remote, environment);
  const std::string found = look_at_url(from, settings, source, options);
  return found + look_at_writing(app, remote, source, options);
}

} // namespace teal
