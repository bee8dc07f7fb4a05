#include "trigger/explanation.hpp"

#include "config/deploy_rules.hpp"
#include "config/load.hpp"
#include "core/error.hpp"
#include "core/glob.hpp"
#include "core/text.hpp"
#include "git/hook.hpp"
#include "model/principal.hpp"
#include "process/files.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal {

namespace {

constexpr std::string_view k_branches = "refs/heads/";

/// What keeps it from being deployed, though a rule would: the first that is found.
struct Veto {
  std::string why; ///< empty: none

  void put(std::string reason) {
    if (why.empty()) {
      why = std::move(reason);
    }
  }
};

void look_at_branch(const SourceSettings& source, std::string_view ref, Explanation& explanation, Veto& veto) {
  if (source.branch.empty() || !ref.starts_with(k_branches)) {
    return;
  }
  const bool matches = matches_glob(source.branch, ref.substr(k_branches.size()));
  explanation.looks.push_back({"branch of the source", matches ? "matches" : "differs",
                               fmt::format("the source takes '{}'", printable(source.branch))});
  if (!matches) {
    veto.put(fmt::format("'{}' is none of the branches '{}' of the source", printable(short_ref(ref)), source.branch));
  }
}

/// What counts in the end is what changed since the source's last deployment that ended well.
void look_at_paths(const SourceSettings& source, const webhook::Delivery& delivery, Explanation& explanation,
                   Veto& veto) {
  if (source.paths.empty()) {
    return;
  }
  const auto counts = [&](const std::string& path) {
    return std::any_of(source.paths.begin(), source.paths.end(),
                       [&](const std::string& pattern) { return matches_glob(pattern, path); });
  };
  const auto found = std::find_if(delivery.paths.begin(), delivery.paths.end(), counts);
  if (found != delivery.paths.end()) {
    explanation.looks.push_back({"paths", "match", fmt::format("'{}' was changed", printable(*found))});
  } else if (delivery.is_paths_complete) {
    const std::string why = fmt::format("nothing was changed of: {}", printable(join(source.paths, ", ")));
    explanation.looks.push_back({"paths", "differ", why});
    veto.put(why + ", unless something was since the last deployment");
  } else {
    explanation.looks.push_back({"paths", "not known", "the payload does not name all that was changed"});
  }
}

void look_at_wish(const std::string& message, Explanation& explanation, Veto& veto) {
  if (message.empty()) {
    explanation.looks.push_back({"[skip deploy]", "not known", "the payload has no message"});
  } else if (asks_to_be_skipped(message)) {
    explanation.looks.push_back({"[skip deploy]", "skips", "the commit's message says so"});
    veto.put("the commit's message says to skip it");
  } else {
    explanation.looks.push_back({"[skip deploy]", "no", "the commit's message does not say so"});
  }
}

void conclude(Explanation& explanation, const Veto& veto) {
  if (!veto.why.empty()) {
    explanation.destination.reset();
    explanation.outcome = "it would not be deployed: " + veto.why;
  } else if (explanation.destination) {
    explanation.outcome = fmt::format("it would be deployed to {}", explanation.destination->text());
  }
}

} // namespace

Explainer::Explainer(const Home& home, const Store& store, const std::string& app)
    : m_store(store), m_app(app), m_settings(load_app_settings(home, app)), m_rules(rules_of(m_settings)),
      m_has_router(load_server_settings(home).router.kind != ServerSettings::Router::Kind::none) {}

const SourceSettings& Explainer::source(std::string_view name) const {
  std::vector<std::string> names;
  for (const SourceSettings& source : m_settings.sources) {
    if (source.kind == SourceSettings::Kind::webhook) {
      if (source.name == name) {
        return source;
      }
      names.push_back(source.name);
    }
  }
  throw Error(ErrorKind::usage, fmt::format("'{}' has no webhook '{}' among its sources; {}", m_app, printable(name),
                                            names.empty() ? "it has none" : "there are: " + join(names, ", ")));
}

std::vector<Explanation> Explainer::explain(const Sent& sent) const {
  std::vector<Explanation> all;
  for (const webhook::Delivery& delivery : sent.forge.parse(sent.headers, sent.payload)) {
    all.push_back(explain(sent, delivery));
  }
  return all;
}

