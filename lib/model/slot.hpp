/// @file
/// Slot: where one color of an app runs, and what its containers are called.
#pragma once

#include "model/app.hpp"
#include "model/color.hpp"

#include <map>
#include <string>

namespace teal {

struct Slot {
  std::string home; ///< absolute path: tells the containers of two homes on one engine apart
  std::string app;
  Color color = Color::blue;

  /// The container that serves.
  [[nodiscard]] std::string current_name() const { return container_name(app, color); }
  /// Its successor, until it is proven.
  [[nodiscard]] std::string next_name() const { return current_name() + "-next"; }
  /// Its predecessor, until it is gone.
  [[nodiscard]] std::string retired_name() const { return current_name() + "-retired"; }

  [[nodiscard]] std::map<std::string, std::string> labels() const {
    return {{label::k_home, home}, {label::k_app, app}, {label::k_color, std::string(to_string(color))}};
  }
};

} // namespace teal
