#include "color_option.hpp"

#include "deploy/restart.hpp"

#include <fmt/format.h>

namespace teal::tool {

void add_color_option(CLI::App& command, std::string& color, const std::string& by_default) {
  command.add_option("--color", color, fmt::format("blue or green (default: {})", by_default))
      ->type_name("COLOR")
      ->check(CLI::IsMember({"blue", "green"}));
}

Color chosen_color(Services& services, Store& store, const std::string& app, const std::string& color) {
  return color.empty() ? color_in_use(services, store, app) : parse_color(color).value();
}

} // namespace teal::tool
