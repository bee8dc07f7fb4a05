#include "git/remote_command.hpp"

#include <fmt/format.h>

namespace teal::git {

namespace {

/// For the shell that git gives GIT_SSH_COMMAND to.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return result + "'";
}

/// ssh_config(5) reads a file's name with %-tokens, and quotes around one with blanks.
std::string ssh_option(std::string_view name, const std::filesystem::path& file) {
  std::string path;
  for (const char c : file.string()) {
    path += c == '%' ? std::string("%%") : std::string(1, c);
  }
  return " -o " + quoted(fmt::format("{}=\"{}\"", name, path));
}

std::string ssh_command(const Remote& remote) {
  std::string command = "ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o UpdateHostKeys=no -o ConnectTimeout=20 "
                        "-o ServerAliveInterval=15 -o ServerAliveCountMax=3";
  if (!remote.key.empty()) {
    command += " -o IdentitiesOnly=yes" + ssh_option("IdentityFile", remote.key);
  }
  if (!remote.known_hosts.empty()) {
    command += " -o GlobalKnownHostsFile=/dev/null" + ssh_option("UserKnownHostsFile", remote.known_hosts);
  }
  return command;
}

/// The header goes by the environment, which only our own user can read.
Environment environment_for(const Remote& remote, Environment environment) {
  environment["GIT_TERMINAL_PROMPT"] = "0";
  environment["GIT_ALLOW_PROTOCOL"] = "file:https:ssh";
  environment["GIT_SSH_COMMAND"] = ssh_command(remote);
  environment.erase("SSH_ASKPASS");
  if (!remote.authorization.empty()) {
    environment["GIT_CONFIG_COUNT"] = "1";
    environment["GIT_CONFIG_KEY_0"] = "http.extraHeader";
    environment["GIT_CONFIG_VALUE_0"] = "Authorization: " + remote.authorization;
  }
  return environment;
}

} // namespace

Command remote_command(const Remote& remote, const std::filesystem::path& repository, const FetchOptions& options,
                       const std::vector<std::string>& arguments, std::chrono::seconds silence) {
  Command command{.arguments = {"git", "-c", "gc.autoDetach=false", "-c", "credential.helper=", "-c",
                                "http.lowSpeedLimit=1", "-c", fmt::format("http.lowSpeedTime={}", silence.count()),
                                "--git-dir=" + repository.string()},
                  .environment = environment_for(remote, options.environment),
                  .deadline = options.deadline,
                  .interrupt = options.interrupt};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

} // namespace teal::git
