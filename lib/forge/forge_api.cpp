#include "forge/forge_api.hpp"

#include "core/text.hpp"
#include "forge/forges.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace teal::forge {

namespace {

namespace fs = std::filesystem;
using Kind = SourceSettings::Forge;

struct Entry {
  Kind kind;
  std::string_view name;
  std::string_view api; ///< of the forge that everybody means by the name; empty: everybody has one of their own
  std::unique_ptr<ForgeApi> (*make)(const Account&, CallOptions, const Clock&);
};

constexpr std::array<Entry, 4> k_forges{{
    {Kind::github, "GitHub", "https://api.github.com", make_github},
    {Kind::gitea, "Gitea", "", make_gitea},
    {Kind::gitlab, "GitLab", "https://gitlab.com/api/v4", make_gitlab},
    {Kind::bitbucket, "Bitbucket", "https://api.bitbucket.org/2.0", make_bitbucket},
}};

const Entry* find_entry(Kind kind) noexcept {
  const auto* const found =
      std::find_if(k_forges.begin(), k_forges.end(), [kind](const Entry& one) { return one.kind == kind; });
  return found == k_forges.end() ? nullptr : found;
}

[[noreturn]] void cannot(std::string_view what) {
  throw Error(ErrorKind::internal, fmt::format("this forge {}", what));
}

} // namespace

std::string_view to_string(State state) noexcept {
  constexpr std::array<std::string_view, 4> k_names{"pending", "success", "failure", "stopped"};
  return k_names.at(static_cast<std::size_t>(state));
}

std::vector<Delivered> ForgeApi::deliveries(const std::string& /*hook*/, TimePoint /*since*/) {
  cannot("lists no deliveries");
}

void ForgeApi::redeliver(const std::string& /*hook*/, const std::string& /*delivery*/) {
  cannot("delivers nothing again");
}

std::string ForgeApi::create_deployment(const std::string& /*commit*/, const std::string& /*environment*/) {
  cannot("has no deployments");
}

void ForgeApi::set_deployment_status(const std::string& /*id*/, const CommitStatus& /*status*/) {
  cannot("has no deployments");
}

std::unique_ptr<ForgeApi> make_api(Kind forge, const Account& account, CallOptions options, const Clock& clock) {
  const Entry* const entry = find_entry(forge);
  if (entry == nullptr) {
    throw Error(ErrorKind::usage, "a generic sender has no API: use github, gitea, forgejo, gitlab or bitbucket");
  }
  Account whole = account;
  if (whole.api.empty()) {
    whole.api = entry->api;
  }
  if (whole.api.empty()) {
    throw Error(ErrorKind::usage,
                fmt::format("say where {}'s API is: --api https://git.example.com/api/v1", entry->name));
  }
  return entry->make(whole, std::move(options), clock);
}

bool is_plain_text(std::string_view api) {
  if (!api.starts_with("http://")) {
    return false;
  }
  const std::string_view authority = api.substr(0, api.find('/', std::string_view("http://").size()));
  const std::string host = http::parse_endpoint(authority).host;
  return host != "localhost" && host != "::1" && !host.starts_with("127.");
}

std::string read_token(const std::filesystem::path& file) {
  constexpr std::size_t k_longest = 4096;
  if (!files::exists(file)) {
    throw Error(ErrorKind::settings, fmt::format("there is no file '{}' with the token", file.string()));
  }
  if ((files::permissions_of(file) & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none) {
    throw Error(ErrorKind::settings, fmt::format("others may read the token in '{0}': chmod 600 '{0}'", file.string()));
  }
  std::string token(trim(read_file(file, k_longest)));
  const bool is_clean = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (token.empty() || !is_clean) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is no token: it has to be one line", file.string()));
  }
  return token;
}

} // namespace teal::forge
