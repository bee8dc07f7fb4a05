#include "engine/compose_cli.hpp"

#include "core/text.hpp"
#include "engine/cli_choice.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace teal::engine {

namespace {

constexpr int k_quoted_lines = 5;
constexpr std::array<const char*, 9> k_needed{"PATH",          "HOME",         "DOCKER_HOST",
                                              "DOCKER_CONFIG", "LANG",         "DOCKER_TLS_VERIFY",
                                              "TMPDIR",        "SSL_CERT_DIR", "DOCKER_CERT_PATH"};

/// Called by itself it is the whole program, with no other between that would outlive a killed caller.
std::optional<std::filesystem::path> find_plugin(const Environment& environment) {
  for (const std::filesystem::path& folder : plugin_folders(environment)) {
    std::filesystem::path program = folder / "docker-compose";
    if (::access(program.c_str(), X_OK) == 0) {
      return program;
    }
  }
  return std::nullopt;
}

} // namespace

void ComposeCli::find() {
  if (!m_program.empty()) {
    return;
  }
  const auto plugin = find_plugin(m_environment);
  const auto program = plugin ? plugin : find_program("docker-compose", m_environment);
  if (!program) {
    throw Error(ErrorKind::environment, "there is neither 'docker compose' nor 'docker-compose': install Docker's "
                                        "compose plugin, or the package docker-compose");
  }
  m_program = program->string();
  m_name = plugin ? "docker compose" : "docker-compose";
}

Command ComposeCli::command(const std::vector<std::string>& arguments) {
  find();
  Command command = m_cli.command({});
  command.arguments = {m_program};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  std::erase_if(command.environment, [](const auto& variable) {
    return std::find(k_needed.begin(), k_needed.end(), variable.first) == k_needed.end();
  });
  command.environment["COMPOSE_EXPERIMENTAL_GIT_REMOTE"] = "0"; // nothing of a file comes from elsewhere
  command.environment["COMPOSE_EXPERIMENTAL_OCI_REMOTE"] = "0";
  command.environment["COMPOSE_HTTP_TIMEOUT"] = "300"; // of 1.29, whose usual minute a slow disk exceeds
  return command;
}

std::string ComposeCli::run(const std::vector<std::string>& arguments, const std::string& what, const OutputSink& sink,
                            Milliseconds deadline) {
  const EngineTime time(m_engine.clock());
  Command call = command(arguments);
  call.deadline = deadline;
  call.on_output = sink;
  call.interrupt = m_engine.interrupt();
  Outcome outcome = teal::run(call);
  if (outcome.interrupted) {
    m_engine.require_uninterrupted();
  }
  if (!outcome.succeeded()) {
    const std::string words(trim(last_lines(trim(outcome.tail), k_quoted_lines)));
    throw Error(outcome.timed_out ? ErrorKind::timeout : ErrorKind::environment,
                fmt::format("cannot {}: {} {}{}{}", what, name(), outcome.how_it_ended(deadline),
                            words.empty() ? "" : ": ", printable(words, true)));
  }
  return std::move(outcome.output);
}

std::string ComposeCli::name() {
  find();
  return m_name;
}

} // namespace teal::engine
