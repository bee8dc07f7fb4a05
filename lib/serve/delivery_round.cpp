#include "serve/delivery_round.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/glob.hpp"
#include "core/text.hpp"
#include "engine/registry_login.hpp"
#include "model/event_id.hpp"
#include "serve/backoff.hpp"
#include "serve/source_book.hpp"
#include "target/services.hpp"
#include "trigger/by_hand.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace teal::serve {

namespace {

constexpr std::size_t k_quoted_digest = 19;               ///< "sha256:" and 12 digits
constexpr Milliseconds k_fresh = std::chrono::minutes(1); ///< of a pushed image, whose tag may be yet to come
constexpr std::array k_pauses_for_tag{Milliseconds(50), Milliseconds(200), Milliseconds(800)};
constexpr Milliseconds k_gives_up_after = std::chrono::hours(72);

Trigger trigger_of(SourceSettings::Kind kind) {
  switch (kind) {
  case SourceSettings::Kind::webhook:
    return Trigger::webhook;
  case SourceSettings::Kind::poll:
    return Trigger::poll;
  case SourceSettings::Kind::file:
    return Trigger::file;
  case SourceSettings::Kind::registry:
    break;
  }
  return Trigger::registry;
}

} // namespace

DeliveryRound::DeliveryRound(const DeliveryPlace& place, Store& store, const std::string& app,
                             const std::stop_token& end, bool is_trial)
    : m_place(place), m_store(store), m_app(app), m_folder(place.home.app(app)), m_end(end), m_is_trial(is_trial),
      m_settings(load_app_settings(place.home, app)), m_rules(rules_of(m_settings)),
      m_server(load_server_settings(place.home)),
      m_engine(engine_access(place.home, m_server.engine, place.environment), m_server.engine.timeout) {}

std::vector<Deliveries::Settled> DeliveryRound::work(const std::vector<StoredDelivery>& due) {
  for (const StoredDelivery& delivery : due) {
    add(delivery);
  }
  std::set<std::int64_t> left;
  for (const RefWork& ref : m_refs) {
    if (m_end.stop_requested()) {
      left.insert(ref.asked.begin(), ref.asked.end());
      continue;
    }
    const RefOutcome outcome = try_ref(ref);
    if (outcome.status == DeliveryStatus::waiting && m_end.stop_requested()) {
      left.insert(ref.asked.begin(), ref.asked.end()); // it was interrupted
      continue;
    }
    for (const std::int64_t id : ref.asked) {
      m_outcomes[id].push_back(outcome);
    }
  }
  std::vector<Deliveries::Settled> all;
  for (const StoredDelivery& delivery : due) {
    if (!left.contains(delivery.id)) {
      all.push_back(settled(delivery));
    }
  }
  return all;
}

void DeliveryRound::add(const StoredDelivery& delivery) {
  if (find_source(delivery.source) == nullptr) {
    m_outcomes[delivery.id].push_back(
        {DeliveryStatus::failed, fmt::format("there is no source '{}' in app.yml any more", delivery.source)});
    return;
  }
  for (const AskedRef& asked : delivery.refs) {
    add(delivery, asked);
  }
}

void DeliveryRound::add(const StoredDelivery& delivery, const AskedRef& asked) {
  auto found = std::find_if(m_refs.begin(), m_refs.end(),
                            [&](const RefWork& one) { return one.source == delivery.source && one.ref == asked.ref; });
  RefWork work{.source = delivery.source, .ref = asked.ref, .hint = {}, .at = {}, .asked = {}};
  if (found != m_refs.end()) {
    work = std::move(*found);
    m_refs.erase(found);
  }
  work.hint = asked.commit;
  work.at = delivery.at;
  work.asked.push_back(delivery.id);
  m_refs.push_back(std::move(work));
}

const SourceSettings* DeliveryRound::find_source(const std::string& name) const {
  const auto found = std::find_if(m_settings.sources.begin(), m_settings.sources.end(),
                                  [&](const auto& source) { return source.name == name; });
  return found == m_settings.sources.end() ? nullptr : &*found;
}

/// Whatever hinders it may pass or be mended.
DeliveryRound::RefOutcome DeliveryRound::try_ref(const RefWork& work) {
  if (const auto away = m_away.find(work.source); away != m_away.end()) {
    return {DeliveryStatus::waiting, away->second};
  }
  try {
    return resolve(work, *find_source(work.source));
  } catch (const Error& error) {
    return {DeliveryStatus::waiting, error.message()};
  } catch (const std::exception& error) {
    return {DeliveryStatus::waiting, error.what()};
  }
}

ResolvedRef DeliveryRound::find(const RefWork& work, const SourceSettings& source) {
  const Source from(m_folder, source);
  if (source.url.empty()) {
    return from.find(work.ref, work.hint, m_store.repositories);
  }
  try {
    return from.fetch(work.ref, {.environment = m_place.environment, .interrupt = m_end});
  } catch (const Error& error) {
    m_away.emplace(work.source, error.message());
    throw;
  }
}

