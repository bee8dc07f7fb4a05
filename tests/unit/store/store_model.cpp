#include "store_model.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>

namespace teal {

namespace {

std::string text(TimePoint time) {
  return std::to_string(time.time_since_epoch().count());
}

std::string text(const std::optional<TimePoint>& time) {
  return time ? text(*time) : "-";
}

std::string text(std::int64_t number) {
  return std::to_string(number);
}

std::string text(const Deployment& d) {
  const Event& e = d.event;
  std::string steps;
  for (const Step& step : d.steps) {
    steps += fmt::format(" {}:{}:{}:{}:{}", to_string(step.name), to_string(step.status), text(step.started),
                         step.duration.count(), step.fact);
  }
  return fmt::format("{} {} on:{} {} from:{} release:{} {} {} {} attempts:{} {}ms {}B '{}' "
                     "due:{} retry:{} of:{} [{} {} {} {} {} {} {} {} {} {}]{}",
                     d.id, d.destination.text(), d.color ? to_string(*d.color) : "-", to_string(d.status),
                     d.from_release, d.release, text(d.created), text(d.started), text(d.finished), d.attempts,
                     d.engine_time.count(), d.peak_memory, d.outcome, text(d.due), d.retry, d.retry_of, e.id, e.app,
                     to_string(e.trigger), e.repository, e.ref, e.old_commit, e.new_commit, e.subject, e.who,
                     text(e.at), steps);
}

std::string text(const Release& r) {
  return fmt::format("{} {} {} {} {} {} {} {}", r.id, r.app, r.commit, r.subject, r.target, r.identity, r.artifact,
                     text(r.created));
}

std::string text(const ReleaseSettings& s) {
  return fmt::format("{} {} {}", s.settings, s.pushed.value_or("-"), s.env);
}

/// Without its id, which nothing refers to.
std::string text(const Live& l) {
  return fmt::format("{} {} release:{} deployment:{} {} {} {}", l.app, to_string(l.color), l.release, l.deployment,
                     l.commit, l.who, text(l.at));
}

std::string text(const Freeze& f) {
  return fmt::format("{} {} {} {}", f.app, f.who, f.why, text(f.at));
}

std::string text(const Pause& p) {
  return fmt::format("{} {} {}", p.app, p.who, text(p.at));
}

template <class Item>
std::string text(const std::optional<Item>& item) {
  return item ? text(*item) : "-";
}

std::string text(const std::string& word) {
  return word;
}

/// Lines of what was asked and answered.
class Answers {
public:
  template <class Answer>
  void add(std::string_view question, const Answer& answer) {
    m_text += fmt::format("{}: {}\n", question, text(answer));
  }
  template <class Item>
  void add(std::string_view question, const std::vector<Item>& items) {
    m_text += fmt::format("{}:\n", question);
    for (const Item& item : items) {
      m_text += fmt::format("  {}\n", text(item));
    }
  }
  [[nodiscard]] const std::string& all() const { return m_text; }

private:
  std::string m_text;
};

template <class Item>
std::optional<Item> first_of(const std::vector<Item>& items, const std::function<bool(const Item&)>& condition) {
  const auto found = std::find_if(items.begin(), items.end(), condition);
  return found == items.end() ? std::nullopt : std::optional(*found);
}

bool is_same_place(const Deployment& one, const Deployment& two) {
  return one.event.app == two.event.app && one.destination == two.destination;
}

bool is_at_work(const Deployment& deployment) {
  return deployment.status == Status::running ||
         std::any_of(deployment.steps.begin(), deployment.steps.end(),
                     [](const Step& step) { return step.status == StepStatus::running; });
}

Step* find_step(Deployment& deployment, StepName name) {
  const auto step =
      std::find_if(deployment.steps.begin(), deployment.steps.end(), [&](const Step& one) { return one.name == name; });
  return step == deployment.steps.end() ? nullptr : &*step;
}

} // namespace

const std::vector<std::string>& StoreModel::apps() {
  static const std::vector<std::string> s_apps{"blog", "shop"};
  return s_apps;
}

void StoreModel::enqueue(const Event& event, const Destination& destination, std::int64_t release, TimePoint now) {
  Deployment deployment{.id = ++m_last_deployment,
                        .event = event,
                        .destination = destination,
                        .from_release = release != 0,
                        .release = release,
                        .created = now};
  deployment.event.id = ++m_last_event;
  m_deployments.emplace(deployment.id, deployment);
  if (const auto freeze = m_freezes.find(event.app); freeze != m_freezes.end() && !deployment.from_release) {
    cancel_waiting(freeze->second, now);
    return;
  }
  for (auto& [id, older] : m_deployments) {
    if (id < deployment.id && older.status == Status::queued && is_same_place(older, deployment)) {
      older.status = Status::superseded;
      older.finished = now;
      older.outcome = fmt::format("superseded by deployment {}", deployment.id);
    }
  }
}

void StoreModel::cancel_waiting(const Freeze& freeze, TimePoint now) {
  for (auto& [id, waiting] : m_deployments) {
    if (waiting.event.app == freeze.app && waiting.status == Status::queued && !waiting.from_release) {
      waiting.status = Status::cancelled;
      waiting.finished = now;
      waiting.outcome = fmt::format("frozen by {}: {}", freeze.who, freeze.why);
    }
  }
}

void StoreModel::begin(std::int64_t deployment, Color color, TimePoint now) {
  Deployment& found = m_deployments.at(deployment);
  if (found.status == Status::queued && !m_pauses.contains(found.event.app)) {
    found.color = color;
    found.status = Status::running;
    found.started = now;
    found.attempts = 1;
  }
}

void StoreModel::begin_again(std::int64_t deployment) {
  ++m_deployments.at(deployment).attempts;
  m_deployments.at(deployment).steps.clear();
}

void StoreModel::begin_step(std::int64_t deployment, StepName step, TimePoint now) {
  auto& steps = m_deployments.at(deployment).steps;
  const Step begun{.name = step, .status = StepStatus::running, .started = now, .duration = {}, .fact = {}};
  if (Step* earlier = find_step(m_deployments.at(deployment), step)) {
    *earlier = begun;
  } else {
    steps.push_back(begun);
  }
}

void StoreModel::end_step(std::int64_t deployment, StepName step, StepStatus status, Milliseconds duration,
                          const std::string& fact) {
  Step& ended = *find_step(m_deployments.at(deployment), step);
  ended.status = status;
  ended.duration = duration;
  ended.fact = fact;
}

void StoreModel::add_release(std::int64_t deployment, const Release& release) {
  const auto same = std::find_if(m_releases.begin(), m_releases.end(), [&](const auto& one) {
    return one.second.app == release.app && one.second.identity == release.identity;
  });
  ++m_last_release; // one that is there already skips it
  const std::int64_t id = same == m_releases.end() ? m_last_release : same->first;
  Release added = release;
  added.id = id;
  added.artifact = same == m_releases.end() ? "" : same->second.artifact;
  for (const auto& [other, earlier] : m_releases) {
    if (earlier.app == release.app && earlier.created >= added.created) {
      added.created = earlier.created + Milliseconds(1); // whatever the clock says, it is the newest
    }
  }
  m_releases[id] = added;
  m_deployments.at(deployment).release = id;
}

void StoreModel::publish_release(std::int64_t release, const std::string& artifact) {
  m_releases.at(release).artifact = artifact;
}

void StoreModel::keep_settings(std::int64_t release, const ReleaseSettings& settings) {
  m_settings[release] = settings;
}

void StoreModel::finish(std::int64_t deployment, Status status, const Queue::Outcome& outcome, TimePoint now) {
  Deployment& found = m_deployments.at(deployment);
  found.status = status;
  found.finished = now;
  found.outcome = outcome.text;
  found.engine_time = outcome.engine_time;
  found.peak_memory = outcome.peak_memory;
  for (Step& step : found.steps) {
    if (step.status == StepStatus::running) {
      step.status = StepStatus::failed;
      step.duration = std::max(Milliseconds(0), now - step.started);
    }
  }
}

void StoreModel::fail_for_now(std::int64_t deployment, const Queue::Outcome& outcome, Milliseconds pause,
                              TimePoint now) {
  finish(deployment, Status::failed, outcome, now);
  const Deployment& failed = m_deployments.at(deployment);
  const bool has_newer = std::any_of(m_deployments.begin(), m_deployments.end(), [&](const auto& one) {
    return one.first > deployment && is_same_place(one.second, failed);
  });
  if (has_newer || m_freezes.contains(failed.event.app)) {
    return;
  }
  Deployment again{.id = ++m_last_deployment,
                   .event = failed.event,
                   .destination = failed.destination,
                   .created = now,
                   .outcome = {},
                   .due = now + pause,
                   .retry = failed.retry + 1,
                   .retry_of = deployment};
  m_deployments.emplace(again.id, again);
}

void StoreModel::pause(const Pause& pause, TimePoint now) {
  m_pauses.try_emplace(pause.app, Pause{.app = pause.app, .who = pause.who, .at = now});
}

void StoreModel::resume(const std::string& app) {
  m_pauses.erase(app);
}

void StoreModel::forget_release(std::int64_t release) {
  m_releases.erase(release);
  m_settings.erase(release);
  for (auto& [id, deployment] : m_deployments) {
    deployment.release = deployment.release == release ? 0 : deployment.release;
  }
}

void StoreModel::forget_app(const std::string& app) {
  std::erase_if(m_deployments, [&](const auto& one) { return one.second.event.app == app; });
  for (const Release& release : kept(app)) {
    forget_release(release.id);
  }
  std::erase_if(m_live, [&](const Live& one) { return one.app == app; });
  m_freezes.erase(app);
  m_pauses.erase(app);
}

void StoreModel::move(const Live& live, TimePoint now) {
  m_live.push_back(live);
  m_live.back().at = now;
}

void StoreModel::set_freeze(const Freeze& freeze, TimePoint now) {
  m_freezes[freeze.app] = freeze;
  m_freezes[freeze.app].at = now;
  cancel_waiting(freeze, now);
}

void StoreModel::remove_freeze(const std::string& app) {
  m_freezes.erase(app);
}

bool StoreModel::is_running(std::int64_t deployment) const {
  return m_deployments.at(deployment).status == Status::running;
}

bool StoreModel::is_at(std::int64_t deployment, StepName step) const {
  const auto& steps = m_deployments.at(deployment).steps;
  return std::any_of(steps.begin(), steps.end(),
                     [&](const Step& one) { return one.name == step && one.status == StepStatus::running; });
}

std::vector<Deployment> StoreModel::newest_first(const std::string& app) const {
  std::vector<Deployment> found;
  for (auto one = m_deployments.rbegin(); one != m_deployments.rend(); ++one) {
    if (one->second.event.app == app) {
      found.push_back(one->second);
    }
  }
  return found;
}

std::vector<Release> StoreModel::kept(const std::string& app) const {
  std::vector<Release> found;
  for (const auto& [id, release] : m_releases) {
    if (release.app == app) {
      found.push_back(release);
    }
  }
  std::sort(found.begin(), found.end(), [](const Release& one, const Release& two) {
    return one.created != two.created ? one.created > two.created : one.id > two.id;
  });
  return found;
}

std::string StoreModel::everything_of(const std::string& app, TimePoint now) const {
  Answers answers;
  const auto all = newest_first(app);
  const std::vector oldest_first(all.rbegin(), all.rend());
  const auto add_first = [&](std::string_view question, const std::vector<Deployment>& from,
                             const std::function<bool(const Deployment&)>& condition) {
    answers.add(question, first_of(from, condition));
  };
  answers.add("deployments", all);
  const bool is_paused = m_pauses.contains(app);
  add_first("next", oldest_first, [&](const Deployment& one) {
    const bool is_due = !one.due || *one.due <= now || *one.due > now + Queue::k_longest_wait;
    return one.status == Status::queued && is_due && !is_paused;
  });
  std::vector<Deployment> unfinished;
  std::copy_if(oldest_first.begin(), oldest_first.end(), std::back_inserter(unfinished), is_at_work);
  answers.add("unfinished", unfinished);
  add_first("latest", all, [](const Deployment&) { return true; });
  for (const Color color : k_colors) {
    add_first("latest of color", all,
              [&](const Deployment& one) { return one.color == color || (!one.color && one.destination == color); });
    add_first("current", all, [&](const Deployment& one) { return one.color == color && is_success(one.status); });
  }
  for (const Deployment& one : all) {
    answers.add("is superseded", std::int64_t{std::any_of(all.begin(), all.end(), [&](const Deployment& newer) {
                  return newer.id > one.id && newer.status == Status::queued && is_same_place(one, newer);
                })});
  }
  answers.add("releases", kept(app));
  for (const Release& release : kept(app)) {
    const auto has = [&](const std::function<bool(Status)>& condition) {
      return std::int64_t{std::any_of(all.begin(), all.end(), [&](const Deployment& one) {
        return one.release == release.id && condition(one.status);
      })};
    };
    answers.add("has succeeded", has(is_success));
    answers.add("is awaited", has([](Status status) { return !is_final(status); }));
    const auto settings = m_settings.find(release.id);
    answers.add("settings", settings == m_settings.end() ? std::nullopt : std::optional(settings->second));
  }
  std::vector<Live> live;
  std::copy_if(m_live.rbegin(), m_live.rend(), std::back_inserter(live),
               [&](const Live& one) { return one.app == app; });
  answers.add("live", live);
  const auto freeze = m_freezes.find(app);
  answers.add("freeze", freeze == m_freezes.end() ? std::nullopt : std::optional(freeze->second));
  const auto pause = m_pauses.find(app);
  answers.add("pause", pause == m_pauses.end() ? std::nullopt : std::optional(pause->second));
  return answers.all();
}

std::string StoreModel::everything(TimePoint now) const {
  std::string all;
  Answers answers;
  std::vector<std::string> with_work;
  for (const std::string& app : apps()) {
    all += everything_of(app, now);
    const auto deployments = newest_first(app);
    if (std::any_of(deployments.begin(), deployments.end(), [&](const Deployment& one) {
          return is_at_work(one) || (one.status == Status::queued && !m_pauses.contains(app));
        })) {
      with_work.push_back(app);
    }
  }
  answers.add("apps with work", with_work);
  return all + answers.all();
}

std::string everything(const Store& store) {
  constexpr std::size_t k_all = 10'000;
  Answers answers;
  for (const std::string& app : StoreModel::apps()) {
    const auto all = store.history.deployments(app, k_all);
    answers.add("deployments", all);
    answers.add("next", store.queue.next(app));
    answers.add("unfinished", store.queue.unfinished(app));
    answers.add("latest", store.history.latest(app));
    for (const Color color : k_colors) {
      answers.add("latest of color", store.history.latest(app, color));
      answers.add("current", store.history.current(app, color));
    }
    for (const Deployment& one : all) {
      answers.add("is superseded", std::int64_t{store.queue.is_superseded(one)});
    }
    answers.add("releases", store.history.releases(app));
    for (const Release& release : store.history.releases(app)) {
      answers.add("has succeeded", std::int64_t{store.history.has_succeeded(release.id)});
      answers.add("is awaited", std::int64_t{store.queue.is_awaited(release.id)});
      answers.add("settings", store.history.release_settings(release.id));
    }
    answers.add("live", store.traffic.history(app, k_all));
    answers.add("freeze", store.traffic.freeze(app));
    answers.add("pause", store.queue.find_pause(app));
  }
  answers.add("apps with work", store.queue.apps_with_work());
  return answers.all();
}

} // namespace teal
