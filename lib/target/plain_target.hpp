/// @file
/// PlainTarget: a target without colors: one release runs there, and a deployment takes its place. A kind is a folder
/// of this one and a line in targets.cpp.
///
/// Invariant: what runs is what the target itself says, a link on the disk or a remote's branch: a runner that was
/// killed is followed by one that asks again. A deployment that fails leaves what ran before, or brings it back.
#pragma once

#include "core/error.hpp"
#include "git/repository.hpp"
#include "model/deployment.hpp"
#include "model/release.hpp"
#include "target/rollout.hpp"

#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace teal {

/// What a deployment is carried out with; all that it refers to outlives the call.
struct PlainOrder {
  const Deployment& deployment;
  Steps& steps;
  std::stop_token interrupt = {};
  /// Called before what cannot be undone any more; throws where somebody has cancelled the deployment.
  std::function<void()> close = {};
  /// The target's release of that artifact.
  std::function<std::optional<Release>(const std::string& artifact)> find_release = {};
};

class PlainTarget {
public:
  PlainTarget() = default;
  PlainTarget(const PlainTarget&) = delete;
  PlainTarget& operator=(const PlainTarget&) = delete;
  virtual ~PlainTarget() = default;

  /// What would make a deployment fail, found out before anything is touched, each with what mends it.
  [[nodiscard]] virtual std::vector<Error> obstacles() = 0;
  /// All that can be found out without deploying: returns what is in order, or throws what is not.
  [[nodiscard]] virtual std::string check() = 0;
  /// Name and fact of each step that a deployment has.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::string>> planned_steps() const = 0;
  /// Where it is: a path, a URL.
  [[nodiscard]] virtual std::string address() const = 0;

  /// The artifact of what runs; empty: nothing. Throws Error(environment) where that cannot be told now.
  [[nodiscard]] virtual std::string current() = 0;
  /// Whether the deployment of that release, whose runner was killed, did all that it is for; current() has its
  /// artifact then.
  [[nodiscard]] virtual bool is_deployed(const Deployment& deployment, const Release& release) = 0;

  /// The commit made into a release, which has no id yet, with its artifact.
  [[nodiscard]] virtual Release produce(const PlainOrder& order, const git::Repository& repository) = 0;
  /// From the release to what runs, proven.
  virtual void deploy(const PlainOrder& order, const Release& release) = 0;
  /// What a deployment that failed, or whose runner was killed, has done is taken back; nothing to do where it did
  /// nothing.
  virtual void undo(const PlainOrder& order) = 0;

  /// What is kept of releases goes, but for these artifacts and what runs.
  virtual void keep_only(const std::set<std::string>& artifacts) = 0;
};

} // namespace teal
