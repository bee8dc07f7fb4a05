/// @file
/// What `docker push` prints.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace teal::engine {

/// The manifest's digest in the line "TAG: digest: sha256:… size: N", or nothing if there is no such line.
[[nodiscard]] std::optional<std::string> find_digest(std::string_view output, std::string_view tag);

/// How far a push is. Without a terminal docker tells of whole layers alone, and of no bytes.
class PushProgress {
public:
  /// Output as it comes, in pieces of any size.
  void feed(std::string_view chunk);
  /// "3 of 7 layers"; empty before any is known.
  [[nodiscard]] std::string text() const;

private:
  std::string m_rest;                   ///< of a line that has not ended
  std::map<std::string, bool> m_layers; ///< whether each is there
};

} // namespace teal::engine
