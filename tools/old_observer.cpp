#include "old_observer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <string_view>

namespace teal::tool {

namespace {

constexpr std::array<std::string_view, 3> k_old_words{"-pat", "-owner", "-repo"};
constexpr std::array<std::string_view, 2> k_commands_with_them{"observe", "serve"};

std::string value_of(const Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

bool is_old_word(std::string_view word) {
  return std::find(k_old_words.begin(), k_old_words.end(), word.substr(0, word.find('='))) != k_old_words.end();
}

/// "hooks.example.com", perhaps with a port, or a whole URL.
std::string url_of_node(const std::string& node, const std::string& listen) {
  if (node.empty() || node.find("://") != std::string::npos) {
    return node;
  }
  const bool has_port = node.find(':') != std::string::npos;
  return fmt::format("http://{}{}", node, has_port ? "" : listen.substr(listen.rfind(':')));
}

} // namespace

void add_old_options(CLI::App& command, OldObserver& old) {
  command
      .add_option("--pat", old.pat,
                  "of GitHub: a token, which others see in the list of processes: better by "
                  "--token-file, or DPLOY_OBSERVER_GITHUB_PAT")
      ->type_name("TOKEN");
  command.add_option("--owner", old.owner, "of GitHub: the OWNER, where --repo is a NAME")->type_name("OWNER");
}

std::vector<std::string> plain_words(int argc, char** argv) {
  std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
  bool observes = false;
  for (std::string& word : words) {
    observes = observes ||
               std::find(k_commands_with_them.begin(), k_commands_with_them.end(), word) != k_commands_with_them.end();
    if (observes && is_old_word(word)) {
      word.insert(0, "-");
    }
  }
  return words;
}

bool is_named_by(const Environment& environment) {
  return !value_of(environment, OldObserver::k_repo).empty();
}

void complete(serve::ObserveWish& wish, const OldObserver& old, const Environment& environment,
              const std::string& listen) {
  if (!old.pat.empty()) {
    std::cerr << "warning: a token on the command line can be seen by every user of this host, and is kept by shells; "
                 "give it by --token-file, or in "
              << OldObserver::k_pat << '\n';
  }
  if (wish.forge.value_or(SourceSettings::Forge::github) != SourceSettings::Forge::github) {
    return;
  }
  const auto otherwise = [&](const std::string& given, const char* name) {
    return given.empty() ? value_of(environment, name) : given;
  };
  const std::string owner = otherwise(old.owner, OldObserver::k_owner);
  const std::string repo = otherwise(wish.repo, OldObserver::k_repo);
  if (!owner.empty() && !repo.empty() && repo.find('/') == std::string::npos) {
    wish.repo = owner + "/" + repo;
  } else {
    wish.repo = repo;
  }
  if (wish.token_file.empty()) {
    wish.token = otherwise(old.pat, OldObserver::k_pat);
  }
  wish.branch = otherwise(wish.branch, OldObserver::k_branch);
  if (wish.public_url.empty()) {
    wish.public_url = url_of_node(value_of(environment, OldObserver::k_public_node), listen);
  }
  if (!wish.forge && (!wish.token.empty() || !old.owner.empty())) {
    wish.forge = SourceSettings::Forge::github;
    wish.forge_name = "github";
  }
}

} // namespace teal::tool
