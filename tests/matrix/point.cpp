#include "matrix/point.hpp"

#include <fmt/format.h>

#include <csignal>
#include <map>
#include <stdexcept>

namespace teal {

namespace {

using Mode = Fault::Mode;

const std::map<std::string, Fault>& faults() {
  static const std::map<std::string, Fault> k_faults{
      {"fail-500", {.mode = Mode::fail, .status = 500}},
      {"fail-409", {.mode = Mode::fail, .status = 409}},
      {"fail-503", {.mode = Mode::fail, .status = 503}},
      {"drop", {.mode = Mode::drop}},
      {"hang", {.mode = Mode::hang}},
      {"garbage", {.mode = Mode::garbage}},
      {"nonsense", {.mode = Mode::nonsense}},
      {"cut", {.mode = Mode::cut}},
      {"lose", {.mode = Mode::lose}},
  };
  return k_faults;
}

Fault fault_of(const Point& point) {
  if (point.is_kill()) {
    return {.mode = point.after ? Mode::act_last : Mode::act_first,
            .action = [victim = point.victim] { kill_victim(victim); }};
  }
  const auto found = faults().find(point.mode);
  if (found == faults().end()) {
    throw std::runtime_error("no such mode: " + point.mode);
  }
  return found->second;
}

std::string to_string(Point::Source source) {
  return source == Point::Source::engine ? "engine" : source == Point::Source::registry ? "registry" : "files";
}

} // namespace

std::string to_words(const Point& point) {
  std::string words = fmt::format("--source {} --point {}", to_string(point.source), point.number);
  words += point.is_kill() ? fmt::format(" --victim {}{}", to_string(point.victim), point.after ? " --when after" : "")
                           : fmt::format(" --mode {}", point.mode);
  return words;
}

std::optional<Point::Source> parse_source(const std::string& text) {
  for (const auto source : {Point::Source::engine, Point::Source::registry, Point::Source::files}) {
    if (to_string(source) == text) {
      return source;
    }
  }
  return std::nullopt;
}

const std::vector<std::string>& fault_modes() {
  static const std::vector<std::string> k_modes = [] {
    std::vector<std::string> modes;
    for (const auto& [name, fault] : faults()) {
      modes.push_back(name);
    }
    return modes;
  }();
  return k_modes;
}

void arm(World& world, const Point& point) {
  if (point.source == Point::Source::files) {
    world.files().arm(point.number, [victim = point.victim](pid_t caller) {
      if (victim == Victim::caller) {
        ::kill(caller, SIGKILL);
      } else {
        kill_victim(victim);
      }
    });
    return;
  }
  if (point.mode == "hang") {
    world.set_engine_timeout("2s");
  }
  (point.source == Point::Source::engine ? world.engine() : world.registry()).arm(point.number, fault_of(point));
}

std::optional<std::string> disarm(World& world, const Point& point) {
  await_kills();
  if (point.source == Point::Source::files) {
    auto victim = world.files().victim();
    world.files().disarm();
    return victim;
  }
  world.set_engine_timeout("45s");
  FaultProxy& proxy = point.source == Point::Source::engine ? world.engine() : world.registry();
  auto victim = proxy.victim();
  proxy.disarm();
  return victim;
}

} // namespace teal
