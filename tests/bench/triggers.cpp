// triggers HOME APP FOLDER FILE COUNT: moves FILE into FOLDER, so many times one after the other, and tells how long it
// took from there until a runner had begun the deployment that came of it.
#include "model/home.hpp"
#include "store/database.hpp"
#include "store/history.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <thread>
#include <vector>

namespace {

using namespace teal;
namespace fs = std::filesystem;

constexpr std::chrono::seconds k_patience(30);

/// Nothing before it has begun, or ended.
std::optional<Deployment> newest_after(const History& history, const std::string& app, std::int64_t id,
                                       bool has_ended) {
  const auto all = history.deployments(app, 1);
  const bool is_there =
      !all.empty() && all.front().id > id && all.front().started && (!has_ended || all.front().finished);
  return is_there ? std::optional(all.front()) : std::nullopt;
}

Deployment await(const History& history, const std::string& app, std::int64_t id, bool has_ended) {
  const Stopwatch age;
  while (age.elapsed() < k_patience) {
    if (auto found = newest_after(history, app, id, has_ended)) {
      return std::move(*found);
    }
    std::this_thread::sleep_for(Milliseconds(2));
  }
  throw std::runtime_error("no deployment came of it");
}

} // namespace

int main(int argc, char** argv) try {
  if (argc != 6) {
    std::cerr << "usage: triggers HOME APP FOLDER FILE COUNT\n";
    return 2;
  }
  const std::string app = argv[2];
  const fs::path target = fs::path(argv[3]) / argv[4];
  const fs::path hidden = fs::path(argv[3]) / ".bench";
  Database database(Home{argv[1]}.store());
  const History history(database);
  std::int64_t last = 0;
  std::vector<Milliseconds> took;
  for (int i = 0; i < std::stoi(argv[5]); ++i) {
    std::ofstream(hidden) << "bench\n";
    const TimePoint begin = SystemClock().now();
    fs::rename(hidden, target);
    took.push_back(*await(history, app, last, false).started - begin);
    last = await(history, app, last, true).id;
  }
  std::sort(took.begin(), took.end());
  fmt::print("trigger file to started deployment: median {} ms, 9 of 10 within {} ms, most {} ms\n",
             took.at(took.size() / 2).count(), took.at(took.size() * 9 / 10).count(), took.back().count());
  return 0;
} catch (const std::exception& error) {
  std::cerr << "error: " << error.what() << '\n';
  return 1;
}
