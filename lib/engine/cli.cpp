#include "engine/cli.hpp"

#include "core/text.hpp"
#include "engine/build_output.hpp"
#include "engine/cli_choice.hpp"
#include "engine/registry_login.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "process/temporary.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

namespace teal::engine {

namespace {

constexpr std::chrono::minutes k_login_deadline(1);

/// A file that a program of ours writes to, gone when this leaves scope.
class ScratchFile {
public:
  explicit ScratchFile(const std::filesystem::path& folder) {
    files::create_directories(folder);
    m_path = temporary_name(folder, "build");
    const int descriptor = ::mkostemp(m_path.data(), O_CLOEXEC);
    if (descriptor < 0) {
      throw Error(ErrorKind::environment, fmt::format("cannot make a file in '{}'", folder.string()));
    }
    ::close(descriptor);
  }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() { ::unlink(m_path.c_str()); }

  [[nodiscard]] const std::string& path() const { return m_path; }

private:
  std::string m_path;
};

/// The program's last words, without those that say who says it.
std::string reason(const Outcome& outcome, Milliseconds deadline) {
  std::string words(trim(last_lines(trim(outcome.tail), 1)));
  if (words.empty() || outcome.timed_out || outcome.interrupted || outcome.signal) {
    return "the engine's command line " + outcome.how_it_ended(deadline);
  }
  constexpr std::string_view speaker = "Error response from daemon: ";
  return words.starts_with(speaker) ? words.substr(speaker.size()) : words;
}

std::vector<std::string> build_arguments(const BuildRequest& request, Builder builder, const std::string& id_file) {
  std::vector<std::string> arguments;
  if (builder == Builder::buildx) {
    arguments = {"buildx", "build", "--load"};
  } else {
    arguments = {"build"};
  }
  // The classic builder leaves the container of a failed step behind otherwise.
  arguments.emplace_back(builder == Builder::classic ? "--force-rm" : "--progress=plain");
  arguments.push_back("--iidfile=" + id_file);
  arguments.push_back("--file=" + request.dockerfile.string());
  if (!request.target.empty()) {
    arguments.push_back("--target=" + request.target);
  }
  // Not by way of the environment: a pushed tree names these, and one called LD_PRELOAD would reach the host.
  for (const auto& [name, value] : request.args) {
    arguments.push_back(fmt::format("--build-arg={}={}", name, value));
  }
  for (const auto& [name, value] : request.labels) {
    arguments.push_back(fmt::format("--label={}={}", name, value));
  }
  for (const std::string& tag : request.tags) {
    arguments.push_back("--tag=" + tag);
  }
  arguments.emplace_back("--");
  arguments.push_back(request.context.string());
  return arguments;
}

std::string build_failure(const BuildOutput& seen, const Outcome& outcome, Milliseconds deadline) {
  const std::string step = seen.failed_step();
  const std::string where = step.empty() ? "build failed" : fmt::format("build failed at step '{}'", step);
  const bool ended_by_itself = !outcome.timed_out && !outcome.interrupted && !outcome.signal;
  return fmt::format("{}: {}", where,
                     ended_by_itself && !seen.failure().empty() ? seen.failure() : outcome.how_it_ended(deadline));
}

} // namespace

Cli::Cli(Engine& engine, std::string name, Environment environment, std::filesystem::path cache)
    : m_engine(engine), m_name(std::move(name)), m_environment(std::move(environment)), m_cache(std::move(cache)) {
  m_environment["DOCKER_CLI_HINTS"] = "false";
  for (const char* other : {"DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"}) {
    m_environment.erase(other); // they would lead to another engine
  }
}

const CliFacts& Cli::facts() {
  std::call_once(m_found, [this] {
    const bool is_path = m_name.find('/') != std::string::npos;
    const auto programs = is_path ? std::vector<std::filesystem::path>{m_name} : find_programs(m_name, m_environment);
    if (programs.empty() || ::access(programs.front().c_str(), X_OK) != 0) {
      throw Error(ErrorKind::environment,
                  fmt::format("no program '{}'; install the engine's command line, or name it in engine.cli", m_name));
    }
    const EngineTime time(m_engine.clock());
    m_facts = find_cli(programs, m_environment, m_cache / "docker-cli.json");
  });
  return m_facts;
}

Command Cli::command(std::vector<std::string> arguments) {
  Command command;
  command.arguments = std::move(arguments);
  command.arguments.insert(command.arguments.begin(), facts().program.string());
  command.environment = m_engine.client_environment();
  command.environment.insert(m_environment.begin(), m_environment.end());
  return command;
}

Outcome Cli::run_timed(const Command& command) {
  const EngineTime time(m_engine.clock());
  Command interruptible = command;
  interruptible.interrupt = m_engine.interrupt();
  return run(interruptible);
}

Builder Cli::builder() {
  return m_engine.version().is_podman ? Builder::classic : facts().builder;
}

BuildResult Cli::build(const BuildRequest& request, const OutputSink& sink) {
  const ScratchFile id_file(m_cache);
  BuildOutput seen;
  const Builder builder = this->builder();
  Command build = command(build_arguments(request, builder, id_file.path()));
  build.directory = request.context;
  build.environment["DOCKER_BUILDKIT"] = builder == Builder::classic ? "0" : "1";
  // An attestation would make the image an index, whose digest is not that of what runs.
  build.environment["BUILDX_NO_DEFAULT_ATTESTATIONS"] = "1";
  build.deadline = request.deadline;
  build.on_output = [&](std::string_view chunk) {
    const std::string news = seen.feed(chunk);
    if (sink) {
      sink(news);
    }
  };
  const Outcome outcome = run_timed(build);
  if (sink) {
    sink(seen.rest());
  }
  if (!outcome.succeeded()) {
    throw Error(ErrorKind::environment, build_failure(seen, outcome, build.deadline));
  }
  return {.image_id = std::string(trim(read_file(id_file.path()))), .layers = seen.layers(), .cached = seen.cached()};
}

void Cli::pull(const std::string& reference, const OutputSink& sink, Milliseconds deadline) {
  Command pull = command({"pull", reference});
  pull.deadline = deadline;
  pull.on_output = sink;
  const Outcome outcome = run_timed(pull);
  if (!outcome.succeeded()) {
    const std::string words = reason(outcome, deadline);
    throw Error(ErrorKind::environment,
                fmt::format("cannot pull '{}': {}{}", reference, words, login_advice(words, reference)));
  }
}

void Cli::login(const std::string& registry, const std::string& user, const std::string& password) {
  Command login = command({"login", "--username", user, "--password-stdin", registry});
  login.deadline = k_login_deadline;
  login.input = password;
  const Outcome outcome = run_timed(login);
  if (!outcome.succeeded()) {
    throw Error(ErrorKind::environment,
                fmt::format("cannot log in to '{}': {}", registry, reason(outcome, login.deadline)));
  }
}

} // namespace teal::engine
