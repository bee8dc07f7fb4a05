#include "report/status.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "table.hpp"
#include "target/docker/docker_target.hpp"
#include "target/release_health.hpp"
#include "traffic/live_traffic.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::tool {

namespace {

constexpr std::size_t k_shown_health = 60;

/// "running", or with replicas or further processes "running 3/3".
std::string state_of(const SlotStatus& status) {
  const auto count = [&](const auto& meant) {
    return std::count_if(status.processes.begin(), status.processes.end(), meant);
  };
  const auto replicas = count([](const ProcessStatus& process) { return process.name.empty(); });
  const auto further = count([](const ProcessStatus& process) { return !process.name.empty(); });
  const auto running = count([](const ProcessStatus& process) { return process.lives.running; });
  const auto wanted = std::max<std::int64_t>(replicas, status.replicas) + further;
  return wanted == 1 || status.processes.empty() ? status.state
                                                 : fmt::format("{} {}/{}", status.state, running, wanted);
}

/// "live traffic goes to green since 3 min; back to blue: tealhook rollback shop".
std::string describe_live(const AppStatus& app, Color live, TimePoint now) {
  const std::string since = app.moves.empty() ? "" : fmt::format(" since {}", format_age(now - app.moves.front().at));
  const std::string back = app.moves.size() < 2
                               ? ""
                               : fmt::format("; back to {} ({}): tealhook rollback {}", to_string(app.moves[1].color),
                                             short_commit(app.moves[1].commit), app.name);
  return fmt::format("{}: live traffic goes to {}{}{}", app.name, to_string(live), since, back);
}

/// What is worth saying of an app beside its two slots.
std::vector<std::string> notes_on(const AppStatus& app, bool routed, TimePoint now) {
  std::vector<std::string> notes;
  if (app.live) {
    notes.push_back(describe_live(app, *app.live, now));
  } else if (routed) {
    notes.push_back(
        fmt::format("{0}: nothing is live; move live traffic to a color: tealhook switch {0} COLOR", app.name));
  }
  if (app.freeze) {
    notes.push_back(fmt::format("{}: frozen by {} since {}: {}", app.name, app.freeze->who, format_time(app.freeze->at),
                                app.freeze->why));
  }
  if (app.pause) {
    notes.push_back(
        fmt::format("{0}: paused by {1} since {2}; what is asked for waits until: tealhook queue resume {0}", app.name,
                    app.pause->who, format_time(app.pause->at)));
  }
  for (const SlotStatus& slot : app.slots) {
    for (const ProcessStatus& process : slot.processes) {
      if (const std::string lives = describe(process.lives, now); !lives.empty()) {
        notes.push_back(
            fmt::format("{}: '{}' {}; see why: docker logs {}", app.name, process.container, lives, process.container));
      }
    }
  }
  return notes;
}

void add_deployments(Row& row, const std::optional<Deployment>& current, const std::optional<Deployment>& newer,
                     TimePoint now) {
  if (current) {
    row.insert(row.end(), {std::string(short_commit(current->event.new_commit)), std::to_string(current->id),
                           format_age(now - current->finished.value_or(now)), shorten(current->event.subject, 40)});
  } else {
    row.insert(row.end(), {"-", "-", "-", ""});
  }
  if (newer) {
    row.back() +=
        fmt::format("{}[deployment {}: {}]", row.back().empty() ? "" : "  ", newer->id, to_string(newer->status));
  }
}

Row to_row(const SlotStatus& status, TimePoint now) {
  Row row{status.slot.app, fmt::format("{}{}", to_string(status.slot.color), status.live ? " (live)" : ""),
          state_of(status), status.health.empty() ? "-" : shorten(status.health, k_shown_health),
          status.port ? std::to_string(*status.port) : "-"};
  add_deployments(row, status.current, status.latest, now);
  return row;
}

Row to_row(const std::string& app, const TargetStatus& status, TimePoint now) {
  Row row{app, status.name, status.state, "-", "-"};
  add_deployments(row, status.current, status.latest, now);
  return row;
}

void show(Context& context, const std::string& only) {
  Services services = context.open_services();
  if (!only.empty()) {
    context.require(Verb::read, services.home, only);
  }
  Store store(services.home.store(), context.clock());
  HomeStatus status = status_of(services, store, only.empty() ? std::nullopt : std::optional(only));
  std::erase_if(status.apps, [&](const AppStatus& app) { return !may(context.principal(), app.name, Verb::read).yes; });
  if (context.json) {
    context.print_json(to_json(status));
  } else if (status.apps.empty()) {
    context.print("there are no apps; make one with: tealhook app create NAME");
  } else {
    const TimePoint now = context.clock().now();
    std::vector<Row> rows{{"APP", "COLOR", "STATE", "HEALTH", "PORT", "COMMIT", "DEPLOYMENT", "AGE", "SUBJECT"}};
    std::string notes;
    for (const AppStatus& app : status.apps) {
      for (const SlotStatus& slot : app.slots) {
        rows.push_back(to_row(slot, now));
      }
      for (const TargetStatus& target : app.targets) {
        rows.push_back(to_row(app.name, target, now));
      }
      for (const std::string& note : notes_on(app, services.router != nullptr, now)) {
        notes += "\n" + note;
      }
    }
    context.print(format_table(rows) + notes);
  }
  context.tell_faults(status.faults());
}

} // namespace

void add_status(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand(
      "status", "show what runs in each slot and on each target, and how well; exits 3 if the engine does not say");
  command->footer("Examples:\n  tealhook status\n  tealhook status shop --json");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "one app only");
  command->callback([&context, app] { show(context, *app); });
}

} // namespace teal::tool
