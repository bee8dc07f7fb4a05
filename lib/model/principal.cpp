#include "model/principal.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace teal {

namespace {

constexpr std::array<std::pair<Verb, std::string_view>, 7> k_verbs{{{Verb::read, "read"},
                                                                    {Verb::logs, "logs"},
                                                                    {Verb::deploy, "deploy"},
                                                                    {Verb::switch_, "switch"},
                                                                    {Verb::rollback, "rollback"},
                                                                    {Verb::freeze, "freeze"},
                                                                    {Verb::manage, "manage"}}};

} // namespace

std::string_view to_string(Verb verb) noexcept {
  for (const auto& [value, name] : k_verbs) {
    if (value == verb) {
      return name;
    }
  }
  return "?";
}

std::optional<Verb> parse_verb(std::string_view text) noexcept {
  for (const auto& [value, name] : k_verbs) {
    if (name == text) {
      return value;
    }
  }
  return std::nullopt;
}

std::string Principal::text() const {
  switch (kind) {
  case Kind::ssh_key:
    return "key:" + name;
  case Kind::api_token:
    return "token:" + name;
  case Kind::source:
    return "source:" + name;
  case Kind::local_user:
    break;
  }
  return name;
}

Verdict may(const Principal& principal, std::string_view app, Verb verb) {
  const auto allows = [&](const Grant& grant) {
    return (grant.app == app || grant.app == Grant::k_any_app) && grant.verbs.contains(verb);
  };
  if (principal.kind == Principal::Kind::local_user ||
      std::any_of(principal.grants.begin(), principal.grants.end(), allows)) {
    return {.yes = true, .why = {}};
  }
  return {.yes = false,
          .why =
              fmt::format("{} may not '{}' app '{}': it was not granted that", principal.text(), to_string(verb), app)};
}

void require_may(const Principal& principal, std::string_view app, Verb verb) {
  if (const Verdict verdict = may(principal, app, verb); !verdict.yes) {
    throw Error(ErrorKind::usage, verdict.why);
  }
}

} // namespace teal
