/// @file
/// post-receive: run by git in a bare repository after a push, or by hand: post-receive --redeploy [REV].
#include "call.hpp"
#include "config/deploy_rules.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/files.hpp"
#include "process/installation.hpp"
#include "process/user.hpp"
#include "request/presenter.hpp"
#include "trigger/by_hand.hpp"
#include "trigger/push.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <span>

namespace {

using namespace teal;

constexpr const char* k_help = R"(post-receive: tealhook's hook in a bare repository

Usage: hooks/post-receive                     deploy what git says was pushed, on standard input
       hooks/post-receive --redeploy [REV]    deploy again, without a push: REV, or else the branch
                                              that is deployed here

Run it in the repository.

Examples:
  hooks/post-receive --redeploy
  hooks/post-receive --redeploy v1.4
  echo OLD NEW refs/heads/main | hooks/post-receive

Exit codes:
  0 done   1 the deployment failed   2 wrong usage or settings   3 the environment failed
)";

struct Options {
  bool redeploy = false;
  bool help = false;
  std::string revision;
};

Options parse_options(std::span<char*> arguments) {
  const std::string_view first = arguments.size() > 1 ? arguments[1] : "";
  if (arguments.size() == 1) {
    return {};
  }
  if (arguments.size() == 2 && (first == "--help" || first == "-h")) {
    return {.help = true};
  }
  if (arguments.size() <= 3 && first == "--redeploy") {
    return {.redeploy = true, .revision = arguments.size() == 3 ? arguments[2] : ""};
  }
  throw Error(ErrorKind::usage, "post-receive takes no arguments but --redeploy [REV]; see: hooks/post-receive --help");
}

git::HookBinding require_binding(const git::Repository& repository) {
  if (auto binding = git::read_binding(repository)) {
    return std::move(*binding);
  }
  throw Error(ErrorKind::settings,
              fmt::format("'{}' does not say which app it deploys; run: tealhook hook install {} --app NAME --color "
                          "COLOR",
                          repository.path().string(), repository.path().string()));
}

/// All are queued before the first is followed. Returns the worst of what to exit with.
int request_all(const std::vector<Request>& requests, const Principal& who, const Home& home,
                const Environment& environment, Output& output) {
  return while_doing(
      "queueing what git has taken; once that is mended, run in the repository: hooks/post-receive --redeploy", [&] {
        const SystemClock clock;
        Store store(home.store(), clock);
        const Workplace place{home, environment, Installation::of_this_program(), store};
        std::vector<Submission> submissions;
        submissions.reserve(requests.size());
        const Principal asker = with_grants(store, who);
        for (const Request& request : requests) {
          submissions.push_back(submit(place, asker, request));
        }
        int worst = 0;
        for (const Submission& submission : submissions) {
          worst = std::max(worst, present(place, submission, output, false));
        }
        return worst;
      });
}

/// What git took of a push that deploys nothing is on record all the same.
void record_kept(const Home& home, const std::string& app, const Principal& who, const std::vector<std::string>& notes,
                 Output& output) try {
  const SystemClock clock;
  Store store(home.store(), clock);
  store.actions.add(
      {.app = app, .verb = "push", .who = who.text(), .at = {}, .text = join(notes, "; "), .origin = who.origin});
} catch (const Error& error) { // git has taken it
  output.write(fmt::format("warning: {}\n", error.what()));
}

int deploy(const Options& options, Environment environment, Output& output) {
  const std::string input = options.redeploy ? "" : read_standard_input();
  const auto repository = git::Repository::open(files::current_folder());
  if (!options.redeploy) {
    // Its failure hinders nothing, as git itself has it.
    if (const std::string fault = call_kept_hook(repository, git::k_post_receive, input, output); !fault.empty()) {
      output.write(fmt::format("warning: {}\n", fault));
    }
  }
  const git::HookBinding binding = require_binding(repository);
  name_home(binding, output);
  const Principal who = pusher(environment);
  become_owner_of(binding.home, environment);
  const AppSettings settings = load_settings_of(binding, repository);
  const SystemClock clock;
  const auto rules = rules_of(settings);
  const PushAnswer answer =
      options.redeploy ? PushAnswer{.notes = {},
                                    .requests = {{.event = event_by_hand(repository, binding.app, options.revision,
                                                                         settings.branches, clock.now()),
                                                  .destination = binding.destination}}}
                       : answer_push({.repository = repository,
                                      .app = binding.app,
                                      .destination = binding.destination,
                                      .rules = rules,
                                      .at = clock.now(),
                                      .deploys_moved_tags = settings.moved_tags == AppSettings::MovedTags::deploy},
                                     parse_ref_updates(input));
  for (const std::string& note : answer.notes) {
    output.write(note + "\n");
  }
  if (answer.requests.empty()) {
    record_kept({binding.home}, binding.app, who, answer.notes, output);
    return 0;
  }
  return request_all(answer.requests, who, {binding.home}, environment, output);
}

int report(const char* what, int exit_code, Output& output) {
  output.write(
      fmt::format("error: {}\nFAILED   nothing was deployed: what ran before still runs\n", printable(what, true)));
  return exit_code;
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const Environment environment = clean_environment();
  Output output(STDOUT_FILENO, std::chrono::seconds(10), wants_colors(STDOUT_FILENO, environment));
  try {
    const Options options = parse_options({argv, static_cast<std::size_t>(argc)});
    if (options.help) {
      output.write(k_help);
      return 0;
    }
    return deploy(options, environment, output);
  } catch (const Error& error) {
    return report(error.what(), exit_code(error.kind()), output);
  } catch (const std::exception& error) {
    return report(error.what(), exit_code(ErrorKind::internal), output);
  }
}
