#include "engine/registry_login.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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

/// The host of "https://registry.example.com/v1/", which is how old versions called one.
std::string_view host_of(std::string_view server) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (server.starts_with(scheme)) {
      server.remove_prefix(scheme.size());
    }
  }
  return server.substr(0, server.find('/'));
}

/// The file's own entry for `server`, or null.
const json::value* find_kept(const json::value& config, const std::string& server) {
  if (const json::value* exact = fields::find(config, {"auths", server})) {
    return exact;
  }
  const json::value* all = fields::find(config, {"auths"});
  if (all == nullptr || !all->is_object()) {
    return nullptr;
  }
  for (const auto& entry : all->get_object()) {
    if (host_of({entry.key().data(), entry.key().size()}) == server) {
      return &entry.value();
    }
  }
  return nullptr;
}

} // namespace

std::string login_advice(std::string_view refusal, const std::string& repository) {
  constexpr std::array<std::string_view, 3> k_refusals{"no basic auth credentials", "unauthorized", "denied"};
  const bool refused = std::any_of(k_refusals.begin(), k_refusals.end(),
                                   [&](std::string_view one) { return refusal.find(one) != std::string_view::npos; });
  return refused ? fmt::format("; log in with: docker login {}", repository.substr(0, repository.find('/'))) : "";
}

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
  const json::value* kept = find_kept(config, server);
  if (kept == nullptr) {
    return "";
  }
  const std::string token = fields::text(*kept, {"identitytoken"});
  const std::string pair = fields::text(*kept, {"auth"}); // base64 of "user:password"
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
