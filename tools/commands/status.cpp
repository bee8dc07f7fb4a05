#include "commands/commands.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "json.hpp"
#include "table.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

namespace json = boost::json;

struct SlotStatus {
  Slot slot;
  std::optional<std::uint16_t> port; ///< nothing where the app's settings are wrong
  std::string state; ///< "running", "exited", …: as the engine says; "empty", or "unknown" where it does not answer
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

/// What the engine says of the slot's container. An engine that did not answer once is not asked again.
std::string container_state(Services& services, const Slot& slot, Faults& faults) {
  if (faults.engine) {
    return "unknown";
  }
  try {
    const auto current = services.docker.find(slot).current;
    return current ? current->status : "empty";
  } catch (const Error& error) {
    faults.engine = error;
    return "unknown";
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

SlotStatus look_at(Services& services, const History& history, const Slot& slot, Faults& faults) {
  SlotStatus status{.slot = slot};
  status.port = port_of(services.home, slot, faults);
  status.state = container_state(services, slot, faults);
  status.current = history.current(slot.app, slot.color);
  status.latest = history.latest(slot.app, slot.color);
  if (status.latest && status.current && status.latest->id == status.current->id) {
    status.latest.reset();
  }
  return status;
}

Row to_row(const SlotStatus& status, TimePoint now) {
  Row row{status.slot.app, std::string(to_string(status.slot.color)), status.state,
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

json::object to_json(const SlotStatus& status) {
  const auto deployment = [](const std::optional<Deployment>& one) {
    return one ? json::value(tool::to_json(*one)) : json::value(nullptr);
  };
  return {{"app", status.slot.app},
          {"color", to_string(status.slot.color)},
          {"port", status.port ? json::value(*status.port) : json::value(nullptr)},
          {"container", status.slot.current_name()},
          {"state", status.state},
          {"current", deployment(status.current)},
          {"newer", deployment(status.latest)}};
}

void show(Context& context, const std::string& only) {
  Services services = context.open_services();
  if (!only.empty()) {
    require_app(services.home, only);
  }
  Store store(services.home.store(), context.clock());
  Faults faults;
  json::array list;
  std::vector<Row> rows{{"APP", "COLOR", "STATE", "PORT", "COMMIT", "DEPLOYMENT", "AGE", "SUBJECT"}};
  for (const std::string& app : only.empty() ? list_apps(services.home) : std::vector{only}) {
    for (const Color color : k_colors) {
      const SlotStatus status = look_at(services, store.history, services.slot(app, color), faults);
      list.push_back(to_json(status));
      rows.push_back(to_row(status, context.clock().now()));
    }
  }
  if (context.json) {
    context.print(json::serialize(list));
  } else {
    context.print(rows.size() == 1 ? "there are no apps; make one with: tealhook app create NAME" : format_table(rows));
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
