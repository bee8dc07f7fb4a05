#include "serve/delivery_work.hpp"

#include "config/deploy_rules.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "core/glob.hpp"
#include "core/text.hpp"
#include "engine/images.hpp"
#include "engine/registry_login.hpp"
#include "git/repository.hpp"
#include "model/event_id.hpp"
#include "model/image_reference.hpp"
#include "process/file_lock.hpp"
#include "process/files.hpp"
#include "request/forgetting.hpp"
#include "request/submission.hpp"
#include "serve/source_book.hpp"
#include "target/services.hpp"
#include "trigger/by_hand.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace teal::serve {

namespace {

constexpr std::size_t k_at_once = 256;
constexpr std::size_t k_quoted_digest = 19;               ///< "sha256:" and 12 digits
constexpr Milliseconds k_fresh = std::chrono::minutes(1); ///< of a pushed image, whose tag may be yet to come
constexpr std::array k_pauses_for_tag{Milliseconds(50), Milliseconds(200), Milliseconds(800)};
constexpr Milliseconds k_first_pause = std::chrono::seconds(5);
constexpr Milliseconds k_pause_without_store = std::chrono::seconds(30);
constexpr Milliseconds k_gives_up_after = std::chrono::hours(72);

/// What came of one ref of a delivery, or of all of it.
struct RefOutcome {
  DeliveryStatus status = DeliveryStatus::done;
  std::string text;
  std::int64_t deployment = 0; ///< see StoredDelivery
};

/// What of the due deliveries is about one ref of one source.
struct RefWork {
  std::string source;
  std::string ref;
  std::string hint;                ///< the newest one's commit
  TimePoint at;                    ///< when that came
  std::vector<std::int64_t> asked; ///< by these deliveries
};

RefOutcome asked_already(const std::string& what, const Deployment& last) {
  return {DeliveryStatus::done, fmt::format("{}: it was asked for already, by deployment {}", what, last.id), last.id};
}

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

/// One that is tried again, unless that was done for too long.
Deliveries::Settled later(const StoredDelivery& delivery, const std::string& why, TimePoint now) {
  if (now - delivery.at > k_gives_up_after) {
    return {.id = delivery.id, .status = DeliveryStatus::failed, .outcome = why};
  }
  return {.id = delivery.id,
          .status = DeliveryStatus::waiting,
          .outcome = why,
          .next_try = now + backoff(delivery.attempts)};
}

/// One round of an app's deliveries, with the settings as they are now.
class Round {
public:
  /// A trial asks for nothing.
  Round(const DeliveryWork::Place& place, Store& store, const std::string& app, const std::stop_token& end,
        bool is_trial = false)
      : m_place(place), m_store(store), m_app(app), m_folder(place.home.app(app)), m_end(end), m_is_trial(is_trial),
        m_settings(load_app_settings(place.home, app)), m_rules(rules_of(m_settings)),
        m_server(load_server_settings(place.home)),
        m_engine(engine_access(place.home, m_server.engine, place.environment), m_server.engine.timeout) {}

  /// What is to be written down of each. Those that were not reached when the end was asked for are not among them.
  std::vector<Deliveries::Settled> work(const std::vector<StoredDelivery>& due);

private:
  void add(const StoredDelivery& delivery);
  void add(const StoredDelivery& delivery, const AskedRef& asked);
  [[nodiscard]] const SourceSettings* find_source(const std::string& name) const;
  [[nodiscard]] RefOutcome try_ref(const RefWork& work);
  [[nodiscard]] RefOutcome resolve(const RefWork& work, const SourceSettings& source);
  [[nodiscard]] ResolvedRef find(const RefWork& work, const SourceSettings& source);
  [[nodiscard]] RefOutcome ask_for(const RefWork& work, const SourceSettings& source, const Destination& destination,
                                   const ResolvedRef& found);
  [[nodiscard]] RefOutcome resolve_image(const RefWork& work, const SourceSettings& source);
  [[nodiscard]] bool is_fresh(const RefWork& work) const;
  [[nodiscard]] std::optional<std::string> find_digest(const RefWork& work, const ImageReference& image);
  [[nodiscard]] RefOutcome ask_for_image(const RefWork& work, const SourceSettings& source,
                                         const Destination& destination, const std::string& name,
                                         const std::string& pinned);
  [[nodiscard]] RefOutcome queue(const Principal& who, const Request& request, const std::string& what);
  [[nodiscard]] OwnDestination own_destination() const;
  [[nodiscard]] Principal principal_of(const SourceSettings& source) const;
  [[nodiscard]] std::optional<Deployment> there_already(const std::string& commit) const;
  [[nodiscard]] std::optional<std::string> why_not(const RefWork& work, const SourceSettings& source,
                                                   const git::Repository& repository, const std::string& commit,
                                                   const std::string& who) const;
  [[nodiscard]] Deliveries::Settled settled(const StoredDelivery& delivery) const;

