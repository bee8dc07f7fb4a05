/// @file
/// Principal: who asks, and what they may. Every verb is asked for in one place, may(), whatever door it came through.
#pragma once

#include "model/origin.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

/// read: status, history, plan, queue and git fetch. push: to any of the app's own repositories, and to deploy what was
/// built elsewhere. deploy: what is there already, and to cancel it. manage: the app itself, its settings and its
/// audit.
enum class Verb { read, logs, push, deploy, switch_, rollback, freeze, manage };

[[nodiscard]] std::string_view to_string(Verb verb) noexcept;
[[nodiscard]] std::optional<Verb> parse_verb(std::string_view text) noexcept;
/// Of "push,logs,rollback". Throws Error(usage), naming those there are.
[[nodiscard]] std::set<Verb> parse_verbs(std::string_view text);
/// "logs, push, rollback".
[[nodiscard]] std::string describe(const std::set<Verb>& verbs);

struct Grant {
  static constexpr std::string_view k_any_app = "*";

  std::string app; ///< its name, or a pattern (see core/glob): "web-*", k_any_app
  std::set<Verb> verbs;

  bool operator==(const Grant&) const = default;
};

/// Throws Error(usage) unless `text` is an app's name, or a pattern of '*' and '?' beside the characters of such names.
void require_app_pattern(std::string_view text);
[[nodiscard]] bool is_app_pattern(std::string_view text) noexcept;

struct Principal {
  enum class Kind { local_user, ssh_key, api_token, source };

  Kind kind = Kind::local_user;
  std::string name;
  std::vector<Grant> grants; ///< of a key, a token or a source; a local user needs none
  Origin origin = {};

  /// As it is recorded: "anna", "key:anna-laptop", "token:ci", "source:hub".
  [[nodiscard]] std::string text() const;
};

struct Verdict {
  bool yes = false;
  std::string why; ///< not: in words; empty if yes
};

/// Whoever has a shell in the home may do all there; keys, tokens and sources what was granted to them. To be asked by
/// store/permission.hpp, which puts on record what is refused, or for what is left out of a list.
[[nodiscard]] Verdict may(const Principal& principal, std::string_view app, Verb verb);

/// Throws Error(usage) unless `name` can be a key's or a token's: 1 to 40 of letters, digits, '.', '_' and '-', a
/// letter or digit first. It is a word to every shell.
void require_principal_name(std::string_view name);

} // namespace teal
