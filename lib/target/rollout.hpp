/// @file
/// Rollout: one deployment on its target, from a commit, what was built elsewhere, or a kept release to something that
/// serves.
///
/// The caller's sequence is that of the functions here, but for publish(), which goes on beside those after it; `undo`
/// is the target's settle(). What served is not given up before take_over(), but for a port that two cannot have, or
/// where the settings want it stopped first. A runner that is killed on the way is followed by one that asks the target
/// how far it came.
#pragma once

#include "git/repository.hpp"
#include "model/deployment.hpp"
#include "model/release.hpp"
#include "model/slot.hpp"
#include "target/plan.hpp"
#include "target/running.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace teal {

/// Where a rollout tells what it does: a deployment's steps, stored and shown.
class Steps {
public:
  Steps() = default;
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;
  virtual ~Steps() = default;

  /// `work` returns the fact worth knowing about the step; what it throws ends the step as failed and goes on up.
  virtual void step(StepName name, const std::function<std::string()>& work) = 0;
  /// What a program printed.
  virtual void output(std::string_view text) = 0;
  /// Several threads may call it at once.
  virtual void line(std::string_view text) = 0;
};

struct RolloutOrder {
  const Slot& slot;
  const Plan& plan;
  const Deployment& deployment;
  Steps& steps;
  bool has_router = false; ///< requests come by a router: no port of the host is taken
  /// Returns once the release is published, and throws where it cannot be. Called before anything is done to what
  /// serves, or that cannot be undone.
  std::function<void()> await_published;
};

class Rollout {
public:
  Rollout() = default;
  Rollout(const Rollout&) = delete;
  Rollout& operator=(const Rollout&) = delete;
  virtual ~Rollout() = default;

  /// The commit made into a release, which has no id yet, and no artifact: `checkout`, `build`.
  [[nodiscard]] virtual Release produce(const git::Repository& repository) = 0;
  /// The event's artifact, which was built elsewhere, made into a release in place of a commit: `pull`.
  [[nodiscard]] virtual Release obtain() = 0;
  /// Puts what was made where it can be had again. Returns the artifact. By a thread of its own.
  [[nodiscard]] virtual std::string publish(const Release& release) = 0;
  /// What the release needs is fetched here: `pull`.
  virtual void fetch(const Release& release) = 0;
  /// One-off commands of the settings, before anything of the release serves.
  virtual void prepare(const Release& release) = 0;
  /// Returns the fact worth knowing, as check() does.
  [[nodiscard]] virtual std::string start(const Release& release) = 0;
  [[nodiscard]] virtual std::string check() = 0;
  /// Throws where what is proven has ended; what served before lets go of what it keeps a router from.
  virtual void confirm() = 0;
  [[nodiscard]] virtual Running successor() = 0;
  /// The successor is what serves the slot, and is kept alive from now on. What it replaces is retired, and runs on.
  /// Throws where it is not; returns what could not be retired, in words, or nothing.
  [[nodiscard]] virtual std::string take_over() = 0;
  /// Whether there is a successor that has not taken over.
  [[nodiscard]] virtual bool is_under_way() const = 0;
  /// What a successor that failed printed last; empty if nothing.
  [[nodiscard]] virtual std::string last_words() = 0;
};

} // namespace teal
