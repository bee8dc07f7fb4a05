/// @file
/// pre-receive: the gate. Run by git in a bare repository before it takes a push: builds what would be deployed, and
/// refuses what does not build. Where there is no gate, all passes that can be queued.
#include "call.hpp"
#include "config/deploy_rules.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "deploy/gate.hpp"
#include "process/files.hpp"
#include "process/user.hpp"
#include "request/presenter.hpp"
#include "store/permission.hpp"
#include "trigger/push.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace {

using namespace teal;

constexpr const char* k_help = R"(pre-receive: tealhook's gate in a bare repository

Run by git before it takes a push. With 'gate: true' in the app's settings, or 'tealhook hook install --gate', it builds
what the push would deploy, and refuses the push if that fails or the app is frozen. Without, it refuses a push that could
not be queued: the home's disk is full, or state.db cannot be written.

Exit codes:
  0 the push is taken   1 it is refused
)";

/// Nothing where the push is to be taken as it is: post-receive tells what is wrong with the settings.
std::optional<AppSettings> settings_of(const git::HookBinding& binding, const git::Repository& repository) {
  try {
    return load_settings_of(binding, repository);
  } catch (const Error&) {
    if (binding.gate) {
      throw;
    }
    return std::nullopt;
  }
}

/// Whatever the key was let in for: what it may is asked anew, before git or a hook of before sees anything of it.
void require_key_may(const Clock& clock, const git::HookBinding& binding, const Principal& who) {
  Store store(Home{binding.home}.store(), clock);
  require_may(store.actions, with_grants(store, who), binding.app, Verb::push);
}

/// Returns if git may take the push.
void guard(Environment environment, Output& output) {
  const std::string input = read_standard_input();
  auto repository = git::Repository::open(files::current_folder());
  const auto binding = git::read_binding(repository);
  const Principal who = pusher(environment);
  const SystemClock clock;
  if (binding && who.kind == Principal::Kind::ssh_key) {
    become_owner_of(binding->home, environment);
    require_key_may(clock, *binding, who);
  }
  if (const std::string fault = call_kept_hook(repository, git::k_pre_receive, input, output); !fault.empty()) {
    throw Error(ErrorKind::settings, fault);
  }
  if (!binding) {
    return;
  }
  name_home(*binding, output);
  const char* quarantine = std::getenv("GIT_QUARANTINE_PATH"); // NOLINT(concurrency-mt-unsafe): there is one thread
  if (quarantine != nullptr) {
    give_to_owner_of(binding->home, quarantine);
  }
  become_owner_of(binding->home, environment);
  const Home home{binding->home};
  const auto settings = settings_of(*binding, repository);
  if (!settings) {
    return;
  }
  if (quarantine != nullptr) {
    repository = git::Repository::open(repository.path(), {quarantine});
  }
  const auto rules = rules_of(*settings);
  const PushAnswer answer = answer_push({.repository = repository,
                                         .app = binding->app,
                                         .destination = binding->destination,
                                         .rules = rules,
                                         .at = clock.now(),
                                         .deploys_moved_tags = settings->moved_tags == AppSettings::MovedTags::deploy},
                                        parse_ref_updates(input));
  if (answer.requests.empty()) {
    return;
  }
  const Store store(home.store(), clock);
  store.database.require_writable(); // what git takes now has to be queued then
  if (!binding->gate && !settings->gate) {
    return;
  }
  if (const auto freeze = store.traffic.freeze(binding->app)) {
    throw Error(ErrorKind::busy, describe(*freeze));
  }
  Services services(home, environment);
  for (const Request& request : answer.requests) {
    if (!request.destination.is_target()) { // which have no image that waits
      build_at_gate(services, repository, request, output);
    }
  }
}

int refuse(const char* what, Output& output) {
  output.write(fmt::format("error: {}\nREFUSED   nothing of this push was taken: what ran before still runs\n",
                           printable(what, true)));
  return 1;
}

} // namespace

int main(int argc, char** /*argv*/) {
  std::signal(SIGPIPE, SIG_IGN);
  const Environment environment = clean_environment();
  Output output(STDOUT_FILENO, std::chrono::seconds(10), wants_colors(STDOUT_FILENO, environment));
  try {
    if (argc > 1) {
      output.write(k_help);
      return 0;
    }
    guard(environment, output);
    return 0;
  } catch (const std::exception& error) {
    return refuse(error.what(), output);
  }
}
