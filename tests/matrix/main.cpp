// The kill matrix: each path, disturbed at each of its points in each way, and what must be true afterwards. It needs a
// host of its own, whose engine it kills: tests/run.sh --matrix, and tests/matrix/run.sh, give it some.
#include "core/text.hpp"
#include "matrix/options.hpp"
#include "matrix/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>

namespace {

using namespace teal;

constexpr int k_skipped = 77;

struct Tally {
  int tried = 0;
  int held = 0;
  std::size_t all = 0; ///< of all shards
};

struct Task {
  const Path* path;
  Point point;
};

class Matrix {
public:
  explicit Matrix(Options options) : m_options(std::move(options)) {}

  int run() {
    fmt::print("# router {}, seed {}, shard {} of {}\n", m_options.router, m_options.seed, m_options.shard,
               m_options.shards);
    if (m_options.one) {
      try_one({path(m_options.paths.front()), *m_options.one});
    } else {
      try_many();
    }
    for (const auto& [name, tally] : m_tallies) {
      fmt::print("held {} {} {} {} {}\n", name, m_options.router, tally.tried, tally.held, tally.all);
    }
    return m_violated ? 1 : 0;
  }

private:
  static const Path* path(const std::string& name) {
    return &*std::find_if(all_paths().begin(), all_paths().end(), [&](const Path& one) { return one.name == name; });
  }

  World& world() {
    if (!m_world) {
      m_world = std::make_unique<World>(m_options.router);
    }
    return *m_world;
  }

  /// One of each path, then another of each, so that all are tried alike however little time there is.
  void try_many() {
    const auto end = std::chrono::steady_clock::now() + m_options.time;
    std::vector<std::string> names = m_options.paths;
    std::mt19937 order(m_options.seed + static_cast<unsigned>(m_options.shard)); // NOLINT: to be had again by its seed
    std::shuffle(names.begin(), names.end(), order);
    std::map<std::string, std::vector<Point>> waiting;
    for (bool any = true; any;) {
      any = false;
      for (const std::string& name : names) {
        if (!is_there(*path(name), m_options.router) || std::chrono::steady_clock::now() > end) {
          continue;
        }
        if (!waiting.contains(name)) {
          waiting[name] = our_points(*path(name));
        }
        if (std::vector<Point>& points = waiting[name]; !points.empty()) {
          try_one({path(name), points.back()});
          points.pop_back();
          any = true;
        }
      }
    }
  }

  /// This shard's share of the path's points, in the seed's order.
  std::vector<Point> our_points(const Path& path) {
    const Extent extent = measure(world(), path);
    std::vector<Point> points = all_points(path, m_options.router != "none", extent);
    std::erase_if(points, [&](const Point& point) {
      const std::string words = to_words(point);
      return (!m_options.only.empty() && words.find(m_options.only) == std::string::npos) ||
             (!m_options.except.empty() && words.find(m_options.except) != std::string::npos);
    });
    fmt::print("# {} {}: {} calls to the engine, {} to the registry, {} changes of files; {} points\n", path.name,
               m_options.router, extent.engine, extent.registry, extent.files, points.size());
    std::fflush(stdout);
    m_tallies[path.name].all = points.size();
    std::shuffle(points.begin(), points.end(), std::mt19937(m_options.seed)); // NOLINT
    std::vector<Point> ours;
    for (std::size_t i = m_options.shard - 1; i < points.size(); i += m_options.shards) {
      ours.push_back(points[i]);
    }
    return ours;
  }

  void try_one(const Task& task) {
    const auto start = std::chrono::steady_clock::now();
    TrialResult result;
    try {
      result = try_point(world(), *task.path, task.point);
    } catch (const std::exception& error) {
      result.violations.push_back(fmt::format("the matrix itself cannot go on: {}", error.what()));
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const bool held = result.violations.empty();
    Tally& tally = m_tallies[task.path->name];
    tally.tried += result.befell ? 1 : 0;
    tally.held += result.befell && held ? 1 : 0;
    if (!held || m_options.verbose) {
      fmt::print("{} --router {} --path {} {}   [{}] {:.1f} s, seed {}\n", held ? "held" : "VIOLATED", m_options.router,
                 task.path->name, to_words(task.point), shorten(result.befell.value_or("not reached"), 100),
                 took.count(), m_options.seed);
      for (const std::string& words : result.violations) {
        fmt::print("    {}\n", words);
      }
      if (!held && m_options.one) {
        fmt::print("--- told:\n{}\n", result.told);
      }
      std::fflush(stdout);
    }
    if (!held) {
      m_violated = true;
      m_world.reset(); // what one point left behind is not the next one's fault
    }
  }

  Options m_options;
  std::unique_ptr<World> m_world;
  std::map<std::string, Tally> m_tallies;
  bool m_violated = false;
};

} // namespace

int main(int argc, char** argv) {
  if (std::getenv("TEAL_TEST_HOST") == nullptr) {
    fmt::print("skipped: it kills the engine, and all else that runs, so it needs a host of its own; see "
               "tests/support/private_host.sh\n");
    return k_skipped;
  }
  try {
    return Matrix(parse_options({argv + 1, argv + argc})).run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "error: {}\n", error.what());
    return 2;
  }
}
