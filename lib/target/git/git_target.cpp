#include "target/git/git_target.hpp"

#include "core/text.hpp"
#include "git/push.hpp"
#include "http/client.hpp"
#include "model/event.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "target/program_output.hpp"
#include "target/services.hpp"
#include "target/target_health.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_token = 4096;
constexpr std::chrono::minutes k_patience_to_ask(1);

/// What only we may read. Throws Error(settings) unless it is there, and so.
void require_private(const fs::path& file) {
  constexpr auto k_others = fs::perms::group_all | fs::perms::others_all;
  if (!files::is_file(file)) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is not there", file.string()));
  }
  if ((files::permissions_of(file) & k_others) != fs::perms::none) {
    throw Error(ErrorKind::settings,
                fmt::format("'{0}' is secret, and others may read it: chmod 600 {0}", file.string()));
  }
}

std::string authorization_in(const fs::path& file) {
  require_private(file);
  const std::string token(trim(read_file(file, k_longest_token)));
  if (token.empty() || token.find('\n') != std::string::npos) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is no token: it has to be one line", file.string()));
  }
  return http::basic_authorization(token);
}

} // namespace

GitTarget::GitTarget(Services& services, NamedTarget target)
    : m_services(services), m_target(std::move(target)),
      m_kept(services.home.app(m_target.app).target(m_target.name) / "releases.git", services.environment) {}

fs::path GitTarget::file_of(const std::string& setting) const {
  return setting.empty() ? fs::path() : m_services.home.app(m_target.app).root / setting;
}

git::Remote GitTarget::remote() const {
  return {.url = settings().url,
          .key = file_of(settings().key),
          .known_hosts = file_of(settings().known_hosts),
          .authorization = settings().token_file.empty() ? "" : authorization_in(file_of(settings().token_file))};
}

git::FetchOptions GitTarget::options(std::stop_token interrupt) const {
  return {.environment = m_services.environment, .deadline = settings().deadline, .interrupt = std::move(interrupt)};
}

std::string GitTarget::ref() const {
  return "refs/heads/" + settings().branch;
}

std::string GitTarget::address() const {
  return fmt::format("{} of {}", settings().branch, settings().url);
}

std::vector<Error> GitTarget::obstacles() {
  std::vector<Error> found;
  const auto look = [&](const auto& require) {
    try {
      require();
    } catch (const Error& error) {
      found.push_back(error);
    }
  };
  look([&] { static_cast<void>(remote()); });
  if (!settings().key.empty()) {
    look([&] { require_private(file_of(settings().key)); });
  }
  if (!settings().known_hosts.empty() && !files::is_file(file_of(settings().known_hosts))) {
    found.emplace_back(ErrorKind::settings, fmt::format("'{}' is not there; make it with: ssh-keyscan HOST",
                                                        file_of(settings().known_hosts).string()));
  }
  return found;
}

std::optional<std::string> GitTarget::read_branch() const {
  git::FetchOptions asking = options();
  asking.deadline = std::min<Milliseconds>(asking.deadline, k_patience_to_ask);
  return git::read_remote_ref(remote(), ref(), m_kept.repository(), asking);
}

std::string GitTarget::check() {
  if (const auto found = obstacles(); !found.empty()) {
    throw Error(found.front());
  }
  const auto there = read_branch();
  const std::string has =
      there ? fmt::format("{} has {}", address(), short_commit(*there)) : fmt::format("{} is not there yet", address());
  const auto kept = m_kept.list();
  if (kept.empty()) {
    return has + "; whether we may push there is told once there is a release";
  }
  const auto refusal =
      git::push_commit(remote(), m_kept.repository(),
                       {.commit = kept.front(), .ref = ref(), .lease = there.value_or(""), .dry_run = true}, options());
  if (refusal) {
    throw Error(ErrorKind::environment, fmt::format("{}, and does not let us push: {}", has, *refusal));
  }
  return has + "; we may push there";
}

std::vector<std::pair<std::string, std::string>> GitTarget::planned_steps() const {
  std::vector<std::pair<std::string, std::string>> steps{
      {"publish", fmt::format("kept in '{}'", m_kept.repository().string())},
      {"start", fmt::format("pushed to {}, within {}", address(), format_duration(settings().deadline))}};
  if (const std::string health = describe(m_target.settings.health); !health.empty()) {
    steps.emplace_back("check", health);
  }
  return steps;
}

std::string GitTarget::current() {
  return read_branch().value_or("");
}

/// A remote that does not answer is asked again by the deployment that starts anew.
bool GitTarget::is_deployed(const Deployment& /*deployment*/, const Release& release) {
  try {
    return current() == release.commit;
  } catch (const Error&) {
    return false;
  }
}

Release GitTarget::produce(const PlainOrder& order, const git::Repository& repository) {
  const Event& event = order.deployment.event;
  order.steps.step(StepName::publish, [&] {
    m_kept.keep(repository, event.new_commit);
    return fmt::format("kept in '{}'", m_kept.repository().string());
  });
  return {.app = event.app,
          .commit = event.new_commit,
          .subject = event.subject,
          .target = m_target.name,
          .identity = event.new_commit,
          .artifact = event.new_commit,
          .created = SystemClock().now()};
}

void GitTarget::require_way_on(const std::optional<std::string>& there, const std::string& commit) const {
  if (there && !git::Repository::open(m_kept.repository()).descends(commit, *there)) {
    throw Error(ErrorKind::settings,
                fmt::format("{} has {}, and {} does not come after that; with 'force: true' it would be given up",
                            address(), short_commit(*there), short_commit(commit)));
  }
}

/// Returns the fact worth knowing.
std::string GitTarget::push(const PlainOrder& order, const std::string& commit) {
  const auto there = read_branch();
  if (there == commit) {
    return fmt::format("{} is there already", short_commit(commit));
  }
  const bool may_give_up = settings().force || order.deployment.from_release;
  if (!may_give_up) {
    require_way_on(there, commit);
  }
  const auto took_it = [&] {
    try {
      return read_branch() == commit;
    } catch (const Error&) { // why the push failed counts more
      return false;
    }
  };
  ProgramOutput output(order.steps);
  try {
    const auto refusal = git::push_commit(remote(), m_kept.repository(),
                                          {.commit = commit,
                                           .ref = ref(),
                                           .lease = may_give_up ? std::optional(there.value_or("")) : std::nullopt,
                                           .on_output = [&](std::string_view text) { output.add(text); }},
                                          options(order.interrupt));
    if (refusal) {
      throw Error(ErrorKind::settings, fmt::format("{} did not take it: {}", address(), *refusal));
    }
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::settings || !took_it()) {
      throw;
    }
    order.steps.line(fmt::format("warning: {}; the remote has taken it all the same", error.message()));
  }
  return there ? fmt::format("{} instead of {}", short_commit(commit), short_commit(*there))
               : fmt::format("{}, the first there", short_commit(commit));
}

void GitTarget::deploy(const PlainOrder& order, const Release& release) {
  order.steps.step(StepName::start, [&] { return push(order, release.artifact); });
  check_health(order, m_target.settings.health);
}

void GitTarget::keep_only(const std::set<std::string>& artifacts) {
  for (const std::string& commit : m_kept.list()) {
    if (!artifacts.contains(commit)) {
      m_kept.forget(commit);
    }
  }
}

} // namespace teal
