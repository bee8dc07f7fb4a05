/// @file
/// What the engine says while it pushes an image by one tag: a JSON object a line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace teal::engine {

class PushOutput {
public:
  explicit PushOutput(std::string tag) : m_tag(std::move(tag)) {}

  /// Output as it comes, in pieces of any size. Throws Error(environment) on what is not that.
  void feed(std::string_view chunk);

  /// How far it is: "3 of 7 layers"; empty before any is known.
  [[nodiscard]] std::string text() const;
  /// The digest of the tag's manifest, "sha256:…"; empty where it has not been said.
  [[nodiscard]] const std::string& digest() const { return m_digest; }
  /// Why it failed; empty if it did not.
  [[nodiscard]] const std::string& fault() const { return m_fault; }

private:
  void read_line(std::string_view line);

  std::string m_tag;
  std::string m_rest;                                ///< of a line that has not ended
  std::map<std::string, bool, std::less<>> m_layers; ///< whether each is there
  std::string m_digest;
  std::string m_fault;
};

} // namespace teal::engine
