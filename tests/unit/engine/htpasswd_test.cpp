#include "engine/htpasswd.hpp"
#include "engine/registry_server.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <crypt.h>

#include <filesystem>
#include <string>

using namespace teal;
using namespace teal::engine;

namespace {

namespace fs = std::filesystem;

/// Whether the line of `user` in an htpasswd file lets `password` in.
bool lets_in(const std::string& htpasswd, const std::string& user, const std::string& password) {
  const auto at = htpasswd.find(user + ":");
  if (at == std::string::npos) {
    return false;
  }
  const auto hash_at = at + user.size() + 1;
  const std::string hash = htpasswd.substr(hash_at, htpasswd.find('\n', at) - hash_at);
  crypt_data scratch{};
  const char* computed = ::crypt_rn(password.c_str(), hash.c_str(), &scratch, sizeof(scratch));
  return computed != nullptr && hash == computed;
}

RegistryServerSettings settings_in(const fs::path& folder) {
  RegistryServerSettings settings;
  settings.folder = folder;
  settings.htpasswd = true;
  return settings;
}

fs::perms mode_of(const fs::path& file) {
  return fs::status(file).permissions();
}

constexpr fs::perms k_owner_only = fs::perms::owner_read | fs::perms::owner_write;

} // namespace

TEST_CASE("a password is 32 characters that need no quoting, and never the same") {
  const std::string password = make_password();
  CHECK(password.size() == 32);
  CHECK(password.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
  CHECK(make_password() != password);
}

TEST_CASE("an htpasswd line is bcrypt of the password") {
  const std::string line = htpasswd_line({.user = "tealhook", .password = "secret"});
  CHECK_THAT(line, ContainsSubstring("tealhook:$2b$"));
  CHECK(lets_in(line, "tealhook", "secret"));
  CHECK_FALSE(lets_in(line, "tealhook", "Secret"));
}

TEST_CASE("other users of an htpasswd file stay, and ours is replaced") {
  const std::string text = with_user("alice:x\ntealhook:old\n\nbob:y", {.user = "tealhook", .password = "new"});
  CHECK_THAT(text, ContainsSubstring("alice:x\n"));
  CHECK_THAT(text, ContainsSubstring("bob:y\n"));
  CHECK_THAT(text, !ContainsSubstring("tealhook:old"));
  CHECK(lets_in(text, "tealhook", "new"));
}

TEST_CASE("credentials are made once, for their owner's eyes only") {
  const TempFolder folder;
  const RegistryServerSettings settings = settings_in(folder.path());
  const Credentials made = ensure_credentials(settings);
  CHECK(made.user == "tealhook");
  CHECK(lets_in(read_file(settings.htpasswd_file()), made.user, made.password));
  CHECK(mode_of(settings.htpasswd_file()) == k_owner_only);
  CHECK(mode_of(settings.credentials_file()) == k_owner_only);
  CHECK(ensure_credentials(settings).password == made.password);
}

TEST_CASE("where one of the two files is lost, both are made anew") {
  const TempFolder folder;
  const RegistryServerSettings settings = settings_in(folder.path());
  const Credentials first = ensure_credentials(settings);
  fs::remove(settings.htpasswd_file());
  const Credentials second = ensure_credentials(settings);
  CHECK(second.password != first.password);
  CHECK(lets_in(read_file(settings.htpasswd_file()), second.user, second.password));

  fs::remove(settings.credentials_file());
  const Credentials third = ensure_credentials(settings);
  CHECK(lets_in(read_file(settings.htpasswd_file()), third.user, third.password));
  CHECK_FALSE(lets_in(read_file(settings.htpasswd_file()), third.user, second.password));
}

TEST_CASE("credentials are read from a file of one line") {
  const TempFolder folder;
  const fs::path file = folder.path() / "credentials";
  CHECK_FALSE(RegistryServer::read_credentials(file));
  write_file(file, "deploy:pass:word\n");
  const auto credentials = RegistryServer::read_credentials(file);
  REQUIRE(credentials);
  CHECK(credentials->user == "deploy");
  CHECK(credentials->password == "pass:word");
}

TEST_CASE("a credentials file without a user is an error that names it") {
  const TempFolder folder;
  const fs::path file = folder.path() / "credentials";
  for (const char* bad : {"", "password", ":password"}) {
    write_file(file, bad);
    CHECK_THROWS_WITH(RegistryServer::read_credentials(file), ContainsSubstring(file.string()));
  }
}
