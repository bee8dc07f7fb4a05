/// @file
/// Paths: what people do with tealhook that must hold whatever goes wrong in its middle.
#pragma once

#include "matrix/world.hpp"

#include <functional>
#include <string>
#include <vector>

namespace teal {

struct Path {
  std::string name;
  std::string settings;   ///< of the app, beside what all have
  bool routed = true;     ///< it is there with a router
  bool in_place = true;   ///< it is there without one
  bool weighs = false;    ///< the router has to weigh
  bool own_app = false;   ///< each point gets an app of its own, which is removed then
  bool by_runner = true;  ///< hook and runner do it; else the command itself
  bool may_pause = false; ///< the color that it deploys may be away meanwhile, or for good if it fails
  /// Brings about what it begins with.
  std::function<void(World&, const std::string& app)> prepare;
  /// What it is there to put right; nothing for most.
  std::function<void(World&, const std::string& app)> damage;
  std::function<Told(World&, const std::string& app, const std::string& version, bool watched)> act;
  /// In place of doing it once more: what must work afterwards. Nothing for most.
  std::function<void(World&, const std::string& app)> finish = {};
  /// What is served if it succeeds.
  std::function<Serving(World&, const std::string& app, Serving before, const std::string& version)> after;
};

[[nodiscard]] const std::vector<Path>& all_paths();
[[nodiscard]] bool is_there(const Path& path, const std::string& router);

} // namespace teal
