/// @file
/// Principal: who asks, and what they may. Every verb is asked for in one place, may(), whatever door it came through.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

enum class Verb { read, logs, deploy, switch_, rollback, freeze, manage };

[[nodiscard]] std::string_view to_string(Verb verb) noexcept;
[[nodiscard]] std::optional<Verb> parse_verb(std::string_view text) noexcept;

struct Grant {
  static constexpr std::string_view k_any_app = "*";

  std::string app; ///< or k_any_app
  std::set<Verb> verbs;
};

struct Principal {
  enum class Kind { local_user, ssh_key, api_token, source };

  Kind kind = Kind::local_user;
  std::string name;
  std::vector<Grant> grants; ///< of a key, a token or a source; a local user needs none

  /// As it is recorded: "anna", "key:anna-laptop", "token:ci", "source:hub".
  [[nodiscard]] std::string text() const;
};

struct Verdict {
  bool yes = false;
  std::string why; ///< not: in words; empty if yes
};

/// Whoever has a shell in the home may do all there; keys, tokens and sources what was granted to them.
[[nodiscard]] Verdict may(const Principal& principal, std::string_view app, Verb verb);
/// Throws Error(usage) with why not.
void require_may(const Principal& principal, std::string_view app, Verb verb);

} // namespace teal
