#include "place_options.hpp"

namespace teal::tool {

void add_place_options(CLI::App& command, PlaceOptions& options) {
  CLI::Option* color =
      command
          .add_option("--color", options.color,
                      "blue, green, idle: the one that is not live, or live: as a push to live.git, which traffic "
                      "follows (default: where it was asked to go; with --rev: idle)")
          ->type_name("COLOR")
          ->check([](const std::string& text) {
            const auto destination = Destination::parse(text);
            return destination && !destination->is_target()
                       ? std::string()
                       : "give blue, green, idle or live; one of the app's targets is given by --target";
          });
  command.add_option("--target", options.target, "in place of a color, one of the app's targets, by its name")
      ->type_name("NAME")
      ->check([](const std::string& text) {
        const auto destination = Destination::parse(text);
        return destination && destination->is_target() ? std::string() : "give the name of one of the app's targets";
      })
      ->excludes(color);
  command
      .add_option("--rev", options.revision,
                  "branch, tag or commit of any of the app's repositories (default: what was asked for last)")
      ->type_name("REV");
}

HandOrder hand_order(const std::string& app, const PlaceOptions& options) {
  return {.app = app,
          .destination = Destination::parse(options.target.empty() ? options.color : options.target),
          .revision = options.revision};
}

} // namespace teal::tool