DeliveryRound::RefOutcome DeliveryRound::resolve(const RefWork& work, const SourceSettings& source) {
  if (source.kind == SourceSettings::Kind::registry) {
    return resolve_image(work, source);
  }
  constexpr std::string_view k_branches = "refs/heads/";
  const std::string name = printable(short_ref(work.ref));
  if (work.ref.starts_with(k_branches) && !source.branch.empty() &&
      !matches_glob(source.branch, work.ref.substr(k_branches.size()))) {
    return {DeliveryStatus::refused,
            fmt::format("'{}' is none of the branches '{}' of the source", name, source.branch)};
  }
  const Decision decision = decide(work.ref, m_rules, own_destination());
  if (!decision.destination) {
    return {DeliveryStatus::refused, fmt::format("'{}' is not deployed: {}", name, decision.why)};
  }
  const ResolvedRef found = find(work, source);
  if (!found.commit) {
    return {DeliveryStatus::refused, fmt::format("'{}' is not there (any more); what runs stays as it is", name)};
  }
  return ask_for(work, source, *decision.destination, found);
}

OwnDestination DeliveryRound::own_destination() const {
  return {.destination =
              m_server.router.kind != ServerSettings::Router::Kind::none ? Destination::live() : Destination::idle()};
}

/// A rule of tags decides where one matches; what else the source waits for goes where it would go without rules.
DeliveryRound::RefOutcome DeliveryRound::resolve_image(const RefWork& work, const SourceSettings& source) {
  const std::string tag = work.ref.substr(work.ref.rfind(':') + 1);
  const ImageSource images = image_source(m_place.home, m_app, source);
  const ImageReference image{.name = images.image(), .tag = tag, .digest = {}};
  if (!images.counts(image.path(), tag) || image.path() + ":" + tag != work.ref) {
    return {DeliveryStatus::refused, fmt::format("'{}' is not what the source waits for", printable(work.ref))};
  }
  Decision decision = decide("refs/tags/" + tag, m_rules, own_destination());
  if (!decision.rule) {
    decision.destination = own_destination().destination;
  }
  if (!decision.destination) {
    return {DeliveryStatus::refused, fmt::format("'{}' is not deployed: {}", tag, decision.why)};
  }
  const auto digest = find_digest(work, image);
  if (!digest && is_fresh(work)) {
    return {DeliveryStatus::waiting, fmt::format("'{}' is not there yet", image.text())};
  }
  if (!digest) {
    return {DeliveryStatus::refused,
            fmt::format("'{}' is not there (any more); what runs stays as it is", image.text())};
  }
  return ask_for_image(work, source, *decision.destination, image.text(),
                       ImageReference::require(image.name + "@" + *digest).text());
}

bool DeliveryRound::is_fresh(const RefWork& work) const {
  return m_place.clock.now() - work.at < k_fresh;
}

/// docker-registry tells that an image has come a moment before it moves the tag there.
std::optional<std::string> DeliveryRound::find_digest(const RefWork& work, const ImageReference& image) {
  const auto ask = [&] {
    return m_images.digest_at_registry(image.text(), engine::registry_login(image.registry(), m_place.environment));
  };
  try {
    auto digest = ask();
    for (const Milliseconds pause : k_pauses_for_tag) {
      if (digest == work.hint || !is_fresh(work) || m_end.stop_requested()) {
        break;
      }
      sleep_unless(m_end, pause);
      digest = ask();
    }
    return digest;
  } catch (const Error& error) {
    m_away.emplace(work.source, error.message());
    throw;
  }
}

DeliveryRound::RefOutcome DeliveryRound::ask_for_image(const RefWork& work, const SourceSettings& source,
                                                       const Destination& destination, const std::string& name,
                                                       const std::string& pinned) {
  const Principal who = principal_of(source);
  const std::string what = fmt::format("'{}' is {} now", name, pinned.substr(pinned.rfind('@') + 1, k_quoted_digest));
  const auto last = m_store.history.last_asked_by(m_app, who.text(), name);
  if (last && last->event.artifact == pinned) {
    return asked_already(what, *last);
  }
  Event event = event_of_image(m_app, name, pinned, work.at);
  event.trigger = Trigger::registry;
  return queue(who, {.event = std::move(event), .destination = destination}, what);
}

Principal DeliveryRound::principal_of(const SourceSettings& source) const {
  return {.kind = Principal::Kind::source, .name = source.name, .grants = {{.app = m_app, .verbs = {Verb::deploy}}}};
}

/// Why the commit is not to be deployed, though its ref is.
std::optional<std::string> DeliveryRound::why_not(const RefWork& work, const SourceSettings& source,
                                                  const git::Repository& repository, const std::string& commit,
                                                  const std::string& who) const {
  if (asks_to_be_skipped(repository.message(commit))) {
    return "its message says to skip it";
  }
  const auto sound = m_store.history.last_sound_by(m_app, who, work.ref);
  const auto counts = [&](std::string_view path) {
    return std::any_of(source.paths.begin(), source.paths.end(),
                       [&](const std::string& pattern) { return matches_glob(pattern, path); });
  };
  if (!source.paths.empty() && sound && !repository.has_change(sound->event.new_commit, commit, counts)) {
    return fmt::format("since {} nothing changed of: {}", short_commit(sound->event.new_commit),
                       join(source.paths, ", "));
  }
  return std::nullopt;
}

