#include "trigger/source.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "http/tcp_probe.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <memory>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_longest_token = 4096;
constexpr Milliseconds k_probe_time = std::chrono::seconds(10);
constexpr std::string_view k_https = "https://";
constexpr std::string_view k_ssh = "ssh://";
constexpr std::uint16_t k_ssh_port = 22;

/// Of a token alone, the user is one that GitHub and GitLab take with any.
std::string basic_authorization(const fs::path& file) {
  const std::string token(trim(read_file(file, k_longest_token)));
  if (token.empty() || token.find('\n') != std::string::npos) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is no token: it has to be one line", file.string()));
  }
  return "Basic " + http::base64(token.find(':') == std::string::npos ? "x-access-token:" + token : token);
}

/// Whether git's own first request would be answered by who means it.
bool answers_https(const git::Remote& remote) {
  constexpr int k_too_many = 429;
  constexpr int k_server_fault = 500;
  const std::string_view rest = std::string_view(remote.url).substr(k_https.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view authority = rest.substr(0, slash);
  try {
    http::Client client(
        http::parse_endpoint(std::string(k_https) + std::string(authority.substr(authority.find('@') + 1))));
    http::Request request{
        .target = std::string(rest.substr(slash)) + "/info/refs?service=git-upload-pack", .headers = {}, .body = {}};
    if (!remote.authorization.empty()) {
      request.headers["Authorization"] = remote.authorization;
    }
    const int status = client.request(request, {.connect = k_probe_time, .total = k_probe_time}).status;
    return status != k_too_many && status < k_server_fault;
  } catch (const Error&) {
    return false;
  }
}

struct FreeAddresses {
  void operator()(addrinfo* info) const { ::freeaddrinfo(info); }
};

bool accepts_connections(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) {
    return false;
  }
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> name{};
    if (::getnameinfo(one->ai_addr, one->ai_addrlen, name.data(), name.size(), nullptr, 0, NI_NUMERICHOST) == 0 &&
        !http::why_no_connection(name.data(), port, k_probe_time)) {
      return true;
    }
  }
  return false;
}

/// Of ssh://user@host:port/path and user@host:path.
bool answers_ssh(std::string_view url) {
  const bool is_url = url.starts_with(k_ssh);
  std::string_view authority = is_url ? url.substr(k_ssh.size()) : url;
  authority = authority.substr(0, authority.find(is_url ? '/' : ':'));
  authority = authority.substr(authority.rfind('@') + 1);
  const std::size_t colon = authority.rfind(':');
  const bool has_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  const auto port = has_port ? parse_integer(authority.substr(colon + 1)) : std::nullopt;
  std::string host(has_port ? authority.substr(0, colon) : authority);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return accepts_connections(host, static_cast<std::uint16_t>(port.value_or(k_ssh_port)));
}

/// Whether who answers there is the one that refuses; a path of this host always is.
bool answers(const git::Remote& remote) {
  const std::string_view url = remote.url;
  if (url.starts_with(k_https)) {
    return answers_https(remote);
  }
  return url.starts_with('/') || url.starts_with("file://") || answers_ssh(url);
}

std::vector<fs::path> own_repositories(const AppFolder& app, const std::string& name,
                                       const OwnRepositories& repositories) {
  std::vector<fs::path> paths{app.live_repository()};
  for (const Color color : k_colors) {
    paths.push_back(app.repository(color));
  }
  for (const fs::path& path : repositories.list(name)) {
    paths.push_back(path);
  }
  std::error_code gone;
  std::erase_if(paths, [&](const fs::path& path) { return !fs::is_directory(path, gone); });
  return paths;
}

} // namespace

fs::path file_of_app(const AppFolder& app, const fs::path& file) {
  return file.empty() ? file : app.root / file;
}

git::Remote Source::remote() const {
  return {.url = m_settings.url,
          .key = file_of_app(m_app, m_settings.key),
          .known_hosts = file_of_app(m_app, m_settings.known_hosts),
          .authorization =
              m_settings.token_file.empty() ? "" : basic_authorization(file_of_app(m_app, m_settings.token_file))};
}

ResolvedRef Source::fetch(const std::string& ref, const git::FetchOptions& options) const {
  const fs::path repository = m_app.source_repository(m_settings.name);
  const git::Remote from = remote();
  try {
    return {repository, git::fetch_ref(from, ref, repository, options).new_commit};
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::environment && !options.interrupt.stop_requested() && answers(from)) {
      throw Error(ErrorKind::settings, error.message());
    }
    throw;
  }
}

ResolvedRef Source::find(const std::string& ref, std::string_view hint, const OwnRepositories& repositories) const {
  ResolvedRef found;
  for (const fs::path& path : own_repositories(m_app, m_app.root.filename().string(), repositories)) {
    auto commit = git::Repository::open(path).find_commit(ref);
    if (commit && (!found.commit || commit->id == hint)) {
      found = {path, std::move(commit)};
    }
  }
  return found;
}

} // namespace teal
