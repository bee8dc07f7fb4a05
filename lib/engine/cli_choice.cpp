#include "engine/cli_choice.hpp"

#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace teal::engine {

namespace {

constexpr std::chrono::seconds k_answer_deadline(10);
constexpr std::array<Builder, 3> k_builders{Builder::buildx, Builder::buildkit, Builder::classic};

/// Major and minor number: {20, 10} of "20.10.24+dfsg1"; zeros where there are none.
std::pair<std::int64_t, std::int64_t> release_of(const std::string& version) {
  const std::vector<std::string> numbers = split(version, '.');
  return {parse_integer(numbers[0]).value_or(0), numbers.size() < 2 ? 0 : parse_integer(numbers[1]).value_or(0)};
}

bool has_buildkit_built_in(const CliCandidate& candidate) {
  const auto release = release_of(candidate.version);
  return release >= std::pair<std::int64_t, std::int64_t>(18, 9) && release.first < 23;
}

CliCandidate ask(const std::filesystem::path& program, const Environment& environment) {
  const auto answer = [&](std::vector<std::string> arguments) {
    Command command;
    command.arguments = {program.string()};
    command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
    command.environment = environment;
    command.deadline = k_answer_deadline;
    return run(command);
  };
  return {.program = program,
          .version = parse_cli_version(answer({"--version"}).output),
          .buildx = answer({"buildx", "version"}).succeeded()};
}

/// Changes whenever one of `files` is replaced, comes or goes.
std::string fingerprint_of(const std::vector<std::filesystem::path>& files) {
  std::string text;
  for (const auto& file : files) {
    std::error_code missing;
    const auto size = std::filesystem::is_regular_file(file, missing) ? std::filesystem::file_size(file, missing) : 0;
    const auto changed = std::filesystem::last_write_time(file, missing).time_since_epoch().count();
    text += fmt::format("{} {} {}\n", file.string(), size, changed);
  }
  return text;
}

std::optional<CliFacts> read_cache(const std::filesystem::path& cache, const std::string& key) {
  try {
    const boost::json::value value = fields::parse(read_file(cache), "the cache");
    const std::string builder = fields::text(value, {"builder"});
    const auto* known = std::find_if(k_builders.begin(), k_builders.end(),
                                     [&](Builder candidate) { return to_string(candidate) == builder; });
    if (known == k_builders.end() || fields::text(value, {"key"}) != key) {
      return std::nullopt;
    }
    return CliFacts{
        .program = fields::text(value, {"program"}), .version = fields::text(value, {"version"}), .builder = *known};
  } catch (const Error&) {
    return std::nullopt; // missing or damaged: asked anew
  }
}

void write_cache(const std::filesystem::path& cache, const std::string& key, const CliFacts& facts) {
  const boost::json::object value{{"key", key},
                                  {"program", facts.program.string()},
                                  {"version", facts.version},
                                  {"builder", std::string(to_string(facts.builder))}};
  try {
    std::error_code ignored;
    std::filesystem::create_directories(cache.parent_path(), ignored);
    write_file(cache, boost::json::serialize(value));
  } catch (const Error&) {
    return; // a folder that cannot be written costs the next one some milliseconds, no more
  }
}

} // namespace

std::vector<std::filesystem::path> plugin_folders(const Environment& environment) {
  std::vector<std::filesystem::path> folders{"/usr/local/lib/docker/cli-plugins",
                                             "/usr/local/libexec/docker/cli-plugins", "/usr/lib/docker/cli-plugins",
                                             "/usr/libexec/docker/cli-plugins"};
  if (const auto config = environment.find("DOCKER_CONFIG"); config != environment.end()) {
    folders.push_back(std::filesystem::path(config->second) / "cli-plugins");
  } else if (const auto home = environment.find("HOME"); home != environment.end()) {
    folders.push_back(std::filesystem::path(home->second) / ".docker" / "cli-plugins");
  }
  return folders;
}

std::string_view to_string(Builder builder) noexcept {
  switch (builder) {
  case Builder::buildx:
    return "buildx";
  case Builder::buildkit:
    return "buildkit";
  case Builder::classic:
    break;
  }
  return "classic";
}

std::string parse_cli_version(std::string_view text) {
  constexpr std::string_view words = "Docker version ";
  if (!text.starts_with(words)) {
    return {};
  }
  text.remove_prefix(words.size());
  return std::string(text.substr(0, text.find_first_of(", \n")));
}

CliFacts choose(const std::vector<CliCandidate>& candidates) {
  const auto with = [](const CliCandidate& candidate, Builder builder) {
    return CliFacts{.program = candidate.program, .version = candidate.version, .builder = builder};
  };
  const auto buildx = std::find_if(candidates.begin(), candidates.end(),
                                   [](const CliCandidate& candidate) { return candidate.buildx; });
  if (buildx != candidates.end()) {
    return with(*buildx, Builder::buildx);
  }
  const auto buildkit = std::find_if(candidates.begin(), candidates.end(), has_buildkit_built_in);
  return buildkit != candidates.end() ? with(*buildkit, Builder::buildkit) : with(candidates.front(), Builder::classic);
}

CliFacts find_cli(const std::vector<std::filesystem::path>& programs, const Environment& environment,
                  const std::filesystem::path& cache) {
  std::vector<std::filesystem::path> watched = programs;
  for (const auto& folder : plugin_folders(environment)) {
    watched.push_back(folder);
  }
  const std::string key = fingerprint_of(watched);
  if (const auto known = read_cache(cache, key)) {
    return *known;
  }
  std::vector<CliCandidate> candidates(programs.size());
  std::transform(programs.begin(), programs.end(), candidates.begin(),
                 [&](const auto& program) { return ask(program, environment); });
  CliFacts facts = choose(candidates);
  write_cache(cache, key, facts);
  return facts;
}

} // namespace teal::engine
