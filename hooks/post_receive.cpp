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
#include <cstdio>
#include <iostream>
#include <iterator>
#include <span>

namespace {

using namespace teal;

constexpr const char* k_help = R"(post-receive: tealhook's hook in a bare repository

  post-receive                   deploy what git says was pushed (standard input)
  post-receive --redeploy [REV]  deploy again, without a push: REV, or else the branch that is deployed here

Run it in the repository, as hooks/post-receive. Exit codes: 0 done, 1 the deployment failed, 2 wrong usage or settings,
3 the environment failed.
)";

struct Options {
  bool redeploy = false;
  std::string revision;
};

Options parse_options(std::span<char*> arguments) {
  if (arguments.size() > 1 && std::string_view(arguments[1]) == "--redeploy" && arguments.size() <= 3) {
    return {true, arguments.size() == 3 ? arguments[2] : ""};
  }
  if (arguments.size() == 1) {
    return {};
  }
  throw Error(ErrorKind::usage, "post-receive takes no arguments but --redeploy [REV]");
}

std::string read_standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

/// The hook that was there before ours runs first. Its failure is shown, and hinders nothing, as git itself has it.
void call_kept_hook(const git::Repository& repository, const std::string& input, const Environment& environment,
                    Output& output) {
  const auto kept = git::kept_hook(repository);
  if (!kept) {
    return;
  }
  const Command command{.arguments = {kept->string()},
                        .directory = repository.path(),
                        .environment = environment,
                        .input = input,
                        .deadline = std::chrono::hours(1),
                        .on_output = [&](std::string_view text) { output.write(text); }};
  if (const Outcome outcome = run(command); !outcome.succeeded()) {
    output.write(
        fmt::format("warning: the earlier hook '{}' {}\n", kept->string(), outcome.how_it_ended(command.deadline)));
  }
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

int deploy(const Options& options, Output& output) {
  const std::string input = options.redeploy ? "" : read_standard_input();
  const auto repository = git::Repository::open(std::filesystem::current_path());
  const auto binding = git::read_binding(repository);
  if (!binding) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' has no hook of tealhook; run: tealhook hook install {} --app NAME --color COLOR",
                            repository.path().string(), repository.path().string()));
  }
  Environment environment = clean_environment();
  become_owner_of(binding->home, environment);
  if (!options.redeploy) {
    call_kept_hook(repository, input, inherited_environment(), output);
  }
  const Home home{binding->home};
  const AppSettings settings = load_app_settings(home, binding->app);
  const SystemClock clock;
  const PushContext context{repository,        binding->app,        binding->color,
                            settings.branches, pusher(environment), clock.now()};
  PushAnswer answer;
  if (options.redeploy) {
    answer.event = event_by_hand(context, options.revision);
  } else {
    answer = answer_push(context, parse_ref_updates(input));
  }
  for (const std::string& note : answer.notes) {
    output.write(note + "\n");
  }
  if (!answer.event) {
    output.write(answer.notes.empty()
                     ? "nothing was pushed, so nothing is deployed; to deploy again: hooks/post-receive --redeploy\n"
                     : "");
    return 0;
  }
  Store store(home.store(), clock);
  return request_deployment({home, environment, Installation::of_this_program(), store, output}, *answer.event,
                            binding->color, false);
}

} // namespace

int main(int argc, char** argv) {
  const std::span arguments(argv, static_cast<std::size_t>(argc));
  if (argc == 2 && (std::string_view(argv[1]) == "--help" || std::string_view(argv[1]) == "-h")) {
    std::cout << k_help;
    return 0;
  }
  std::signal(SIGPIPE, SIG_IGN);
  Output output(STDOUT_FILENO);
  try {
    return deploy(parse_options(arguments), output);
  } catch (const Error& error) {
    output.write(fmt::format("error: {}\nFAILED   nothing was deployed: what ran before still runs\n", error.what()));
    return exit_code(error.kind());
  } catch (const std::exception& error) {
    output.write(fmt::format("error: {}\nFAILED   nothing was deployed: what ran before still runs\n", error.what()));
    return exit_code(ErrorKind::internal);
  }
}
