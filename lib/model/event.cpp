#include "model/event.hpp"

#include <array>
#include <utility>

namespace teal {

namespace {

constexpr std::array<std::pair<Trigger, std::string_view>, 7> k_triggers{{{Trigger::push, "push"},
                                                                          {Trigger::webhook, "webhook"},
                                                                          {Trigger::registry, "registry"},
                                                                          {Trigger::poll, "poll"},
                                                                          {Trigger::file, "file"},
                                                                          {Trigger::cli, "cli"},
                                                                          {Trigger::api, "api"}}};

} // namespace

std::string_view to_string(Trigger trigger) noexcept {
  for (const auto& [value, name] : k_triggers) {
    if (value == trigger) {
      return name;
    }
  }
  return "?";
}

std::optional<Trigger> parse_trigger(std::string_view text) noexcept {
  for (const auto& [value, name] : k_triggers) {
    if (name == text) {
      return value;
    }
  }
  return std::nullopt;
}

std::string_view short_ref(std::string_view ref) noexcept {
  for (const std::string_view prefix : {"refs/heads/", "refs/tags/"}) {
    if (ref.starts_with(prefix)) {
      return ref.substr(prefix.size());
    }
  }
  return ref;
}

std::string_view short_commit(std::string_view commit) noexcept {
  return commit.empty() ? "image" : commit.substr(0, 7);
}

} // namespace teal
