#include "matrix/invariants.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <regex>
#include <thread>

namespace teal {

namespace {

constexpr std::chrono::seconds k_patience_for_old_workers(10);

std::string describe(const Serving& serving) {
  return fmt::format("live '{}', blue '{}', green '{}'", serving.live, serving.blue, serving.green);
}

bool says_nobody(const std::string& answer) {
  return answer.find("connection refused") != std::string::npos ||
         answer.find("no container serves") != std::string::npos;
}

/// That nobody serves is said by a router that has the port, which it has from the first deployment on, or by the
/// kernel.
bool is_same(const std::string& now, const std::string& then) {
  return now == then || (says_nobody(now) && says_nobody(then));
}

bool is_one_of(const std::string& now, const std::string& old, const std::string& successor) {
  return is_same(now, old) || is_same(now, successor) || (!is_page(now) && !is_page(old) && !is_page(successor));
}

/// The last line that says how a deployment ended: "live in …", "ready in …", "FAILED …".
std::string last_word(const std::string& text) {
  std::string found;
  for (const std::string& line : split(text, '\n')) {
    if (line.starts_with("live in ") || line.starts_with("ready in ") || line.starts_with("FAILED")) {
      found = line;
    }
  }
  return found;
}

} // namespace

void check_serving(const World& world, const std::string& app, const Choice& choice, Findings& findings,
                   const std::string& when) {
  const Serving now = world.serving(app);
  bool fine = is_one_of(now.live, choice.old.live, choice.successor.live);
  for (const Color color : k_colors) {
    const bool changes = choice.old.at(color) != choice.successor.at(color);
    const bool away = choice.may_be_away && changes && !is_page(now.at(color));
    fine = fine && (away || is_one_of(now.at(color), choice.old.at(color), choice.successor.at(color)));
  }
  if (!fine) {
    findings.add(fmt::format("{}served now: {}; before: {}; meant: {}; the router:\n{}", when, describe(now),
                             describe(choice.old), describe(choice.successor), describe_processes_of(Victim::router)));
  }
}

void check_probes(const std::map<std::string, int>& answers, const std::string& old, const std::string& successor,
                  bool gaps, Findings& findings) {
  for (const auto& [answer, times] : answers) {
    const bool served = answer == old || answer == successor;
    const bool strange = is_page(answer) ? !served : !gaps && is_page(old);
    if (strange) {
      findings.add(
          fmt::format("the port answered {} times '{}' (before: '{}', meant: '{}')", times, answer, old, successor));
    }
  }
}

void check_agreement(const World& world, const std::string& app, Findings& findings) {
  const Store store = world.store();
  for (const Deployment& deployment : store.history.deployments(app, 10)) {
    const bool works = std::any_of(deployment.steps.begin(), deployment.steps.end(),
                                   [](const Step& step) { return step.status == StepStatus::running; });
    if (!is_final(deployment.status) || works) {
      findings.add(fmt::format("deployment {} is {}{}", deployment.id, to_string(deployment.status),
                               works ? ", with a step that runs" : ""));
    }
  }
  const Serving now = world.serving(app);
  const auto live = store.traffic.live(app);
  if (world.is_routed() && is_page(now.live) && (!live || !now.live.ends_with(to_string(live->color)))) {
    findings.add(fmt::format("the store says that {} is live, the port '{}'", live ? to_string(live->color) : "nothing",
                             now.live));
  }
  for (const Color color : k_colors) {
    const auto current = store.history.current(app, color);
    const std::string wanted = current ? current->event.subject.substr(current->event.subject.rfind(' ') + 1) : "";
    if (is_page(now.at(color)) && !now.at(color).starts_with(wanted + " ")) {
      findings.add(fmt::format("the store says that {} runs '{}' (deployment {}), the port '{}'", to_string(color),
                               wanted, current ? current->id : 0, now.at(color)));
    }
  }
}

void check_truth(const World& world, const std::string& app, const Claim& claim, Findings& findings) {
  const Serving now = world.serving(app);
  const std::string word = last_word(claim.told.text);
  static const std::regex k_still(R"((blue|green) still runs ([0-9a-f]+))");
  std::smatch parts;
  bool true_word = true;
  if (word.starts_with("live in ")) {
    true_word = world.is_routed() && now.live == claim.successor.live;
  } else if (word.starts_with("ready in ")) {
    true_word = is_same(now.blue, claim.successor.blue) && is_same(now.green, claim.successor.green);
  } else if (std::regex_search(word, parts, k_still)) {
    const std::string page = now.at(parts[1] == "blue" ? Color::blue : Color::green);
    true_word = world.commit_of(page.substr(0, page.find(' '))).starts_with(parts[2].str()) &&
                is_same(now.live, claim.old.live);
  } else if (word.starts_with("FAILED")) {
    true_word = is_same(now.live, claim.old.live);
  } else if (!claim.told.by_push && !claim.was_killed) {
    true_word = is_same(now.live, claim.told.exit_code == 0 ? claim.successor.live : claim.old.live);
  }
  if (!true_word) {
    findings.add(
        fmt::format("it said '{}' and exited with {}, which is not so: {}", word, claim.told.exit_code, describe(now)));
  }
}

void check_success(const World& world, const std::string& app, const Told& told, const Serving& wanted,
                   Findings& findings) {
  const std::string word = last_word(told.text);
  const Serving now = world.serving(app);
  const bool served = is_one_of(now.live, wanted.live, wanted.live) && is_same(now.blue, wanted.blue) &&
                      is_same(now.green, wanted.green);
  if (told.exit_code != 0 || word.starts_with("FAILED") || !served) {
    findings.add(
        fmt::format("the next one does not succeed: {}; {}", describe(now), trim(last_lines(trim(told.text), 6))));
  }
}

void check_one_router(const World& world, Findings& findings) {
  const auto deadline = std::chrono::steady_clock::now() + k_patience_for_old_workers;
  while (processes_of(Victim::router).size() != world.router_processes()) {
    if (std::chrono::steady_clock::now() > deadline) {
      findings.add(fmt::format("the router has not the {} processes it was started with:\n{}", world.router_processes(),
                               describe_processes_of(Victim::router)));
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void check_nothing_left(const World& world, const std::string& app, bool removed, const Told& told,
                        Findings& findings) {
  const std::regex slot(R"([a-z0-9]+-(blue|green)(\.worker)?)");
  for (const std::string& name : split(world.docker({"ps", "-a", "--format", "{{.Names}}"}), '\n')) {
    if (!name.empty() && (!std::regex_match(name, slot) || (removed && name.starts_with(app + "-")))) {
      findings.add(fmt::format("container '{}' is left", name));
    }
  }
  if (removed) {
    for (const std::string& name : split(world.docker({"network", "ls", "--format", "{{.Name}}"}), '\n')) {
      if (name.find(app) != std::string::npos) {
        findings.add(fmt::format("network '{}' is left", name));
      }
    }
    for (const std::string& name : split(world.docker({"images", "--format", "{{.Repository}}"}), '\n')) {
      if (name.ends_with("/" + app) && told.text.find("stays in the engine") == std::string::npos) {
        findings.add(fmt::format("an image of '{}' is left", name));
      }
    }
  }
  static const std::regex k_temporary(R"(.+\.by-[0-9]+\.[A-Za-z0-9]{6})");
  for (auto entry = std::filesystem::recursive_directory_iterator(world.home().root); entry != end(entry); ++entry) {
    if (entry->path().filename() == "objects" || entry->path().filename() == "data") {
      entry.disable_recursion_pending();
    } else if (std::regex_match(entry->path().filename().string(), k_temporary)) {
      findings.add(fmt::format("'{}' is left", entry->path().lexically_relative(world.home().root).string()));
    }
  }
}

} // namespace teal
