#include "upkeep/port_index.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <optional>

namespace teal {

namespace {

constexpr const char* k_file = "ports";

/// What another content of a file would not have.
std::string identity_of(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    return "";
  }
  return fmt::format("{}:{}:{}.{}", found.st_ino, found.st_size, found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
}

/// A line of the cache: "shop 1234:2048:1700000000.5 50100 50101".
struct Entry {
  std::string identity;
  std::vector<std::uint16_t> ports;
};

using Entries = std::map<std::string, Entry>;

std::optional<Entry> parse_entry(const std::vector<std::string>& words) {
  Entry entry{.identity = words.at(1), .ports = {}};
  for (std::size_t i = 2; i < words.size(); ++i) {
    const auto port = parse_port(words[i]);
    if (!port) {
      return std::nullopt;
    }
    entry.ports.push_back(*port);
  }
  return entry;
}

Entries read_entries(const std::filesystem::path& file) try {
  Entries entries;
  for (const std::string& line : split(read_file(file), '\n')) {
    const std::vector<std::string> words = split(line, ' ');
    if (auto entry = words.size() > 2 ? parse_entry(words) : std::nullopt) {
      entries.emplace(words.front(), std::move(*entry));
    }
  }
  return entries;
} catch (const Error&) { // there is none yet
  return {};
}

void write_entries(const std::filesystem::path& file, const Entries& entries) try {
  std::string text;
  for (const auto& [app, entry] : entries) {
    text += fmt::format("{} {} {}\n", app, entry.identity, fmt::join(entry.ports, " "));
  }
  write_file(file, text);
} catch (const Error&) { // the next one reads more
}

std::vector<std::uint16_t> ports_in(const AppSettings& settings) {
  std::vector<std::uint16_t> ports;
  for (const auto& [color, port] : settings.ports) {
    ports.push_back(port);
  }
  if (settings.route.port != 0) {
    ports.push_back(settings.route.port);
  }
  return ports;
}

} // namespace

std::map<std::string, std::vector<std::uint16_t>> ports_of_apps(const Home& home) {
  const auto file = home.cache() / k_file;
  Entries known = read_entries(file);
  Entries now;
  bool is_new = false;
  for (const std::string& app : list_apps(home)) {
    const std::string identity = identity_of(home.app(app).settings());
    const auto found = known.find(app);
    if (found != known.end() && found->second.identity == identity) {
      now.insert(known.extract(found));
      continue;
    }
    is_new = true;
    now.emplace(app, Entry{identity, ports_in(load_app_settings(home, app))});
  }
  if (is_new) {
    write_entries(file, now);
  }
  std::map<std::string, std::vector<std::uint16_t>> ports;
  for (auto& [app, entry] : now) {
    ports.emplace(app, std::move(entry.ports));
  }
  return ports;
}

} // namespace teal