DeliveryRound::RefOutcome DeliveryRound::ask_for(const RefWork& work, const SourceSettings& source,
                                                 const Destination& destination, const ResolvedRef& found) {
  const Principal who = principal_of(source);
  const auto repository = git::Repository::open(found.repository);
  const std::string what =
      fmt::format("'{}' is {} now", printable(short_ref(work.ref)), short_commit(found.commit->id));
  const auto last = m_store.history.last_asked_by(m_app, who.text(), work.ref);
  const bool is_once_more = source.redeploy && last && last->event.at != work.at; // else a killed worker asked for it
  if (last && last->event.new_commit == found.commit->id && !is_once_more) {
    return asked_already(what, *last);
  }
  if (!last && source.kind == SourceSettings::Kind::poll) {
    if (const auto there = there_already(found.commit->id)) {
      return asked_already(what, *there);
    }
  }
  if (last && work.ref.starts_with("refs/tags/") && m_settings.moved_tags == AppSettings::MovedTags::keep) {
    return {DeliveryStatus::refused, what + ": it was moved, and moved_tags is keep"};
  }
  if (const auto why = why_not(work, source, repository, found.commit->id, who.text())) {
    return {DeliveryStatus::refused, fmt::format("{}: {}", what, *why)};
  }
  const bool is_forced = last && !repository.descends(found.commit->id, last->event.new_commit);
  return queue(who,
               {.event = {.app = m_app,
                          .trigger = trigger_of(source.kind),
                          .repository = found.repository.string(),
                          .ref = work.ref,
                          .old_commit = last ? last->event.new_commit : "",
                          .new_commit = found.commit->id,
                          .subject = found.commit->subject,
                          .at = work.at},
                .destination = destination},
               what + (is_forced ? ", forced there" : ""));
}

/// What the first look of a poll finds may have come by another door, and be what runs.
std::optional<Deployment> DeliveryRound::there_already(const std::string& commit) const {
  if (auto asked = m_store.history.last_asked(m_app); asked && asked->event.new_commit == commit) {
    return asked;
  }
  const auto live = m_store.traffic.live(m_app);
  return live && live->commit == commit ? m_store.history.deployment(live->deployment) : std::nullopt;
}

DeliveryRound::RefOutcome DeliveryRound::asked_already(const std::string& what, const Deployment& last) {
  return {DeliveryStatus::done, fmt::format("{}: it was asked for already, by deployment {}", what, last.id), last.id};
}

DeliveryRound::RefOutcome DeliveryRound::queue(const Principal& who, const Request& request, const std::string& what) {
  if (m_is_trial) {
    return {DeliveryStatus::done, fmt::format("{}: it would be deployed to {}", what, request.destination.text())};
  }
  const Submission submission =
      submit({m_place.home, m_place.environment, m_place.installation, m_store}, who, request);
  std::string text = fmt::format("{}: deployment {} to {}", what, submission.deployment.id, request.destination.text());
  if (submission.freeze) {
    text += fmt::format(", kept back: frozen by {}", submission.freeze->who);
  }
  if (submission.pause) {
    text += fmt::format(", which waits: paused by {}", submission.pause->who);
  }
  if (submission.runner_fault) {
    m_place.log.error(submission.runner_fault->message(), {{"app", m_app}});
  }
  return {DeliveryStatus::done, text, submission.deployment.id};
}

/// A delivery waits as long as one of its refs does; one that is asked for again then finds that it was.
Deliveries::Settled DeliveryRound::settled(const StoredDelivery& delivery) const {
  Deliveries::Settled result{.id = delivery.id, .status = DeliveryStatus::done, .outcome = {}};
  std::vector<std::string> texts;
  if (const auto found = m_outcomes.find(delivery.id); found != m_outcomes.end()) {
    for (const RefOutcome& outcome : found->second) {
      result.status = std::max(result.status, outcome.status);
      result.deployment = std::max(result.deployment, outcome.deployment);
      texts.push_back(outcome.text);
    }
  }
  result.outcome = join(texts, "; ");
  return result.status == DeliveryStatus::waiting ? later(delivery, result.outcome, m_place.clock.now()) : result;
}

Deliveries::Settled later(const StoredDelivery& delivery, const std::string& why, TimePoint now) {
  if (now - delivery.at > k_gives_up_after) {
    return {.id = delivery.id, .status = DeliveryStatus::failed, .outcome = why};
  }
  return {.id = delivery.id,
          .status = DeliveryStatus::waiting,
          .outcome = why,
          .next_try = now + backoff(delivery.attempts)};
}

} // namespace teal::serve
