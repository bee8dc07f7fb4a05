/// @file
/// Explainer: what would become of a delivery or an event by the settings as they are now, and why. Nothing is fetched,
/// asked for or stored: what a payload says of its commit is believed here, and looked up where it counts.
#pragma once

#include "config/settings.hpp"
#include "model/explanation.hpp"
#include "model/home.hpp"
#include "model/rule.hpp"
#include "store/store.hpp"
#include "trigger/webhook.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace teal {

class Explainer {
public:
  /// `store` must outlive it. Throws Error(settings) if there is no such app, or its settings are wrong.
  Explainer(const Home& home, const Store& store, const std::string& app);

  /// One of the app's webhooks. Throws Error(usage) if there is none of that name, naming those there are.
  [[nodiscard]] const SourceSettings& source(std::string_view name) const;

  struct Sent {
    const SourceSettings& source;
    const webhook::Forge& forge;
    const http::HeaderList& headers;
    std::string_view payload;
    bool was_verified = false; ///< before it was stored; else nobody looked at its signature
  };
  /// Of each ref of it. Throws Error(usage) where the forge's form is not kept.
  [[nodiscard]] std::vector<Explanation> explain(const Sent& sent) const;
  /// Of an event, by the newest deployment that came of it.
  [[nodiscard]] Explanation explain(const Deployment& deployment) const;

private:
  using Look = Explanation::Look;

  [[nodiscard]] Explanation explain(const Sent& sent, const webhook::Delivery& delivery) const;
  [[nodiscard]] OwnDestination own_destination(const Deployment& deployment) const;
  void look_at_rules(std::string_view ref, const OwnDestination& own, Explanation& explanation) const;
  void look_at_app(Explanation& explanation) const;

  const Store& m_store;
  std::string m_app;
  AppSettings m_settings;
  std::vector<Rule> m_rules;
  bool m_has_router;
};

} // namespace teal
