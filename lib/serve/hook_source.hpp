/// @file
/// HookSource: one that delivers by HTTP; and HookSources, whoever knows which there are.
#pragma once

#include "trigger/webhook.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace teal::serve {

struct HookSource {
  std::string app;
  std::string name;
  const webhook::Forge* forge = nullptr;
  webhook::Secrets secrets;
  /// Whether it waits for that; a registry tells all that is pushed to it.
  std::function<bool(const webhook::Delivery&)> counts = [](const webhook::Delivery&) { return true; };
};

class HookSources {
public:
  virtual ~HookSources() = default;

  /// Null if there is none, whatever the names are. From any thread.
  [[nodiscard]] virtual std::shared_ptr<const HookSource> find(std::string_view app, std::string_view source) = 0;
};

} // namespace teal::serve
