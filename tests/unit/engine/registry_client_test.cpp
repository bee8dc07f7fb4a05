#include "engine/registry_client.hpp"
#include "engine/registry_settings.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "unit/engine/scripted_api.hpp"

using namespace teal;
using namespace teal::engine;

namespace {

constexpr const char* k_speaks_registry = "Docker-Distribution-Api-Version: registry/2.0\r\n";

class RegistryTest {
public:
  explicit RegistryTest(std::map<std::string, ScriptedAnswer> answers)
      : m_answers(std::move(answers)), m_server([this](const std::string& line, const auto& /*body*/) {
          const auto found = m_answers.find(line);
          return found == m_answers.end() ? ScriptedAnswer{.status = 404} : found->second;
        }) {}

  [[nodiscard]] RegistryClient client(const std::string& path = "", std::optional<Credentials> credentials = {}) const {
    return {m_server.address() + path, std::move(credentials)};
  }
  [[nodiscard]] const ScriptedApi& server() const { return m_server; }

private:
  std::map<std::string, ScriptedAnswer> m_answers;
  ScriptedApi m_server;
};

} // namespace

TEST_CASE("a registry is told by how it answers, one that wants a login as well") {
  CHECK_NOTHROW(RegistryTest({{"GET /v2/", {.body = "{}", .headers = k_speaks_registry}}}).client().ping());
  CHECK_NOTHROW(
      RegistryTest({{"GET /v2/", {.body = "{}", .headers = "Content-Type: application/json\r\n"}}}).client().ping());
  CHECK_NOTHROW(
      RegistryTest({{"GET /v2/", {.status = 401, .headers = "WWW-Authenticate: Basic realm=\"tealhook\"\r\n"}}})
          .client()
          .ping());
}

TEST_CASE("what answers and is no registry is told from what does not answer") {
  const RegistryTest website({{"GET /v2/", {.body = "<html>", .headers = "Content-Type: text/html\r\n"}}});
  CHECK_THROWS_WITH(website.client().ping(),
                    fmt::format("what answers at '{}' is no registry (HTTP 200)", website.server().address()));
  CHECK_THROWS_WITH(RegistryTest({{"GET /v2/", {.status = 401}}}).client().ping(),
                    ContainsSubstring("is no registry (HTTP 401)"));
  const std::string nobody = fmt::format("127.0.0.1:{}", free_port());
  CHECK_THROWS_WITH(RegistryClient(nobody, {}).ping(), ContainsSubstring("no registry answers at '" + nobody + "': "));
}

TEST_CASE("credentials go with every request and what they are not enough for says what is wanted") {
  const RegistryTest test(
      {{"GET /v2/", {.body = "{}", .headers = k_speaks_registry}}, {"GET /v2/_catalog?n=1000", {.status = 401}}});
  const Credentials known{"tealhook", "s3cret"};
  test.client("", known).ping();
  CHECK_THAT(test.server().last_head(), ContainsSubstring("Authorization: Basic dGVhbGhvb2s6czNjcmV0"));
  CHECK_THROWS_WITH(test.client("", known).list(), ContainsSubstring("it wants other credentials (HTTP 401)"));
  CHECK_THROWS_WITH(test.client().list(), ContainsSubstring("it wants a login (HTTP 401)"));
  CHECK_THAT(test.server().last_head(), !ContainsSubstring("Authorization"));
}

TEST_CASE("all repositories of the address's path are listed with their tags, page after page") {
  const RegistryTest test(
      {{"GET /v2/_catalog?n=1000",
        {.body = R"({"repositories":["other/shop","team/blog"]})",
         .headers = "Link: </v2/_catalog?last=team%2Fblog&n=1000>; rel=\"next\"\r\n"}},
       {"GET /v2/_catalog?last=team%2Fblog&n=1000", {.body = R"({"repositories":["team/shop"]})"}},
       {"GET /v2/team/blog/tags/list", {.body = R"({"name":"team/blog","tags":null})"}},
       {"GET /v2/team/shop/tags/list", {.body = R"({"name":"team/shop","tags":["blue","green"]})"}}});
  const auto repositories = test.client("/team").list();
  REQUIRE(repositories.size() == 2);
  CHECK(repositories[0].name == "blog");
  CHECK(repositories[0].tags.empty());
  CHECK(repositories[1].name == "shop");
  CHECK(repositories[1].tags == std::vector<std::string>{"blue", "green"});
}

TEST_CASE("a page that leads to itself is read once and a repository without manifests has no tags") {
  const RegistryTest test(
      {{"GET /v2/_catalog?n=1000",
        {.body = R"({"repositories":["shop"]})", .headers = "Link: </v2/_catalog?n=1000>; rel=\"next\"\r\n"}}});
  const auto repositories = test.client().list();
  REQUIRE(repositories.size() == 1);
  CHECK(repositories[0].tags.empty());
}

TEST_CASE("a manifest is removed, was gone already, or may not be removed") {
  const std::string line = "DELETE /v2/team/shop/manifests/sha256:1";
  CHECK(RegistryTest({{line, {.status = 202}}}).client("/team").remove_manifest("shop", "sha256:1"));
  CHECK(RegistryTest({}).client("/team").remove_manifest("shop", "sha256:1"));
  CHECK_FALSE(RegistryTest({{line, {.status = 405}}}).client("/team").remove_manifest("shop", "sha256:1"));
  CHECK_THROWS_WITH(RegistryTest({{line, {.status = 500}}}).client("/team").remove_manifest("shop", "sha256:1"),
                    ContainsSubstring("with HTTP 500"));
}

TEST_CASE("the port of a registry of our own is that of its address and one without names the key") {
  CHECK(RegistryServerSettings{.address = "localhost:5001"}.port() == 5001);
  CHECK_THROWS_WITH(static_cast<void>(RegistryServerSettings{.address = "registry.example.com"}.port()),
                    ContainsSubstring("registry.address 'registry.example.com' names no port"));
}
