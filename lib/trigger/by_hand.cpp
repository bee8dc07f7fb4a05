#include "trigger/by_hand.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "model/image_reference.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> candidates(std::string_view revision, const std::vector<std::string>& branches) {
  return revision.empty() ? branches : std::vector{std::string(revision)};
}

std::optional<Event> find_event(const git::Repository& repository, std::string_view app,
                                const std::vector<std::string>& revisions, TimePoint at) {
  for (const std::string& revision : revisions) {
    if (const auto commit = repository.find_commit(revision)) {
      return Event{.app = std::string(app),
                   .trigger = Trigger::cli,
                   .repository = repository.path().string(),
                   .ref = printable(revision),
                   .new_commit = commit->id,
                   .subject = commit->subject,
                   .at = at};
    }
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const std::vector<std::string>& repositories, const std::vector<std::string>& revisions,
                         bool was_given) {
  throw Error(ErrorKind::usage,
              fmt::format("'{}' has no commit '{}'{}", join(repositories, "' or '"),
                          printable(join(revisions, "' or '")), was_given ? "" : "; push to it first"));
}

/// All of the app's that are there, where a revision is meant first: that of the destination, that of what was asked
/// for last, the app's own, and those of others that something came from.
std::vector<std::string> repositories_of(const Home& home, const History& history, const HandOrder& order) {
  const AppFolder folder = home.app(order.app);
  std::vector<std::string> paths;
  const auto add = [&](const fs::path& path) {
    std::error_code gone;
    const bool is_new = std::find(paths.begin(), paths.end(), path.string()) == paths.end();
    if (is_new && fs::is_directory(path, gone)) {
      paths.push_back(path.string());
    }
  };
  if (order.destination && order.destination->color()) {
    add(folder.repository(*order.destination->color()));
  } else if (order.destination && order.destination->moves_traffic()) {
    add(folder.live_repository());
  }
  const auto sources = history.repositories(order.app);
  if (!sources.empty()) {
    add(sources.front());
  }
  add(folder.live_repository());
  for (const Color color : k_colors) {
    add(folder.repository(color));
  }
  std::for_each(sources.begin(), sources.end(), add);
  return paths;
}

} // namespace

Event event_of_image(std::string_view app, const std::string& name, const std::string& reference, TimePoint at) {
  return {.app = std::string(app),
          .trigger = Trigger::cli,
          .repository = {},
          .ref = name,
          .subject = name,
          .at = at,
          .artifact = reference};
}

Event asked_again(const Event& event, TimePoint at) {
  Event again = event;
  again.id = 0;
  again.trigger = Trigger::cli;
  again.at = at;
  return again;
}

Request request_again(const History& history, const Deployment& before, TimePoint at) {
  const Event& event = before.event;
  Request request{.event = asked_again(event, at),
                  .destination = before.destination,
                  .release = before.from_release ? before.release : 0,
                  .is_restart = before.is_restart,
                  .replicas = before.replicas};
  if (before.from_release) {
    if (!history.release(before.release)) {
      throw Error(
          ErrorKind::usage,
          fmt::format("the release that deployment {} was to run is not kept any more; what is: tealhook history "
                      "{}; to build it again: tealhook deploy {} --rev {}",
                      before.id, event.app, event.app, short_commit(event.new_commit)));
    }
    return request;
  }
  if (!event.artifact.empty()) {
    return request;
  }
  if (!files::is_folder(event.repository)) {
    throw Error(ErrorKind::usage,
                fmt::format("the repository that deployment {} came from, '{}', is not there any more", before.id,
                            event.repository));
  }
  if (!git::Repository::open(event.repository).find_commit(event.new_commit)) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' has no commit {} any more, which deployment {} was to deploy; push it "
                            "again, or deploy another: tealhook deploy {} --rev REV",
                            event.repository, short_commit(event.new_commit), before.id, event.app));
  }
  return request;
}

Event event_by_hand(const git::Repository& repository, std::string_view app, std::string_view revision,
                    const std::vector<std::string>& branches, TimePoint at) {
  const auto revisions = candidates(revision, branches);
  if (auto event = find_event(repository, app, revisions, at)) {
    return std::move(*event);
  }
  refuse({repository.path().string()}, revisions, !revision.empty());
}

Request request_by_hand(const Home& home, const History& history, const HandOrder& order,
                        const std::vector<std::string>& branches, TimePoint at) {
  if (!order.image.empty()) {
    const std::string image = ImageReference::require(order.image).text();
    return {.event = event_of_image(order.app, image, image, at),
            .destination = order.destination.value_or(Destination::idle())};
  }
  const auto last = order.revision.empty() ? history.last_asked(order.app) : std::nullopt;
  if (last) {
    return {.event = asked_again(last->event, at), .destination = order.destination.value_or(last->destination)};
  }
  const auto revisions = candidates(order.revision, branches);
  const auto paths = repositories_of(home, history, order);
  for (const std::string& path : paths) {
    if (auto event = find_event(git::Repository::open(path), order.app, revisions, at)) {
      return {.event = std::move(*event), .destination = order.destination.value_or(Destination::idle())};
    }
  }
  refuse(paths, revisions, !order.revision.empty());
}

} // namespace teal
