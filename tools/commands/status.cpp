#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "json.hpp"
#include "table.hpp"
#include "target/docker/docker_target.hpp"
#include "target/release_health.hpp"
#include "traffic/live_traffic.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace teal::tool {

namespace {

namespace json = boost::json;

constexpr std::size_t k_shown_health = 60;

/// One further process of a color (run.processes), as the engine has it.
struct ProcessStatus {
  std::string name;
  std::string state; ///< as a container's
  bool running = false;
  int restarts = 0;
};

struct SlotStatus {
  Slot slot;
  std::optional<std::uint16_t> port; ///< nothing where the app's settings are wrong
  std::string state;  ///< "running", "exited", …: as the engine says; "empty", or "unknown" where it does not answer
  std::string health; ///< "healthy", or the probe's answer; empty unless it runs
  int restarts = 0;   ///< by the engine, since the container was made
  std::vector<ProcessStatus> processes;
  bool live = false;
  std::optional<Deployment> current; ///< what should run
  std::optional<Deployment> latest;  ///< if it is not the current one
};

/// What hindered a look, kept for the end: the rest is shown nevertheless.
struct Faults {
  std::optional<Error> engine;
  std::optional<Error> settings;

  void raise() const {
    for (const auto& fault : {engine, settings}) {
      if (fault) {
        throw Error(*fault);
      }
    }
  }
};

std::vector<ProcessStatus> look_at_processes(Services& services, const Slot& web) {
  std::vector<ProcessStatus> processes;
  for (const Slot& slot : services.docker.processes(web)) {
    const auto found = slot.process == k_task_process ? std::nullopt : services.docker.find_current(slot);
    if (found) {
      processes.push_back({slot.process, found->status, found->running, found->restarts});
    }
  }
  return processes;
}

/// "restarted 4 times", "is restarting (restarted 4 times)", "has exited"; empty for one that runs its first life.
std::string trouble_of(bool running, const std::string& state, int restarts) {
  std::string lives = restarts == 0 ? "" : fmt::format("restarted {} time{}", restarts, restarts == 1 ? "" : "s");
  if (running) {
    return lives;
  }
  return fmt::format("{} {}{}", state == "exited" ? "has" : "is", state, lives.empty() ? "" : " (" + lives + ")");
}

/// The web's own answer, unless that is good and something else is not: then this.
std::string health_of(const SlotStatus& status, const Probe& probe) {
  if (!probe.healthy) {
    return probe.answer;
  }
  std::string health = "healthy";
  const auto add = [&](const std::string& who, const std::string& trouble) {
    health += trouble.empty() ? "" : fmt::format("{} {} {}", health == "healthy" ? ", but" : " and", who, trouble);
  };
  add("it", trouble_of(true, status.state, status.restarts));
  for (const ProcessStatus& process : status.processes) {
    add(process.name, trouble_of(process.running, process.state, process.restarts));
  }
  return health;
}

/// What the engine and a probe say of the slot's container. An engine that did not answer once is not asked again.
void look_at_container(Services& services, Store& store, SlotStatus& status, Faults& faults) {
  status.state = "unknown";
  if (faults.engine) {
    return;
  }
  try {
    const auto current = services.docker.find_current(status.slot);
    status.state = current ? current->status : "empty";
    status.restarts = current ? current->restarts : 0;
    status.processes = look_at_processes(services, status.slot);
    if (current && current->running && status.port) {
      const Running running = running_of(*current);
      status.health = health_of(
          status, services.target(running.app)
                      .probe(running, health_of_release(services.home, store.history, running.app, running.release)));
    }
  } catch (const Error& error) {
    faults.engine = error;
  }
}

/// Where the router says that live traffic goes, or the store if the router cannot be asked.
std::optional<Color> live_color(Services& services, Store& store, const std::string& app) {
  try {
    return LiveTraffic(services, store, app).live();
  } catch (const Error&) {
    const auto stored = store.traffic.live(app);
    return stored ? std::optional(stored->color) : std::nullopt;
  }
}

std::optional<std::uint16_t> port_of(const Home& home, const Slot& slot, Faults& faults) {
  try {
    return load_app_settings(home, slot.app).ports.at(slot.color);
  } catch (const Error& error) {
    faults.settings = error;
    return std::nullopt;
  }
}

SlotStatus look_at(Services& services, Store& store, const Slot& slot, std::optional<Color> live, Faults& faults) {
  SlotStatus status{.slot = slot};
  status.port = port_of(services.home, slot, faults);
  status.live = live == slot.color;
  look_at_container(services, store, status, faults);
  status.current = store.history.current(slot.app, slot.color);
  status.latest = store.history.latest(slot.app, slot.color);
  if (status.latest && status.current && status.latest->id == status.current->id) {
    status.latest.reset();
  }
  return status;
}

/// "running", or with further processes "running 3/3".
std::string state_of(const SlotStatus& status) {
  const auto running = std::count_if(status.processes.begin(), status.processes.end(),
                                     [](const ProcessStatus& process) { return process.running; });
  const int web = status.state == "running" ? 1 : 0;
  return status.processes.empty() ? status.state
                                  : fmt::format("{} {}/{}", status.state, running + web, status.processes.size() + 1);
}

/// "live traffic goes to green since 3 min; back to blue: tealhook rollback shop".
std::string describe_live(Store& store, const std::string& app, Color live, TimePoint now) {
  const auto past = store.traffic.history(app, 2);
  const std::string since = past.empty() ? "" : fmt::format(" since {}", format_age(now - past.front().at));
  const std::string back = past.size() < 2 ? ""
                                           : fmt::format("; back to {} ({}): tealhook rollback {}",
                                                         to_string(past[1].color), short_commit(past[1].commit), app);
  return fmt::format("{}: live traffic goes to {}{}{}", app, to_string(live), since, back);
}

/// What is worth saying of an app beside its two slots.
std::vector<std::string> notes_on(Services& services, Store& store, const std::string& app, std::optional<Color> live,
                                  TimePoint now) {
  std::vector<std::string> notes;
  if (live) {
    notes.push_back(describe_live(store, app, *live, now));
  } else if (services.router) {
    notes.push_back(
        fmt::format("{}: nothing is live; move live traffic to a color: tealhook switch {} COLOR", app, app));
  }
  if (const auto freeze = store.traffic.freeze(app)) {
    notes.push_back(
        fmt::format("{}: frozen by {} since {}: {}", app, freeze->who, format_time(freeze->at), freeze->why));
  }
  return notes;
}

Row to_row(const SlotStatus& status, TimePoint now) {
  Row row{status.slot.app, fmt::format("{}{}", to_string(status.slot.color), status.live ? " (live)" : ""),
          state_of(status), status.health.empty() ? "-" : shorten(status.health, k_shown_health),
          status.port ? std::to_string(*status.port) : "-"};
  if (status.current) {
    const Deployment& current = *status.current;
    row.insert(row.end(), {std::string(short_commit(current.event.new_commit)), std::to_string(current.id),
                           format_age(now - current.finished.value_or(now)), shorten(current.event.subject, 40)});
  } else {
    row.insert(row.end(), {"-", "-", "-", ""});
  }
  if (status.latest) {
    row.back() += fmt::format("{}[deployment {}: {}]", row.back().empty() ? "" : "  ", status.latest->id,
                              to_string(status.latest->status));
  }
  return row;
}

json::object to_json(const SlotStatus& status, const std::optional<Freeze>& freeze) {
  const auto deployment = [](const std::optional<Deployment>& one) {
    return one ? json::value(tool::to_json(*one)) : json::value(nullptr);
  };
  json::array processes;
  for (const ProcessStatus& process : status.processes) {
    processes.push_back({{"name", process.name}, {"state", process.state}, {"restarts", process.restarts}});
  }
  return {{"app", status.slot.app},
          {"color", to_string(status.slot.color)},
          {"port", status.port ? json::value(*status.port) : json::value(nullptr)},
          {"container", status.slot.current_name()},
          {"state", status.state},
          {"restarts", status.restarts},
          {"processes", std::move(processes)},
          {"health", status.health.empty() ? json::value(nullptr) : json::value(to_text(status.health))},
          {"live", status.live},
          {"frozen", freeze ? json::value{{"who", to_text(freeze->who)},
                                          {"why", to_text(freeze->why)},
                                          {"since", format_time(freeze->at)}}
                            : json::value(nullptr)},
          {"current", deployment(status.current)},
          {"newer", deployment(status.latest)}};
}

void show(Context& context, const std::string& only) {
  Services services = context.open_services();
  if (!only.empty()) {
    context.require(Verb::read, services.home, only);
  }
  Store store(services.home.store(), context.clock());
  Faults faults;
  json::array list;
  std::vector<std::string> notes;
  std::vector<Row> rows{{"APP", "COLOR", "STATE", "HEALTH", "PORT", "COMMIT", "DEPLOYMENT", "AGE", "SUBJECT"}};
  for (const std::string& app : only.empty() ? list_apps(services.home) : std::vector{only}) {
    const auto live = live_color(services, store, app);
    for (const Color color : k_colors) {
      const SlotStatus status = look_at(services, store, services.slot(app, color), live, faults);
      list.push_back(to_json(status, store.traffic.freeze(app)));
      rows.push_back(to_row(status, context.clock().now()));
    }
    const auto more = notes_on(services, store, app, live, context.clock().now());
    notes.insert(notes.end(), more.begin(), more.end());
  }
  if (context.json) {
    context.print(json::serialize(list));
  } else {
    context.print(rows.size() == 1 ? "there are no apps; make one with: tealhook app create NAME" : format_table(rows));
    for (const std::string& note : notes) {
      context.print(note);
    }
  }
  faults.raise();
}

} // namespace

void add_status(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("status", "show what runs in each slot; exits 3 if the engine does not say");
  command->footer("Examples:\n  tealhook status\n  tealhook status shop --json");
  const auto app = std::make_shared<std::string>();
  command->add_option("NAME", *app, "one app only");
  command->callback([&context, app] { show(context, *app); });
}

} // namespace teal::tool
