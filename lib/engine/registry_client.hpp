/// @file
/// RegistryClient: the private registry's own HTTP API, as far as tealhook asks it (OCI distribution spec 1.1).
#pragma once

#include "core/clock.hpp"
#include "http/client.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace teal::engine {

struct Credentials {
  std::string user;
  std::string password;
};

class RegistryClient {
public:
  /// `address`: "localhost:5000", or with a path ("registry.example.com/team"). Plain HTTP where the host is loopback,
  /// else TLS, as the engine does.
  RegistryClient(std::string address, std::optional<Credentials> credentials);

  /// Throws Error(environment) within two seconds, saying what failed, if it does not answer as a registry does. A
  /// registry that wants a login which we have not (401) is up, and fine.
  void ping();
  struct Repository {
    std::string name; ///< below the address's path: "shop"
    std::vector<std::string> tags;
  };
  [[nodiscard]] std::vector<Repository> list();
  /// Another tag for a manifest that is there, be it an image's or an index's. Throws Error(busy) if interrupted.
  void tag_manifest(const std::string& repository, const std::string& digest, const std::string& tag,
                    const std::stop_token& interrupt);
  /// Fine if it is not there. False if the registry does not allow it.
  bool remove_manifest(const std::string& repository, const std::string& digest);

private:
  http::Response ask(const std::string& method, const std::string& target, Milliseconds patience);
  http::Response send(http::Request request, Milliseconds patience, const std::stop_token& interrupt = {});
  [[nodiscard]] std::string manifest_path(const std::string& repository, const std::string& reference) const;
  void require_success(const http::Response& response, const std::string& target) const;
  /// The texts in `field` of the answer and of those that its Link header leads to.
  std::vector<std::string> read_pages(std::string target, std::string_view field);

  std::string m_address;
  std::optional<Credentials> m_credentials;
  http::Client m_client;
};

} // namespace teal::engine