Explanation Explainer::explain(const Sent& sent, const webhook::Delivery& delivery) const {
  const std::string_view kind = to_string(delivery.kind);
  Explanation explanation{.what = delivery.ref.empty() ? std::string(kind)
                                                       : fmt::format("{} of {} at {}", kind, printable(delivery.ref),
                                                                     short_commit(delivery.new_commit)),
                          .looks = {},
                          .destination = {},
                          .outcome = {}};
  explanation.looks.push_back(
      sent.was_verified ? Look{"signature", "was right", "else it would not have been stored"}
                        : Look{"signature", "not checked", "of a file: what is delivered needs the secret's"});
  if (!webhook::is_request(delivery)) {
    const std::string why = webhook::why_no_request(delivery);
    explanation.looks.push_back({"kind", std::string(kind), why});
    explanation.outcome = "nothing would be deployed: " + why;
    return explanation;
  }
  explanation.looks.push_back({"kind", std::string(kind), "asks for a deployment"});
  Veto veto;
  look_at_branch(sent.source, delivery.ref, explanation, veto);
  look_at_rules(delivery.ref, {.destination = m_has_router ? Destination::live() : Destination::idle()}, explanation);
  look_at_paths(sent.source, delivery, explanation, veto);
  look_at_wish(delivery.message, explanation, veto);
  const Principal who{.kind = Principal::Kind::source, .name = sent.source.name, .grants = {}};
  const auto last = m_store.history.last_asked_by(m_app, who.text(), delivery.ref);
  if (last && last->event.new_commit == delivery.new_commit) {
    const std::string why = fmt::format("it was asked for already, by deployment {}", last->id);
    explanation.looks.push_back({"last asked for", "the same", why});
    veto.put(why);
  }
  look_at_app(explanation);
  conclude(explanation, veto);
  return explanation;
}

OwnDestination Explainer::own_destination(const Deployment& deployment) const {
  if (deployment.event.trigger != Trigger::push) {
    return {.destination = m_has_router ? Destination::live() : Destination::idle()};
  }
  OwnDestination own{.destination = deployment.destination, .is_fixed = true};
  if (files::is_folder(deployment.event.repository)) {
    if (const auto binding = git::read_binding(git::Repository::open(deployment.event.repository))) {
      own.destination = binding->destination;
    }
  }
  return own;
}

Explanation Explainer::explain(const Deployment& deployment) const {
  const Event& event = deployment.event;
  Explanation explanation{.what = fmt::format("{} of {} at {}, by {}", to_string(event.trigger), printable(event.ref),
                                              short_commit(event.new_commit), printable(event.who)),
                          .looks = {},
                          .destination = {},
                          .outcome = {}};
  Veto veto;
  const bool is_there = files::is_folder(event.repository) &&
                        git::Repository::open(event.repository).find_commit(event.new_commit).has_value();
  explanation.looks.push_back({"commit", is_there ? "is there" : "is gone", event.repository});
  if (!is_there) {
    veto.put("its commit is not there any more");
  }
  if (event.trigger == Trigger::cli || event.trigger == Trigger::api) {
    explanation.looks.push_back({"rules", "not asked", "it was asked for with where it is to go"});
    explanation.destination = deployment.destination;
  } else {
    look_at_rules(event.ref, own_destination(deployment), explanation);
  }
  look_at_app(explanation);
  conclude(explanation, veto);
  return explanation;
}

void Explainer::look_at_rules(std::string_view ref, const OwnDestination& own, Explanation& explanation) const {
  for (const RuleVerdict& verdict : judge(ref, m_rules, own)) {
    const std::string_view words = verdict.kind == RuleVerdict::Kind::decides   ? "decides"
                                   : verdict.kind == RuleVerdict::Kind::differs ? "differs"
                                                                                : "not asked";
    explanation.looks.push_back({verdict.rule, std::string(words), verdict.why});
  }
  const Decision decision = decide(ref, m_rules, own);
  explanation.destination = decision.destination;
  if (!decision.destination) {
    explanation.outcome = "it would not be deployed: " + decision.why;
  }
}

void Explainer::look_at_app(Explanation& explanation) const {
  if (const auto freeze = m_store.traffic.freeze(m_app)) {
    explanation.looks.push_back(
        {"app", "frozen", fmt::format("by {}: {}; it would be kept, and not deployed", freeze->who, freeze->why)});
  } else if (const auto pause = m_store.queue.find_pause(m_app)) {
    explanation.looks.push_back({"app", "paused", fmt::format("by {}; it would wait", pause->who)});
  } else {
    explanation.looks.push_back({"app", "takes it", ""});
  }
}

} // namespace teal
