/// @file
/// ImageReference: how an image is named: "localhost:5000/team/shop:1.2", "shop@sha256:…".
///
/// Invariant: it is of the grammar of such references (distribution/reference) and so a safe word: to the engine's
/// command line no option, in a URL no other path.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace teal {

struct ImageReference {
  std::string name;   ///< "localhost:5000/team/shop", "library/nginx"
  std::string tag;    ///< may be empty where there is a digest
  std::string digest; ///< "sha256:" and 64 hex digits; may be empty where there is a tag

  /// Nothing for what is no reference, or has neither tag nor digest: which image is meant would be a guess.
  [[nodiscard]] static std::optional<ImageReference> parse(std::string_view text);
  /// The same, but throws Error(usage) in words.
  [[nodiscard]] static ImageReference require(std::string_view text);

  /// As parse() reads it.
  [[nodiscard]] std::string text() const;
  /// The registry that has it: "localhost:5000", "docker.io".
  [[nodiscard]] std::string registry() const;
  /// Its name there: "team/shop".
  [[nodiscard]] std::string path() const;
};

/// Whether `text` is such a name, without tag and digest.
[[nodiscard]] bool is_image_name(std::string_view text);

} // namespace teal
