/// @file
/// Invariants: what must be true after a point, each check adding what it finds violated.
#pragma once

#include "matrix/world.hpp"

#include <map>
#include <string>
#include <vector>

namespace teal {

class Findings {
public:
  void add(std::string words) { m_all.push_back(std::move(words)); }
  [[nodiscard]] const std::vector<std::string>& all() const { return m_all; }

private:
  std::vector<std::string> m_all;
};

struct Choice {
  const Serving& old;
  const Serving& successor;
  bool may_be_away; ///< of the color that changes, not of live traffic
};
/// The live port and each color answer with the old or the new page.
void check_serving(const World& world, const std::string& app, const Choice& choice, Findings& findings,
                   const std::string& when);
/// So did the port that was asked all the time; with `gaps`, it may have been away.
void check_probes(const std::map<std::string, int>& answers, const std::string& old, const std::string& successor,
                  bool gaps, Findings& findings);
/// Store, engine and router tell the same, and nothing is under way.
void check_agreement(const World& world, const std::string& app, Findings& findings);
struct Claim {
  const Told& told;
  const std::string& version;
  const Serving& old;
  const Serving& successor;
  bool was_killed; ///< who would have told its exit code
};
void check_truth(const World& world, const std::string& app, const Claim& claim, Findings& findings);
/// It said that it succeeded, and did.
void check_success(const World& world, const std::string& app, const Told& told, const Serving& wanted,
                   Findings& findings);
/// As many processes of the router as when it was started, once those of before a reload have ended.
void check_one_router(const World& world, Findings& findings);
/// No container, network, image or file beyond what the apps that are there need; of an app that was removed, nothing
/// but images that were `told` to stay.
void check_nothing_left(const World& world, const std::string& app, bool removed, const Told& told, Findings& findings);

} // namespace teal
