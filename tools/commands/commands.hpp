/// @file
/// Commands: one function a command, in a file of its own; each adds itself, with its options, help and examples.
#pragma once

#include "context.hpp"

#include <CLI/CLI.hpp>

namespace teal::tool {

void add_setup(CLI::App& root, Context& context);
void add_app(CLI::App& root, Context& context);
void add_hook(CLI::App& root, Context& context);
void add_registry(CLI::App& root, Context& context);
void add_check(CLI::App& root, Context& context);
void add_deploy(CLI::App& root, Context& context);
void add_plan(CLI::App& root, Context& context);
void add_router(CLI::App& root, Context& context);
void add_switch(CLI::App& root, Context& context);
void add_rollback(CLI::App& root, Context& context);
void add_queue(CLI::App& root, Context& context);
void add_event(CLI::App& root, Context& context);
void add_freeze(CLI::App& root, Context& context);
/// And start.
void add_stop(CLI::App& root, Context& context);
void add_restart(CLI::App& root, Context& context);
/// And spawn, and destroy.
void add_scale(CLI::App& root, Context& context);
/// And exec.
void add_run(CLI::App& root, Context& context);
void add_env(CLI::App& root, Context& context);
void add_route(CLI::App& root, Context& context);
void add_open(CLI::App& root, Context& context);
void add_recover(CLI::App& root, Context& context);
void add_poll(CLI::App& root, Context& context);
void add_serve(CLI::App& root, Context& context);
void add_receive(CLI::App& root, Context& context);
void add_status(CLI::App& root, Context& context);
void add_history(CLI::App& root, Context& context);
void add_logs(CLI::App& root, Context& context);
/// And unobserve, and observers.
void add_observe(CLI::App& root, Context& context);
void add_key(CLI::App& root, Context& context);
void add_token(CLI::App& root, Context& context);
void add_audit(CLI::App& root, Context& context);
/// Not for people: what sshd runs for those who come in by a key.
void add_keyed(CLI::App& root, Context& context);
/// Not for people: what start_runner() starts.
void add_runner(CLI::App& root, Context& context);

} // namespace teal::tool
