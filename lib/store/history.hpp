/// @file
/// History: what was deployed, and which releases are kept. Reads, but for forgetting.
#pragma once

#include "model/deployment.hpp"
#include "model/release.hpp"
#include "store/database.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// Which deployments are listed: those of any of `apps`, newest first.
struct DeploymentFilter {
  std::vector<std::string> apps;
  std::optional<Status> status = {};
  std::optional<std::int64_t> before = {}; ///< an id: only older ones
  std::size_t limit = 50;
};

class History {
public:
  explicit History(Database& database);

  /// With its event and steps. Nothing if there is none.
  [[nodiscard]] std::optional<Deployment> deployment(std::int64_t id) const;
  /// Newest first, at most `limit`, with events and steps.
  [[nodiscard]] std::vector<Deployment> deployments(std::string_view app, std::size_t limit) const;
  /// The same of all apps.
  [[nodiscard]] std::vector<Deployment> deployments(std::size_t limit) const;
  /// What came of an event, newest first: more than one where it was tried again by itself.
  [[nodiscard]] std::vector<Deployment> of_event(std::int64_t event) const;
  /// The deployment that tries again, by itself, what this one failed to do. Nothing if there is none.
  [[nodiscard]] std::optional<Deployment> retry_of(const Deployment& failed) const;
  /// The same of several apps; each costs a look at an index, whatever there is of it.
  [[nodiscard]] std::vector<Deployment> deployments(const DeploymentFilter& filter) const;
  [[nodiscard]] std::optional<Deployment> latest(std::string_view app) const;
  /// What was asked for last of a commit, not of a kept release, whatever became of it.
  [[nodiscard]] std::optional<Deployment> last_asked(std::string_view app) const;
  /// What `who`, a source, asked for last of `ref`, a full name, whatever became of it.
  [[nodiscard]] std::optional<Deployment> last_asked_by(std::string_view app, std::string_view who,
                                                        std::string_view ref) const;
  /// The same of those that wait, run or ended well.
  [[nodiscard]] std::optional<Deployment> last_sound_by(std::string_view app, std::string_view who,
                                                        std::string_view ref) const;
  /// What freezes since `since` kept from being deployed, and nothing newer took the place of. Newest last.
  [[nodiscard]] std::vector<Deployment> held(std::string_view app, TimePoint since) const;
  /// Paths of the repositories that the app's events came from, that of the newest first.
  [[nodiscard]] std::vector<std::string> repositories(std::string_view app) const;
  /// The newest deployment of that color that succeeded: what its slot should be running.
  [[nodiscard]] std::optional<Deployment> current(std::string_view app, Color color) const;
  /// The newest deployment on that color, or that was asked to go there, whatever became of it.
  [[nodiscard]] std::optional<Deployment> latest(std::string_view app, Color color) const;
  /// The same two of a target without colors.
  [[nodiscard]] std::optional<Deployment> current_at(std::string_view app, const Destination& target) const;
  [[nodiscard]] std::optional<Deployment> latest_at(std::string_view app, const Destination& target) const;
  /// The newest that went to a color.
  [[nodiscard]] std::optional<Deployment> latest_on_a_color(std::string_view app) const;

  [[nodiscard]] std::optional<Release> release(std::int64_t id) const;
  /// Those kept, newest first.
  [[nodiscard]] std::vector<Release> releases(std::string_view app) const;
  /// Of those, what the target of that name runs.
  [[nodiscard]] std::vector<Release> releases_of(std::string_view app, std::string_view target) const;
  /// Whether any deployment of that release ended well.
  [[nodiscard]] bool has_succeeded(std::int64_t release) const;
  /// What it ran with last. Nothing if it never ran.
  [[nodiscard]] std::optional<ReleaseSettings> release_settings(std::int64_t release) const;
  void forget_release(std::int64_t id);
  /// All rows of an app that was removed, but for what was done to it (see Actions). What keys and tokens might do with
  /// it goes too, unless a pattern lets them: another of that name is not theirs.
  void forget_app(std::string_view app);

private:
  Database& m_database;
};

} // namespace teal
