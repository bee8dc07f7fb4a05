#include "engine/registry_client.hpp"

#include "core/text.hpp"
#include "engine/json_fields.hpp"
#include "engine/registry_address.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace teal::engine {

namespace {

constexpr std::chrono::seconds k_ping_patience(2);
constexpr std::chrono::seconds k_patience(30);
/// What a tag may stand for: a registry makes something else of what is not asked for by its type.
constexpr const char* k_manifest_types = "application/vnd.oci.image.index.v1+json, "
                                         "application/vnd.oci.image.manifest.v1+json, "
                                         "application/vnd.docker.distribution.manifest.list.v2+json, "
                                         "application/vnd.docker.distribution.manifest.v2+json";

std::string header(const http::Response& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::string() : found->second;
}

bool speaks_registry(const http::Response& response) {
  if (response.status == 401) {
    return response.headers.contains("www-authenticate");
  }
  return response.status == 200 && (response.headers.contains("docker-distribution-api-version") ||
                                    header(response, "content-type").starts_with("application/json"));
}

/// `repository` as part of a path: each of its segments encoded.
std::string encode(const std::string& repository) {
  std::vector<std::string> segments = split(repository, '/');
  for (std::string& segment : segments) {
    segment = http::percent_encode(segment);
  }
  return join(segments, "/");
}

} // namespace

RegistryClient::RegistryClient(std::string address, std::optional<Credentials> credentials)
    : m_address(std::move(address)), m_credentials(std::move(credentials)),
      m_client(http::parse_endpoint(registry_url(m_address))) {}

http::Response RegistryClient::ask(const std::string& method, const std::string& target, Milliseconds patience) {
  return send({.method = method, .target = target, .headers = {}, .body = {}}, patience);
}

http::Response RegistryClient::send(http::Request request, Milliseconds patience, const std::stop_token& interrupt) {
  if (m_credentials) {
    request.headers["Authorization"] = "Basic " + http::base64(m_credentials->user + ":" + m_credentials->password);
  }
  http::Limits limits;
  limits.connect = std::min(limits.connect, patience);
  limits.total = patience;
  limits.interrupt = interrupt;
  return m_client.request(request, limits);
}

void RegistryClient::require_success(const http::Response& response, const std::string& target) const {
  if (response.status == 401 || response.status == 403) {
    throw Error(ErrorKind::environment,
                fmt::format("registry '{}' does not let us at '{}': it wants {} (HTTP {})", m_address, target,
                            m_credentials ? "other credentials" : "a login", response.status));
  }
  if (response.status >= 300) {
    throw Error(ErrorKind::environment,
                fmt::format("registry '{}' answered '{}' with HTTP {}", m_address, target, response.status));
  }
}

void RegistryClient::ping() {
  http::Response response;
  try {
    response = ask("GET", "/v2/", k_ping_patience);
  } catch (const Error& error) {
    throw Error(ErrorKind::environment, fmt::format("no registry answers at '{}': {}", m_address, error.message()));
  }
  if (!speaks_registry(response)) {
    throw Error(ErrorKind::environment,
                fmt::format("what answers at '{}' is no registry (HTTP {})", m_address, response.status));
  }
}

std::vector<std::string> RegistryClient::read_pages(std::string target, std::string_view field) {
  std::vector<std::string> names;
  while (!target.empty()) {
    const http::Response response = ask("GET", target, k_patience);
    if (response.status == 404) {
      break; // a repository of which everything was deleted
    }
    require_success(response, target);
    for (const std::string& name : fields::texts(fields::parse(response.body, "the registry"), {field})) {
      names.push_back(name);
    }
    const std::string next = next_page(header(response, "link"));
    target = next == target ? std::string() : next;
  }
  return names;
}

std::vector<RegistryClient::Repository> RegistryClient::list() {
  const std::string prefix = path_prefix(m_address);
  std::vector<Repository> repositories;
  for (const std::string& name : read_pages("/v2/_catalog?n=1000", "repositories")) {
    if (name.starts_with(prefix)) {
      repositories.push_back(
          {.name = name.substr(prefix.size()), .tags = read_pages("/v2/" + encode(name) + "/tags/list", "tags")});
    }
  }
  return repositories;
}

std::string RegistryClient::manifest_path(const std::string& repository, const std::string& reference) const {
  return fmt::format("/v2/{}/manifests/{}", encode(path_prefix(m_address) + repository), reference);
}

void RegistryClient::tag_manifest(const std::string& repository, const std::string& digest, const std::string& tag,
                                  const std::stop_token& interrupt) {
  const std::string known = manifest_path(repository, digest);
  const http::Response manifest = send(
      {.method = "GET", .target = known, .headers = {{"Accept", k_manifest_types}}, .body = {}}, k_patience, interrupt);
  require_success(manifest, known);
  const std::string target = manifest_path(repository, http::percent_encode(tag));
  const http::Response answer = send({.method = "PUT",
                                      .target = target,
                                      .headers = {{"Content-Type", header(manifest, "content-type")}},
                                      .body = manifest.body},
                                     k_patience, interrupt);
  require_success(answer, target);
  const std::string made = header(answer, "docker-content-digest");
  if (!made.empty() && made != digest) {
    throw Error(ErrorKind::environment,
                fmt::format("registry '{}' made {} of {} at '{}'", m_address, made, digest, target));
  }
}

bool RegistryClient::remove_manifest(const std::string& repository, const std::string& digest) {
  const std::string target = manifest_path(repository, digest);
  const http::Response response = ask("DELETE", target, k_patience);
  if (response.status == 405) {
    return false;
  }
  if (response.status != 404) {
    require_success(response, target);
  }
  return true;
}

} // namespace teal::engine
