#include "core/error.hpp"
#include "engine/push_output.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::engine;

namespace {

/// As Docker 20.10 sends it.
const std::string k_output =
    R"({"status":"The push refers to repository [localhost:5000/shop]"}
{"status":"Preparing","progressDetail":{},"id":"5f70bf18a086"}
{"status":"Preparing","progressDetail":{},"id":"a3ed95caeb02"}
{"status":"Waiting","progressDetail":{},"id":"bbbbbbbbbbbb"}
{"status":"Pushing","progressDetail":{"current":512,"total":1024},"progress":"[==>  ]","id":"5f70bf18a086"}
{"status":"Pushed","progressDetail":{},"id":"5f70bf18a086"}
{"status":"Layer already exists","progressDetail":{},"id":"a3ed95caeb02"}
)";
const std::string k_end = R"({"status":"blue: digest: sha256:9f2c31e0 size: 527"}
{"progressDetail":{},"aux":{"Tag":"blue","Digest":"sha256:9f2c31e0","Size":527}}
)";

} // namespace

TEST_CASE("a push tells how many of its layers are there in pieces of any size") {
  PushOutput output("blue");
  CHECK(output.text().empty());
  for (const char c : k_output) {
    output.feed(std::string(1, c));
  }
  CHECK(output.text() == "2 of 3 layers");
  CHECK(output.digest().empty());
  output.feed(k_end);
  CHECK(output.digest() == "sha256:9f2c31e0");
  CHECK(output.fault().empty());
}

TEST_CASE("another tag's digest is not taken") {
  PushOutput output("green");
  output.feed(k_output + k_end);
  CHECK(output.digest().empty());
}

TEST_CASE("output without a digest has none") {
  PushOutput output("blue");
  output.feed("{\"status\":\"Writing manifest to image destination\"}\n");
  CHECK(output.digest().empty());
  output.feed("");
  CHECK(output.digest().empty());
}

TEST_CASE("a digest without a size, and with a carriage return, is read") {
  PushOutput output("blue");
  output.feed("{\"aux\":{\"Tag\":\"blue\",\"Digest\":\"sha256:ab\"}}\r\n");
  CHECK(output.digest() == "sha256:ab");
}

TEST_CASE("a layer of another repository at the registry is there") {
  PushOutput output("blue");
  output.feed("{\"status\":\"Mounted from blog\",\"id\":\"5f70bf18a086\"}\r\n");
  CHECK(output.text() == "1 of 1 layers");
}

TEST_CASE("a push that fails says why") {
  PushOutput output("blue");
  output.feed(k_output);
  output.feed(R"({"errorDetail":{"message":"denied: no"},"error":"denied: no"})"
              "\n");
  CHECK(output.fault() == "denied: no");
  CHECK(output.digest().empty());
}

TEST_CASE("what is no JSON is no push") {
  PushOutput output("blue");
  CHECK_THROWS_WITH(output.feed("<html>\n"), ContainsSubstring("the engine answered with broken JSON"));
}
