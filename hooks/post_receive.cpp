/// @file
/// post-receive: run by git in a bare repository after a push, or by hand: post-receive --redeploy [REV].
#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "deploy/request.hpp"
#include "git/hook.hpp"
#include "process/installation.hpp"
#include "process/user.hpp"
#include "trigger/push.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <iostream>
#include <iterator>
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

std::string read_standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

/// The hook that was there before ours runs first. Its failure is shown, and hinders nothing, as git itself has it.
void call_kept_hook(const git::Repository& repository, const std::string& input, Output& output) {
  const auto kept = git::kept_hook_command(repository);
  if (kept.empty()) {
    return;
  }
  const Command command{.arguments = kept,
                        .directory = repository.path(),
                        .environment = inherited_environment(),
                        .input = input,
                        .deadline = std::chrono::hours(1),
                        .on_output = [&](std::string_view text) { output.write(text); },
                        .leave_background = true};
  std::string fault;
  try {
    const Outcome outcome = run(command);
    fault = outcome.succeeded() ? "" : outcome.how_it_ended(command.deadline);
  } catch (const Error& error) {
    fault = error.message();
  }
  if (!fault.empty()) {
    output.write(fmt::format("warning: the earlier hook '{}': {}\n", kept.back(), fault));
  }
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

/// The app may be gone, and so may the home: then it is this repository that has to be told.
AppSettings load_settings_of(const git::HookBinding& binding, const git::Repository& repository) {
  const Home home{binding.home};
  if (!std::filesystem::exists(home.settings())) {
    throw Error(ErrorKind::settings,
                fmt::format("the home '{}', which this repository deploys to, is not there; if it has moved, run: "
                            "tealhook --home NEW hook install {} --app {} --color {}",
                            binding.home.string(), repository.path().string(), binding.app, binding.door()));
  }
  return load_app_settings(home, binding.app);
}

/// Who pushed, as the layers before us know it.
std::string pusher(const Environment& environment) {
  for (const char* name : {"REMOTE_USER", "GL_USER"}) {
    if (const auto found = environment.find(name); found != environment.end() && !found->second.empty()) {
      return printable(found->second);
    }
  }
  return user_name();
}

int deploy(const Options& options, Environment environment, Output& output) {
  const std::string input = options.redeploy ? "" : read_standard_input();
  const auto repository = git::Repository::open(std::filesystem::current_path());
  if (!options.redeploy) {
    call_kept_hook(repository, input, output);
  }
  const git::HookBinding binding = require_binding(repository);
  const std::string who = pusher(environment);
  become_owner_of(binding.home, environment);
  const AppSettings settings = load_settings_of(binding, repository);
  const SystemClock clock;
  const PushContext context{repository, binding.app, binding.color, settings.branches, who, clock.now()};
  const PushAnswer answer = options.redeploy ? PushAnswer{.event = event_by_hand(context, options.revision)}
                                             : answer_push(context, parse_ref_updates(input));
  for (const std::string& note : answer.notes) {
    output.write(note + "\n");
  }
  if (!answer.event) {
    return 0;
  }
  const Home home{binding.home};
  Store store(home.store(), clock);
  const Aim aim{.color = binding.color, .idle = binding.live, .follow = binding.live};
  return request_deployment({home, environment, Installation::of_this_program(), store, output}, *answer.event, aim,
                            false)
      .exit_code;
}

int report(const char* what, int exit_code, Output& output) {
  output.write(fmt::format("error: {}\nFAILED   nothing was deployed: what ran before still runs\n", what));
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
