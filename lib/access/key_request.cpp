#include "access/key_request.hpp"

#include "core/error.hpp"
#include "core/shell_words.hpp"
#include "core/text.hpp"
#include "model/app.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

/// "git-receive-pack", or the same in two words, which become one.
std::optional<bool> git_writes(CommandWords& words) {
  const bool is_apart = words.size() > 1 && words.front() == "git";
  const std::string program = is_apart ? "git-" + words[1] : words.front();
  if (program != "git-receive-pack" && program != "git-upload-pack") {
    return std::nullopt;
  }
  words.erase(words.begin(), words.begin() + (is_apart ? 1 : 0));
  words.front() = program;
  return program == "git-receive-pack";
}

} // namespace

KeyRequest parse_key_request(std::string_view line) {
  auto words = split_words(line);
  if (!words) {
    throw Error(ErrorKind::usage,
                "what was asked for is no line of words: a quote is open, or it has control characters");
  }
  if (words->empty()) {
    return NothingAsked{};
  }
  const auto writes = git_writes(*words);
  if (!writes) {
    return std::move(*words);
  }
  if (words->size() != 2) {
    throw Error(ErrorKind::usage, fmt::format("'{}' takes one repository", words->front()));
  }
  return GitRequest{.writes = *writes, .path = words->back()};
}

std::optional<NamedRepository> repository_named(const Home& home, std::string_view path) {
  const std::string apps = home.apps().string() + "/";
  for (const std::string_view prefix : {std::string_view(apps), std::string_view("~/"), std::string_view("/")}) {
    if (path.starts_with(prefix)) {
      path.remove_prefix(prefix.size());
      break;
    }
  }
  const auto slash = path.find('/');
  if (slash == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string app(path.substr(0, slash));
  std::string_view place = path.substr(slash + 1);
  if (place.ends_with(".git")) {
    place.remove_suffix(4);
  }
  if (!is_app_name(app)) {
    return std::nullopt;
  }
  const AppFolder folder = home.app(app);
  if (place == "live") {
    return NamedRepository{app, folder.live_repository()};
  }
  const auto color = parse_color(place);
  return color ? std::optional(NamedRepository{app, folder.repository(*color)}) : std::nullopt;
}

} // namespace teal
