/// @file
/// ImageSource: which pushed images one of an app's sources of kind `registry` waits for.
///
/// Invariant: which registry is asked, and for what, is what the settings say, never what a notification does; and what
/// tealhook itself pushes is never waited for, so that no deployment leads to the next one.
#pragma once

#include "config/settings.hpp"

#include <string>
#include <string_view>

namespace teal {

class ImageSource {
public:
  /// `ours`: the app's own image in our registry, "localhost:5000/shop".
  ImageSource(const SourceSettings& settings, const std::string& ours);

  /// Whether it waits for that tag of that repository, "team/shop" as the registry calls it.
  [[nodiscard]] bool counts(std::string_view repository, std::string_view tag) const;
  /// Without a tag: "localhost:5000/team/shop".
  [[nodiscard]] const std::string& image() const { return m_image; }

private:
  std::string m_image;
  std::string m_tags; ///< a glob
  bool m_is_ours;
};

} // namespace teal
