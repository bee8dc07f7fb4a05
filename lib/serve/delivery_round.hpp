/// @file
/// DeliveryRound: deliveries of one app, resolved at their sources and asked for as deployments.
#pragma once

#include "config/deploy_rules.hpp"
#include "config/settings.hpp"
#include "engine/engine.hpp"
#include "engine/images.hpp"
#include "git/repository.hpp"
#include "model/home.hpp"
#include "model/image_reference.hpp"
#include "process/installation.hpp"
#include "process/subprocess.hpp"
#include "request/submission.hpp"
#include "serve/log.hpp"
#include "serve/metrics.hpp"
#include "store/store.hpp"
#include "trigger/source.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace teal::serve {

struct DeliveryPlace {
  Home home;
  Environment environment;
  Installation installation;
  const Clock& clock;
  const Log& log;
  Metrics& metrics;
};

/// One round of an app's deliveries, with the settings as they are now.
class DeliveryRound {
public:
  /// A trial asks for nothing. Throws Error(settings).
  DeliveryRound(const DeliveryPlace& place, Store& store, const std::string& app, const std::stop_token& end,
                bool is_trial = false);

  /// What is to be written down of each. Those that were not reached when the end was asked for are not among them.
  std::vector<Deliveries::Settled> work(const std::vector<StoredDelivery>& due);

private:
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
  [[nodiscard]] static RefOutcome asked_already(const std::string& what, const Deployment& last);
  [[nodiscard]] RefOutcome queue(const Principal& who, const Request& request, const std::string& what);
  [[nodiscard]] OwnDestination own_destination() const;
  [[nodiscard]] Principal principal_of(const SourceSettings& source) const;
  [[nodiscard]] std::optional<Deployment> there_already(const std::string& commit) const;
  [[nodiscard]] std::optional<std::string> why_not(const RefWork& work, const SourceSettings& source,
                                                   const git::Repository& repository, const std::string& commit,
                                                   const std::string& who) const;
  [[nodiscard]] Deliveries::Settled settled(const StoredDelivery& delivery) const;

  const DeliveryPlace& m_place;
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

/// One that is tried again, unless that was done for too long.
[[nodiscard]] Deliveries::Settled later(const StoredDelivery& delivery, const std::string& why, TimePoint now);

} // namespace teal::serve
