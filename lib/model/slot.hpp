/// @file
/// Slot: where one color of an app runs, and what its containers are called.
#pragma once

#include "model/app.hpp"
#include "model/color.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace teal {

/// The process name of one-off tasks.
inline constexpr const char* k_task_process = "task";

struct Slot {
  std::string home; ///< absolute path: tells the containers of two homes on one engine apart
  std::string app;
  Color color = Color::blue;
  std::string process; ///< "" is the one that answers requests
  int replica = 1;     ///< of those that answer them

  /// The container that serves: "shop-blue", or "shop-blue.worker" or "shop-blue.2", which no app's own can be called.
  [[nodiscard]] std::string current_name() const {
    return container_name(app, color) + (process.empty() ? "" : "." + process) +
           (replica == 1 ? "" : "." + std::to_string(replica));
  }
  /// Its successor, until it is proven.
  [[nodiscard]] std::string next_name() const { return current_name() + "-next"; }
  /// What a predecessor, of that id, is called until it is gone. There may be several.
  [[nodiscard]] std::string retired_name(std::string_view id) const {
    return current_name() + k_retired + "-" + std::string(id.substr(0, k_short_id));
  }
  [[nodiscard]] bool is_retired_name(std::string_view name) const {
    const std::string start = current_name() + k_retired;
    return name == start || name.starts_with(start + "-");
  }

  /// The same color's slot of another process.
  [[nodiscard]] Slot of_process(std::string name) const { return {home, app, color, std::move(name)}; }
  /// The same color's slot of another of those that answer requests.
  [[nodiscard]] Slot of_replica(int number) const { return {home, app, color, "", number}; }

  /// Of the app's networks, and of all that its slots have.
  [[nodiscard]] std::map<std::string, std::string> labels_of_app() const {
    return {{label::k_home, home}, {label::k_app, app}};
  }
  [[nodiscard]] std::map<std::string, std::string> labels() const {
    std::map<std::string, std::string> labels = labels_of_app();
    labels.emplace(label::k_color, to_string(color));
    if (!process.empty()) {
      labels.emplace(label::k_process, process);
    }
    if (replica != 1) {
      labels.emplace(label::k_replica, std::to_string(replica));
    }
    return labels;
  }

private:
  static constexpr const char* k_retired = "-retired";
  static constexpr std::size_t k_short_id = 12; ///< as the engine shows ids
};

} // namespace teal
