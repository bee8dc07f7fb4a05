#include "engine/registry_login.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace teal::engine {

namespace {

namespace json = boost::json;

constexpr const char* k_hub = "https://index.docker.io/v1/"; ///< as the file calls docker.io
constexpr Milliseconds k_deadline = std::chrono::seconds(20);

std::string variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::filesystem::path config_file(const Environment& environment) {
  const std::string folder = variable(environment, "DOCKER_CONFIG");
  return (folder.empty() ? std::filesystem::path(variable(environment, "HOME")) / ".docker"
                         : std::filesystem::path(folder)) /
         "config.json";
}

/// RFC 4648, section 5, which the engine reads such a header by.
std::string header_of(const json::object& login) {
  std::string text = http::base64(json::serialize(login));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

/// Helpers keep what is no password under this name.
json::object login_of(const std::string& user, const std::string& secret, const std::string& server) {
  constexpr std::string_view k_token = "<token>";
  if (user == k_token) {
    return {{"identitytoken", secret}, {"serveraddress", server}};
  }
  return {{"username", user}, {"password", secret}, {"serveraddress", server}};
}

/// docker-credential-helpers: the server on standard input, and JSON as the answer.
std::string ask_helper(const std::string& helper, const std::string& server, const Environment& environment) {
  constexpr std::string_view k_none = "credentials not found";
  const std::string program = "docker-credential-" + helper;
  if (helper.find('/') != std::string::npos) {
    throw Error(ErrorKind::environment, fmt::format("'{}' is no credential helper", printable(program)));
  }
  const Outcome outcome =
      run({.arguments = {program, "get"}, .environment = environment, .input = server, .deadline = k_deadline});
  if (!outcome.succeeded()) {
    if (outcome.tail.find(k_none) != std::string::npos) {
      return "";
    }
    throw Error(ErrorKind::environment, fmt::format("'{}' does not tell the login of '{}': it {}", program, server,
                                                    outcome.how_it_ended(k_deadline)));
  }
  const json::value answer = fields::parse(outcome.output, program);
  return header_of(login_of(fields::text(answer, {"Username"}), fields::text(answer, {"Secret"}), server));
}

} // namespace

std::string registry_login(const Credentials& credentials, const std::string& registry) {
  return header_of(login_of(credentials.user, credentials.password, registry));
}

std::string registry_login(const std::string& registry, const Environment& environment) {
  const std::filesystem::path file = config_file(environment);
  if (!files::exists(file)) {
    return "";
  }
  const std::string server = registry == "docker.io" ? k_hub : registry;
  const json::value config = fields::parse(read_file(file), file.string());
  std::string helper = fields::text(config, {"credHelpers", server});
  if (helper.empty()) {
    helper = fields::text(config, {"credsStore"});
  }
  if (!helper.empty()) {
    return ask_helper(helper, server, environment);
  }
  const std::string token = fields::text(config, {"auths", server, "identitytoken"});
  const std::string pair = fields::text(config, {"auths", server, "auth"}); // base64 of "user:password"
  if (!token.empty()) {
    return header_of(login_of("<token>", token, server));
  }
  if (pair.empty()) {
    return "";
  }
  const std::string login = http::decode_base64(pair).value_or("");
  const std::size_t colon = login.find(':');
  if (colon == std::string::npos) {
    throw Error(ErrorKind::environment,
                fmt::format("'{}' has no login of '{}' that can be read", file.string(), server));
  }
  return header_of(login_of(login.substr(0, colon), login.substr(colon + 1), server));
}

} // namespace teal::engine
