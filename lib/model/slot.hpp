/// @file
/// Slot: where one color of an app runs, and what its containers are called.
#pragma once

#include "model/app.hpp"
#include "model/color.hpp"

#include <map>
#include <string>
#include <utility>

namespace teal {

/// The process name of one-off tasks.
inline constexpr const char* k_task_process = "task";

struct Slot {
  std::string home; ///< absolute path: tells the containers of two homes on one engine apart
  std::string app;
  Color color = Color::blue;
  std::string process; ///< "" is the one that answers requests

  /// The container that serves: "shop-blue", or "shop-blue.worker", which no app's own can be called.
  [[nodiscard]] std::string current_name() const {
    return container_name(app, color) + (process.empty() ? "" : "." + process);
  }
  /// Its successor, until it is proven.
  [[nodiscard]] std::string next_name() const { return current_name() + "-next"; }
  /// Its predecessor, until it is gone.
  [[nodiscard]] std::string retired_name() const { return current_name() + "-retired"; }

  /// The same color's slot of another process.
  [[nodiscard]] Slot of_process(std::string name) const { return {home, app, color, std::move(name)}; }

  [[nodiscard]] std::map<std::string, std::string> labels() const {
    std::map<std::string, std::string> labels{
        {label::k_home, home}, {label::k_app, app}, {label::k_color, std::string(to_string(color))}};
    if (!process.empty()) {
      labels.emplace(label::k_process, process);
    }
    return labels;
  }
};

} // namespace teal
