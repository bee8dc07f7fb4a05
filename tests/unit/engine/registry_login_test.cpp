#include "core/error.hpp"
#include "engine/registry_login.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <algorithm>

using namespace teal;
using namespace teal::engine;

namespace {

class LoginFixture {
protected:
  void configure(const std::string& text) const { write_file(m_folder.path() / "config.json", text, 0600); }
  /// The header, read as the engine does.
  [[nodiscard]] std::string login(const std::string& registry = "localhost:5000") const {
    std::string header = registry_login(registry, m_environment);
    std::replace(header.begin(), header.end(), '-', '+');
    std::replace(header.begin(), header.end(), '_', '/');
    return http::decode_base64(header).value_or("");
  }
  void make_helper(const std::string& script) {
    write_file(m_folder.path() / "docker-credential-safe", "#!/bin/sh\n" + script, 0755);
    m_environment["PATH"] = m_folder.path().string() + ":" + m_environment["PATH"];
  }

  TempFolder m_folder;
  Environment m_environment = [this] {
    Environment environment = clean_environment();
    environment["DOCKER_CONFIG"] = m_folder.path().string();
    return environment;
  }();
};

} // namespace

TEST_CASE_METHOD(LoginFixture, "a login is read from the command line's file, and is that of the registry") {
  CHECK(login().empty());
  configure(R"({"auths":{"localhost:5000":{"auth":")" + http::base64("anna:pa:ss?>~") + R"("}}})");
  CHECK(login() == R"({"username":"anna","password":"pa:ss?>~","serveraddress":"localhost:5000"})");
  CHECK(registry_login("localhost:5000", m_environment).find_first_of("+/") == std::string::npos);
  CHECK(login("other:5000").empty());
}

TEST_CASE_METHOD(LoginFixture, "docker.io is known by its old name") {
  configure(R"({"auths":{"https://index.docker.io/v1/":{"auth":")" + http::base64("anna:x") + R"("}}})");
  CHECK_THAT(login("docker.io"), ContainsSubstring("\"username\":\"anna\""));
}

TEST_CASE_METHOD(LoginFixture, "a registry may be kept by a URL of it, as old versions did") {
  configure(R"({"auths":{"https://hub.example.com/v1/":{"auth":")" + http::base64("anna:x") +
            R"("},"http://localhost:5000":{"identitytoken":"t"}}})");
  CHECK_THAT(login("hub.example.com"), ContainsSubstring("\"username\":\"anna\""));
  CHECK_THAT(login(), ContainsSubstring("\"identitytoken\":\"t\""));
  CHECK(login("example.com").empty());
}

TEST_CASE("who is refused for want of a login is told how to log in") {
  CHECK(login_advice("denied: requested access to the resource is denied", "hub.example.com/shop") ==
        "; log in with: docker login hub.example.com");
  CHECK(login_advice("connection refused", "hub.example.com/shop").empty());
}

TEST_CASE_METHOD(LoginFixture, "a credential helper is asked, that of the registry first") {
  make_helper(R"(read server; echo "{\"ServerURL\":\"$server\",\"Username\":\"bob\",\"Secret\":\"s\"}")");
  configure(R"({"credsStore":"safe"})");
  CHECK(login() == R"({"username":"bob","password":"s","serveraddress":"localhost:5000"})");
  configure(R"({"credHelpers":{"localhost:5000":"safe"},"auths":{}})");
  CHECK_THAT(login(), ContainsSubstring("bob"));
  CHECK(login("other:5000").empty());
}

TEST_CASE_METHOD(LoginFixture, "a helper that knows no login has none, and one that fails is told without its words") {
  configure(R"({"credsStore":"safe"})");
  make_helper("echo 'credentials not found in native keychain'; exit 1");
  CHECK(login().empty());
  make_helper("echo 'the secret is s'; exit 3");
  CHECK_THROWS_WITH(login(), ContainsSubstring("does not tell the login") && !ContainsSubstring("secret is s"));
  configure(R"({"credsStore":"../../tmp/x"})");
  CHECK_THROWS_WITH(login(), ContainsSubstring("is no credential helper"));
}

TEST_CASE_METHOD(LoginFixture, "a file that cannot be read is told and a token is handed on as one") {
  configure("{");
  CHECK_THROWS_AS(login(), Error);
  configure(R"({"auths":{"localhost:5000":{"auth":"?"}}})");
  CHECK_THROWS_WITH(login(), ContainsSubstring("has no login of 'localhost:5000' that can be read"));
  configure(R"({"auths":{"localhost:5000":{"identitytoken":"t"}}})");
  CHECK(login() == R"({"identitytoken":"t","serveraddress":"localhost:5000"})");
}
