#include "call.hpp"

#include "access/caller.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/files.hpp"
#include "process/user.hpp"
#include "request/advice.hpp"

#include <fmt/format.h>

#include <iostream>
#include <iterator>

namespace teal {

std::string read_standard_input() {
  return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
}

std::string call_kept_hook(const git::Repository& repository, std::string_view name, const std::string& input,
                           Output& output) {
  const auto kept = git::kept_hook_command(repository, name);
  if (kept.empty()) {
    return "";
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
  return fault.empty() ? "" : fmt::format("the earlier hook '{}': {}", kept.back(), fault);
}

AppSettings load_settings_of(const git::HookBinding& binding, const git::Repository& repository) {
  const Home home{binding.home};
  if (!files::exists(home.settings())) {
    throw Error(ErrorKind::settings,
                fmt::format("the home '{}', which this repository deploys to, is not there; if it has moved, run: "
                            "tealhook --home NEW hook install {} --app {} --color {}",
                            binding.home.string(), repository.path().string(), binding.app,
                            binding.destination.text()));
  }
  return load_app_settings(home, binding.app);
}

void name_home(const git::HookBinding& binding, Output& output) {
  const Home home{binding.home};
  if (home.root != Home::k_default) {
    output.rewrite_by([home](std::string_view text) { return with_home(text, home); });
  }
}

Principal pusher(const Environment& environment) {
  const auto named_by = [&](const char* name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::string() : printable(found->second);
  };
  Principal who{.kind = Principal::Kind::local_user,
                .name = named_by("TEALHOOK_KEY"),
                .grants = {},
                .origin = origin_of_caller(environment, Trigger::push)};
  if (!who.name.empty()) {
    who.kind = Principal::Kind::ssh_key;
    return who;
  }
  for (const char* name : {"REMOTE_USER", "GL_USER"}) {
    if (who.name.empty()) {
      who.name = named_by(name);
    }
  }
  if (who.name.empty()) {
    who.name = user_name();
  }
  return who;
}

Principal with_grants(const Store& store, Principal who) {
  if (who.kind == Principal::Kind::ssh_key) {
    const auto found = store.principals.find(who.kind, who.name);
    who.grants = found ? found->principal.grants : std::vector<Grant>();
  }
  return who;
}

} // namespace teal
