/// @file
/// Home: where everything of one tealhook lies. Paths only; nothing is read or made here.
#pragma once

#include "model/color.hpp"

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace teal {

/// One app's folder. `name` must have passed require_app_name.
struct AppFolder {
  std::filesystem::path root;

  [[nodiscard]] std::filesystem::path settings() const { return root / "app.yml"; }
  /// Held while we write them anew.
  [[nodiscard]] std::filesystem::path settings_lock() const { return root / "settings.lock"; }
  /// Held while a scaling is asked for.
  [[nodiscard]] std::filesystem::path scale_lock() const { return root / "scale.lock"; }
  [[nodiscard]] std::filesystem::path repository(Color color) const;
  [[nodiscard]] std::filesystem::path work_tree(Color color) const { return root / to_string(color); }
  /// What the last checkout wrote there, as a git index.
  [[nodiscard]] std::filesystem::path checkout_index(Color color) const;
  /// Bare repos of submodules, shared by both colors.
  [[nodiscard]] std::filesystem::path submodules() const { return root / "submodules"; }
  [[nodiscard]] std::filesystem::path logs() const { return root / "logs"; }
  [[nodiscard]] std::filesystem::path log(std::int64_t deployment) const;
  /// What `tealhook env` sets: lines NAME="VALUE", for nobody else to read; and held while it is changed.
  [[nodiscard]] std::filesystem::path env() const { return root / "env"; }
  [[nodiscard]] std::filesystem::path env_lock() const { return root / "env.lock"; }
  /// What runners say that has no place in a deployment's log.
  [[nodiscard]] std::filesystem::path runner_log() const { return logs() / "runner.log"; }
  /// Held by the app's runner.
  [[nodiscard]] std::filesystem::path lock() const { return root / "lock"; }
  /// Held by a runner that waits until something queued is due, and works at nothing meanwhile.
  [[nodiscard]] std::filesystem::path waiting_lock() const { return root / "waiting.lock"; }
  /// There once somebody wants the deployment cancelled, or once nobody can cancel it any more.
  [[nodiscard]] std::filesystem::path cancel_mark(std::int64_t deployment) const;
  /// Held by whoever works off what was delivered of the app's sources.
  [[nodiscard]] std::filesystem::path delivery_lock() const { return root / "deliveries.lock"; }
  /// Held by whoever changes the app's routes. Not the one above: people must be able to go back while a build runs.
  [[nodiscard]] std::filesystem::path traffic_lock() const { return root / "traffic.lock"; }
  /// Says how far a gradual switch is; and held by whoever is at it.
  [[nodiscard]] std::filesystem::path shift() const { return root / "shift"; }
  [[nodiscard]] std::filesystem::path shift_lock() const { return root / "shift.lock"; }
  /// A push there deploys the idle color, and live traffic follows.
  [[nodiscard]] std::filesystem::path live_repository() const { return root / "live.git"; }
  /// What was fetched from the url of one of its sources: a bare repository.
  [[nodiscard]] std::filesystem::path source_repository(std::string_view source) const;
  /// Of one of its targets: releases/, shared/, and current, which leads to the release that it runs.
  [[nodiscard]] std::filesystem::path target(std::string_view name) const { return root / "targets" / name; }
  /// Of a target that runs compose projects: what each release was made of, and the files of the projects.
  [[nodiscard]] std::filesystem::path compose() const { return root / "compose"; }
  /// Where the gate builds what is being pushed.
  [[nodiscard]] std::filesystem::path gate() const { return root / "gate"; }
};

struct Home {
  /// Of who names none.
  static constexpr const char* k_default = "/srv/tealhook";

  std::filesystem::path root; ///< absolute

  [[nodiscard]] std::filesystem::path settings() const { return root / "tealhook.yml"; }
  [[nodiscard]] std::filesystem::path store() const { return root / "state.db"; }
  [[nodiscard]] std::filesystem::path apps() const { return root / "apps"; }
  [[nodiscard]] AppFolder app(std::string_view name) const { return {apps() / name}; }
  /// One file a build that may run at once; whoever builds holds one.
  [[nodiscard]] std::filesystem::path build_locks() const { return root / "run"; }
  /// Held while an app is made: two must not choose the same name or ports.
  [[nodiscard]] std::filesystem::path creation_lock() const { return build_locks() / "create.lock"; }
  /// Held by the one `tealhook serve` of the home.
  [[nodiscard]] std::filesystem::path serve_lock() const { return build_locks() / "serve.lock"; }
  /// Held while a network is made.
  [[nodiscard]] std::filesystem::path network_lock() const { return build_locks() / "network.lock"; }
  /// What was found out about the host, to be found out again where it changed.
  [[nodiscard]] std::filesystem::path cache() const { return root / "cache"; }
  [[nodiscard]] std::filesystem::path registry() const { return root / "registry"; }
  [[nodiscard]] std::filesystem::path router() const { return root / "router"; }
  /// There as long as a person wants no router to run; says who.
  [[nodiscard]] std::filesystem::path router_taken_down() const { return router() / "taken-down"; }
};

} // namespace teal
