#include "place_options.hpp"

namespace teal::tool {

void add_place_options(CLI::App& command, PlaceOptions& options) {
  command.add_option("NAME", options.app, "the app")->required();
  CLI::Option* color =
      command
          .add_option("--color", options.color,
                      "blue, green, idle: the one that is not live, or live: as a push to live.git, which traffic "
                      "follows (default: where it was asked to go; with --rev or --image: idle)")
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
  CLI::Option* image =
      command
          .add_option(
              "--image", options.image,
              "an image that was built elsewhere, by tag or digest: REGISTRY/NAME:TAG, REGISTRY/NAME@sha256:...")
          ->type_name("REF")
          ->excludes("--target");
  command
      .add_option("--rev", options.revision,
                  "branch, tag or commit of any of the app's repositories (default: what was asked for last)")
      ->type_name("REV")
      ->excludes(image);
}

HandOrder hand_order(const PlaceOptions& options) {
  return {.app = options.app,
          .destination = Destination::parse(options.target.empty() ? options.color : options.target),
          .revision = options.revision,
          .image = options.image};
}

} // namespace teal::tool
