/// @file
/// Settings of an app that makes no deployment by itself: what a test did not ask for is none of its business.
#pragma once

#include <string>
#include <string_view>

namespace teal {

/// `yaml`, the keys of an app.yml, with deploy.retries: 0, unless it says how often.
inline std::string without_retries(std::string_view yaml) {
  constexpr std::string_view k_deploy = "\ndeploy: {";
  std::string text = "\n" + std::string(yaml);
  if (text.find("retries:") == std::string::npos) {
    const auto at = text.find(k_deploy);
    if (at == std::string::npos) {
      text.insert(0, "\ndeploy: {retries: 0}");
    } else {
      text.insert(at + k_deploy.size(), "retries: 0, ");
    }
  }
  return text.substr(1);
}

} // namespace teal
