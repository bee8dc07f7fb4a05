#include "matrix/options.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <stdexcept>

namespace teal {

namespace {

constexpr const char* k_usage =
    "usage: matrix [--router none|haproxy|nginx|caddy] [--path NAME]... [--seed N] [--seconds N] [--shard I/N]\n"
    "              [--only WORDS] [--except WORDS] [--verbose]\n"
    "       matrix --router R --path NAME --source engine|registry|files --point N [--victim V] [--when after] [--mode "
    "M]";

/// What brings down half of the host takes seconds to come back, and is much the same at each call.
constexpr int k_stride_of_big_victims = 6;
constexpr int k_stride_of_far_victims = 12; ///< between changes of files, which are many

void add_kills(std::vector<Point>& points, const Point& at, const std::vector<Victim>& victims) {
  for (const Victim victim : victims) {
    for (const bool after : {false, true}) {
      Point point = at;
      point.victim = victim;
      point.after = after;
      points.push_back(point);
    }
  }
}

void add_calls(std::vector<Point>& points, Point::Source source, int calls, const std::vector<Victim>& victims,
               const std::vector<Victim>& big_victims) {
  for (int number = 1; number <= calls; ++number) {
    const Point at{.source = source, .number = number};
    add_kills(points, at, victims);
    if (number % k_stride_of_big_victims == 1) {
      add_kills(points, at, big_victims);
    }
    for (const std::string& mode : fault_modes()) {
      Point point = at;
      point.mode = mode;
      points.push_back(point);
    }
  }
}

} // namespace

std::vector<Point> all_points(const Path& path, bool routed, const Extent& extent) {
  std::vector<Point> points;
  std::vector<Victim> makers =
      path.by_runner ? std::vector{Victim::runner, Victim::hook} : std::vector{Victim::command};
  std::vector<Victim> far{Victim::registry};
  if (routed) {
    far.push_back(Victim::router);
  }
  std::vector<Victim> small = makers;
  small.insert(small.end(), far.begin(), far.end());
  const std::vector<Victim> big{Victim::engine, Victim::host};
  add_calls(points, Point::Source::engine, extent.engine, small, big);
  add_calls(points, Point::Source::registry, extent.registry, {Victim::runner, Victim::registry}, {});
  for (int number = 1; number <= extent.files; ++number) {
    points.push_back({.source = Point::Source::files, .number = number, .victim = Victim::caller});
    if (number % k_stride_of_far_victims == 1) {
      for (const Victim victim : {Victim::router, Victim::engine, Victim::host}) {
        if (routed || victim != Victim::router) {
          points.push_back({.source = Point::Source::files, .number = number, .victim = victim});
        }
      }
    }
  }
  return points;
}

Options parse_options(const std::vector<std::string>& arguments) {
  Options options;
  Point point;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (name == "--verbose") {
      options.verbose = true;
      continue;
    }
    if (i + 1 == arguments.size()) {
      throw std::runtime_error(k_usage);
    }
    const std::string& value = arguments[++i];
    if (name == "--router") {
      options.router = value;
    } else if (name == "--path") {
      options.paths.push_back(value);
    } else if (name == "--seed") {
      options.seed = static_cast<unsigned>(std::stoul(value));
    } else if (name == "--seconds") {
      options.time = std::chrono::seconds(std::stol(value));
    } else if (name == "--shard") {
      options.shard = std::stoul(value);
      options.shards = std::stoul(value.substr(value.find('/') + 1));
    } else if (name == "--only") {
      options.only = value;
    } else if (name == "--except") {
      options.except = value;
    } else if (name == "--source" && parse_source(value)) {
      point.source = *parse_source(value);
    } else if (name == "--point") {
      point.number = std::stoi(value);
    } else if (name == "--victim" && parse_victim(value)) {
      point.victim = *parse_victim(value);
    } else if (name == "--when") {
      point.after = value == "after";
    } else if (name == "--mode") {
      point.mode = value;
    } else {
      throw std::runtime_error(k_usage);
    }
  }
  if (options.paths.empty()) {
    std::transform(all_paths().begin(), all_paths().end(), std::back_inserter(options.paths),
                   [](const Path& path) { return path.name; });
  }
  for (const std::string& wanted : options.paths) {
    if (std::none_of(all_paths().begin(), all_paths().end(), [&](const Path& path) { return path.name == wanted; })) {
      throw std::runtime_error("there is no path '" + wanted + "'");
    }
  }
  if (options.seed == 0) {
    const auto today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
    options.seed = static_cast<unsigned>(today.time_since_epoch().count());
  }
  if (point.number != 0) {
    options.one = point;
    options.verbose = true;
  }
  return options;
}

} // namespace teal
