#include "engine/images.hpp"
#include "support/catch.hpp"
#include "unit/engine/scripted_api.hpp"

using namespace teal;
using namespace teal::engine;

namespace {

/// An engine that gives the same answer to everything.
class ImagesTest {
public:
  explicit ImagesTest(ScriptedAnswer answer)
      : m_server([answer = std::move(answer)](const auto& /*line*/, const auto& /*body*/) { return answer; }),
        m_engine(m_server.host()) {}

  [[nodiscard]] Images images() { return Images(m_engine); }
  [[nodiscard]] std::string head() const { return m_server.last_head(); }
  [[nodiscard]] std::string asked() const { return m_server.asked().at(0); }

private:
  ScriptedApi m_server;
  Engine m_engine;
};

constexpr const char* k_image = R"({"Id":"sha256:1","RepoTags":["r/shop:blue","r/shop:abc"],)"
                                R"("RepoDigests":["r/shop@sha256:2"],"Size":4096,"Os":"linux","Architecture":"arm64",)"
                                R"("Config":{"Labels":{"a":"b"}}})";

} // namespace

TEST_CASE("an image is found by any of its names with its tags and digests") {
  ImagesTest test({.body = k_image});
  const auto image = test.images().inspect("localhost:5000/shop@sha256:2");
  REQUIRE(image);
  CHECK(image->id == "sha256:1");
  CHECK(image->tags == std::vector<std::string>{"r/shop:blue", "r/shop:abc"});
  CHECK(image->digests == std::vector<std::string>{"r/shop@sha256:2"});
  CHECK(image->size == 4096);
  CHECK(image->platform == "linux/arm64");
  CHECK(image->labels.at("a") == "b");
  CHECK(test.asked() == "GET /images/localhost%3A5000%2Fshop%40sha256%3A2/json");
}

TEST_CASE("an image that is not there is none and an engine that fails is an error with its words") {
  ImagesTest missing({.status = 404, .body = R"({"message":"No such image"})"});
  CHECK_FALSE(missing.images().inspect("shop"));
  ImagesTest failing({.status = 500, .body = R"({"message":"layer store is damaged"})"});
  CHECK_THROWS_WITH(failing.images().inspect("shop"), "layer store is damaged");
}

TEST_CASE("an answer that is no image is an error and not an image without a name") {
  ImagesTest test({.body = "<html>a proxy</html>"});
  CHECK_THROWS_AS(test.images().inspect("shop"), Error);
}

TEST_CASE("the images of a repository are asked for by its name alone") {
  ImagesTest test({.body = std::string("[") + k_image + R"(,{"Id":"sha256:9","RepoTags":null}])"});
  const auto images = test.images().list("localhost:5000/shop");
  REQUIRE(images.size() == 2);
  CHECK(images[1].id == "sha256:9");
  CHECK(images[1].tags.empty());
  CHECK(test.asked() == "GET /images/json?filters=%7B%22reference%22%3A%5B%22localhost%3A5000%2Fshop%22%5D%7D");
}

TEST_CASE("a name is given and taken with all in it that a path could mean otherwise") {
  ImagesTest tagging({.status = 201});
  tagging.images().tag("sha256:1", "localhost:5000/shop", "a&b");
  CHECK(tagging.asked() == "POST /images/sha256%3A1/tag?repo=localhost%3A5000%2Fshop&tag=a%26b");
  ImagesTest removing({.body = "[]"});
  CHECK(removing.images().remove("r/shop:../blue"));
  CHECK(removing.asked() == "DELETE /images/r%2Fshop%3A..%2Fblue");
}

TEST_CASE("an image that is gone already counts as removed and one in use does not") {
  CHECK(ImagesTest({.status = 404, .body = "{}"}).images().remove("shop"));
  CHECK_FALSE(ImagesTest({.status = 409, .body = "{}"}).images().remove("shop"));
  CHECK_THROWS_AS(ImagesTest({.status = 500, .body = "{}"}).images().remove("shop"), Error);
  CHECK_THROWS_AS(ImagesTest({.body = "a proxy says hello"}).images().remove("shop"), Error);
}

TEST_CASE("a digest is asked for at the registry, with the login that there is") {
  ImagesTest test({.body = R"({"Descriptor":{"digest":"sha256:7"},"Platforms":[]})"});
  CHECK(test.images().digest_at_registry("localhost:5000/shop:stable", "") == "sha256:7");
  CHECK(test.asked() == "GET /distribution/localhost%3A5000%2Fshop%3Astable/json");
  CHECK_THAT(test.head(), !ContainsSubstring("X-Registry-Auth"));
  CHECK(test.images().digest_at_registry("localhost:5000/shop:stable", "bG9naW4=") == "sha256:7");
  CHECK_THAT(test.head(), ContainsSubstring("X-Registry-Auth: bG9naW4="));
  ImagesTest missing({.status = 404, .body = R"({"message":"manifest unknown"})"});
  CHECK_FALSE(missing.images().digest_at_registry("shop:stable", ""));
  ImagesTest refused({.status = 401, .body = R"({"message":"unauthorized"})"});
  CHECK_THROWS_WITH(refused.images().digest_at_registry("shop:stable", ""),
                    "cannot ask the registry for 'shop:stable': unauthorized");
}
