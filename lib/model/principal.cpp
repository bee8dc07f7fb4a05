#include "model/principal.hpp"

#include "core/error.hpp"
#include "core/glob.hpp"
#include "core/text.hpp"
#include "model/app.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace teal {

namespace {

constexpr std::size_t k_longest_name = 40;

constexpr std::array<std::pair<Verb, std::string_view>, 8> k_verbs{{{Verb::read, "read"},
                                                                    {Verb::logs, "logs"},
                                                                    {Verb::push, "push"},
                                                                    {Verb::deploy, "deploy"},
                                                                    {Verb::switch_, "switch"},
                                                                    {Verb::rollback, "rollback"},
                                                                    {Verb::freeze, "freeze"},
                                                                    {Verb::manage, "manage"}}};

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

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

std::set<Verb> parse_verbs(std::string_view text) {
  std::set<Verb> verbs;
  for (const std::string& word : split(text, ',')) {
    const auto verb = parse_verb(trim(word));
    if (!verb) {
      std::vector<std::string> names;
      std::transform(k_verbs.begin(), k_verbs.end(), std::back_inserter(names),
                     [](const auto& one) { return std::string(one.second); });
      throw Error(ErrorKind::usage, fmt::format("nobody can be let '{}': give {}, separated by ','",
                                                shorten(printable(word), 60), in_words(names, "or")));
    }
    verbs.insert(*verb);
  }
  return verbs;
}

std::string describe(const std::set<Verb>& verbs) {
  std::vector<std::string> names;
  std::transform(verbs.begin(), verbs.end(), std::back_inserter(names),
                 [](Verb verb) { return std::string(to_string(verb)); });
  return join(names, ", ");
}

bool is_app_pattern(std::string_view text) noexcept {
  return text.find_first_of("*?") != std::string_view::npos;
}

void require_app_pattern(std::string_view text) {
  if (!is_app_pattern(text)) {
    require_app_name(text);
    return;
  }
  const bool valid =
      text.size() <= k_longest_name && std::all_of(text.begin(), text.end(), [](char c) {
        return std::string_view("abcdefghijklmnopqrstuvwxyz0123456789-*?").find(c) != std::string_view::npos;
      });
  if (!valid) {
    throw Error(ErrorKind::usage, fmt::format("'{}' is no pattern for apps: beside * and ?, give a-z, 0-9 and '-'",
                                              shorten(printable(text), 60)));
  }
}

void require_principal_name(std::string_view name) {
  const bool valid = !name.empty() && name.size() <= k_longest_name && is_letter_or_digit(name.front()) &&
                     std::all_of(name.begin(), name.end(),
                                 [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
  if (!valid) {
    throw Error(
        ErrorKind::usage,
        fmt::format("'{}' cannot be the name of a key or token: use 1 to {} letters, digits, '.', '_' and '-', a "
                    "letter or digit first",
                    shorten(printable(name), 60), k_longest_name));
  }
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
  const auto covers = [&](const Grant& grant) { // what is for all apps is for those who were let in to all
    return app == Grant::k_any_app ? grant.app == app : matches_glob(grant.app, app);
  };
  const auto allows = [&](const Grant& grant) { return covers(grant) && grant.verbs.contains(verb); };
  if (principal.kind == Principal::Kind::local_user ||
      std::any_of(principal.grants.begin(), principal.grants.end(), allows)) {
    return {.yes = true, .why = {}};
  }
  return {.yes = false,
          .why =
              fmt::format("{} may not '{}' app '{}': it was not granted that", principal.text(), to_string(verb), app)};
}

} // namespace teal
