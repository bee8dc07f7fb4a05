#include "place_options.hpp"

namespace teal::tool {

void add_place_options(CLI::App& command, std::string& color, std::string& revision) {
  command
      .add_option("--color", color,
                  "blue, green, idle: the one that is not live, or live: as a push to live.git, which traffic follows "
                  "(default: where it was asked to go; with --rev: idle)")
      ->type_name("COLOR")
      ->check([](const std::string& text) {
        return Destination::parse(text) ? std::string() : "give blue, green, idle or live";
      });
  command
      .add_option("--rev", revision,
                  "branch, tag or commit of any of the app's repositories (default: what was asked for last)")
      ->type_name("REV");
}

HandOrder hand_order(const std::string& app, const std::string& color, const std::string& revision) {
  return {.app = app, .destination = Destination::parse(color), .revision = revision};
}

} // namespace teal::tool