  const DeliveryWork::Place& m_place;
  Store& m_store;
  const std::string& m_app;
  AppFolder m_folder;
  const std::stop_token& m_end;
  bool m_is_trial;
  AppSettings m_settings;
  std::vector<Rule> m_rules;
  ServerSettings m_server;
  engine::Engine m_engine; ///< it is asked about images alone
  engine::Images m_images{m_engine};
  std::vector<RefWork> m_refs; ///< that of the newest delivery last
  std::map<std::int64_t, std::vector<RefOutcome>> m_outcomes;
  std::map<std::string, std::string> m_away; ///< sources, and why: asked again, each would keep the others waiting
};

std::vector<Deliveries::Settled> Round::work(const std::vector<StoredDelivery>& due) {
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

void Round::add(const StoredDelivery& delivery) {
  if (find_source(delivery.source) == nullptr) {
    m_outcomes[delivery.id].push_back(
        {DeliveryStatus::failed, fmt::format("there is no source '{}' in app.yml any more", delivery.source)});
    return;
  }
  for (const AskedRef& asked : delivery.refs) {
    add(delivery, asked);
  }
}

void Round::add(const StoredDelivery& delivery, const AskedRef& asked) {
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

const SourceSettings* Round::find_source(const std::string& name) const {
  const auto found = std::find_if(m_settings.sources.begin(), m_settings.sources.end(),
                                  [&](const auto& source) { return source.name == name; });
  return found == m_settings.sources.end() ? nullptr : &*found;
}

/// Whatever hinders it may pass or be mended.
RefOutcome Round::try_ref(const RefWork& work) {
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

ResolvedRef Round::find(const RefWork& work, const SourceSettings& source) {
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

RefOutcome Round::resolve(const RefWork& work, const SourceSettings& source) {
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

OwnDestination Round::own_destination() const {
  return {.destination =
              m_server.router.kind != ServerSettings::Router::Kind::none ? Destination::live() : Destination::idle()};
}

/// A rule of tags decides where one matches; what else the source waits for goes where it would go without rules.
RefOutcome Round::resolve_image(const RefWork& work, const SourceSettings& source) {
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

bool Round::is_fresh(const RefWork& work) const {
  return m_place.clock.now() - work.at < k_fresh;
}

/// docker-registry tells that an image has come a moment before it moves the tag there.
std::optional<std::string> Round::find_digest(const RefWork& work, const ImageReference& image) {
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

RefOutcome Round::ask_for_image(const RefWork& work, const SourceSettings& source, const Destination& destination,
                                const std::string& name, const std::string& pinned) {
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

Principal Round::principal_of(const SourceSettings& source) const {
  return {.kind = Principal::Kind::source, .name = source.name, .grants = {{.app = m_app, .verbs = {Verb::deploy}}}};
}

/// Why the commit is not to be deployed, though its ref is.
std::optional<std::string> Round::why_not(const RefWork& work, const SourceSettings& source,
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

RefOutcome Round::ask_for(const RefWork& work, const SourceSettings& source, const Destination& destination,
                          const ResolvedRef& found) {
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
std::optional<Deployment> Round::there_already(const std::string& commit) const {
  if (auto asked = m_store.history.last_asked(m_app); asked && asked->event.new_commit == commit) {
    return asked;
  }
  const auto live = m_store.traffic.live(m_app);
  return live && live->commit == commit ? m_store.history.deployment(live->deployment) : std::nullopt;
}

RefOutcome Round::queue(const Principal& who, const Request& request, const std::string& what) {
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
Deliveries::Settled Round::settled(const StoredDelivery& delivery) const {
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

/// Settings that are wrong are told by the round, and nothing is forgotten meanwhile.
void forget_old(const Home& home, Store& store, const std::string& app) try {
  forget_old_events(home, store, app);
} catch (const Error& error) {
  if (error.kind() != ErrorKind::settings) {
    throw;
  }
}

/// `count` of them, of which this is the first.
void tell(const Log& log, const StoredDelivery& delivery, const Deliveries::Settled& settled, std::size_t count) {
  const Log::Fields fields{{"app", delivery.app}, {"source", delivery.source}, {"event", delivery_id(delivery.id)}};
  const std::string text =
      settled.outcome + (count == 1 ? "" : fmt::format(" (and so of {} deliveries after it)", count - 1));
  if (settled.status == DeliveryStatus::failed) {
    log.error(text, fields);
  } else if (settled.status != DeliveryStatus::waiting) {
    log.info(text, fields);
  } else if (delivery.attempts == 0) { // and not again until it is over
    log.warn("is tried again: " + text, fields);
  }
}

/// Once for all that the same came of: a flood of deliveries is none of lines.
void tell_all(const Log& log, const std::vector<StoredDelivery>& due, const std::vector<Deliveries::Settled>& settled) {
  struct Told {
    const StoredDelivery* delivery;
    const Deliveries::Settled* settled;
    std::size_t count;
  };
  std::vector<Told> all;
  std::map<std::tuple<std::string_view, std::string_view, DeliveryStatus, bool>, std::size_t> known;
  auto delivery = due.begin();
  for (const Deliveries::Settled& one : settled) {
    delivery = std::find_if(delivery, due.end(), [&](const auto& each) { return each.id == one.id; });
    const auto [found, is_new] =
        known.try_emplace({delivery->source, one.outcome, one.status, delivery->attempts == 0}, all.size());
    if (is_new) {
      all.push_back({&*delivery, &one, 1});
    } else {
      ++all[found->second].count;
    }
  }
  for (const Told& one : all) {
    tell(log, *one.delivery, *one.settled, one.count);
  }
}

} // namespace

Milliseconds backoff(int attempts) {
  constexpr int k_most_doublings = 10;
  return std::min(Deliveries::k_longest_pause, k_first_pause * (1 << std::clamp(attempts, 0, k_most_doublings)));
}

std::optional<Milliseconds> DeliveryWork::work_off(const std::string& app, const std::stop_token& end) {
  try {
    const AppFolder folder = m_place.home.app(app);
    if (!files::exists(folder.root)) {
      return std::nullopt; // it was removed, with all that was delivered
    }
    const auto lock = FileLock::try_acquire(folder.delivery_lock());
    if (!lock) {
      return k_beside;
    }
    Store store(m_place.home.store(), m_place.clock);
    const bool is_more_due = work_off_due(store, app, end);
    note_hindrance(app, "");
    if (is_more_due) { // nobody looks through all of a backlog after each batch of it
      return Milliseconds(0);
    }
    forget_old(m_place.home, store, app);
    const TimePoint now = m_place.clock.now();
    const auto next = store.deliveries.next_due(app, now);
    return next ? std::optional(std::max(*next - now, Milliseconds(0))) : std::nullopt;
  } catch (const std::exception& error) {
    note_hindrance(app, error.what());
    return k_pause_without_store;
  }
}

Deliveries::Settled DeliveryWork::replay(Store& store, const StoredDelivery& delivery, bool is_trial) const {
  const std::stop_token end;
  return Round(m_place, store, delivery.app, end, is_trial).work({delivery}).front();
}

/// Told when it is another one than before: it may last.
void DeliveryWork::note_hindrance(const std::string& app, const std::string& what) {
  {
    const std::lock_guard guard(m_mutex);
    if (std::exchange(m_hindrances[app], what) == what) {
      return;
    }
  }
  if (!what.empty()) {
    m_place.log.error(
        fmt::format("deliveries wait, and are tried every {}: {}", format_duration(k_pause_without_store), what),
        {{"app", app}});
  }
}

/// A batch of them: what is left is due still, and other apps have waited longer then. Returns whether more may be.
bool DeliveryWork::work_off_due(Store& store, const std::string& app, const std::stop_token& end) const {
  const auto due = store.deliveries.due(app, m_place.clock.now(), k_at_once);
  if (due.empty()) {
    return false;
  }
  store.database.require_writable(); // what is fetched has to be queued then
  const auto settled = settle_all(store, app, due, end);
  store.deliveries.settle(settled);
  tell_all(m_place.log, due, settled);
  for (const Deliveries::Settled& one : settled) {
    if (one.status != DeliveryStatus::waiting) {
      m_place.metrics.count_delivery(one.status);
    }
  }
  return due.size() == k_at_once;
}

/// Settings that are wrong will be mended: all of it waits for that.
std::vector<Deliveries::Settled> DeliveryWork::settle_all(Store& store, const std::string& app,
                                                          const std::vector<StoredDelivery>& due,
                                                          const std::stop_token& end) const {
  std::optional<Round> round;
  try {
    round.emplace(m_place, store, app, end);
  } catch (const Error& error) {
    std::vector<Deliveries::Settled> settled;
    settled.reserve(due.size());
    for (const StoredDelivery& delivery : due) {
      settled.push_back(later(delivery, error.message(), m_place.clock.now()));
    }
    return settled;
  }
  return round->work(due);
}

} // namespace teal::serve
