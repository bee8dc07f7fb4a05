#include "api/openapi.hpp"
#include "api/operations.hpp"
#include "core/text.hpp"
#include "support/catch.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <set>

using namespace teal;
using api::find_operation;
using Segments = std::vector<std::string>;

namespace {

namespace json = boost::json;

std::string lower(std::string_view text) {
  std::string made(text);
  std::transform(made.begin(), made.end(), made.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

} // namespace

TEST_CASE("each operation is described and nothing else is") {
  const json::value document = json::parse(api::openapi_text());
  std::set<std::string> described;
  std::set<std::string> ids;
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& one : path.value().as_object()) {
      described.insert(std::string(one.key()) + " " + std::string(path.key()));
      ids.insert(std::string(one.value().at("operationId").as_string()));
    }
  }
  std::set<std::string> there;
  for (const api::Operation& one : api::operations()) {
    there.insert(lower(one.method) + " " + std::string(one.pattern));
  }
  CHECK(described == there);
  CHECK(ids.size() == there.size());
}

TEST_CASE("what an operation is described to take is what it takes") {
  const json::value document = json::parse(api::openapi_text());
  for (const api::Operation& one : api::operations()) {
    INFO(one.method << " " << one.pattern);
    const json::object& described =
        document.at("paths").at(json::string_view(one.pattern)).at(lower(one.method)).as_object();
    std::set<std::string> query;
    if (const auto* parameters = described.if_contains("parameters")) {
      for (const json::value& parameter : parameters->as_array()) {
        if (parameter.at("in") == "query") {
          query.insert(std::string(parameter.at("name").as_string()));
        }
      }
    }
    const auto names = one.parameters.empty() ? Segments() : split(one.parameters, ',');
    CHECK(query == std::set<std::string>(names.begin(), names.end()));
    CHECK(described.contains("requestBody") == (one.body != api::BodyKind::none));
    CHECK(described.contains("security") == one.is_open);
    std::set<std::string> produced;
    for (const auto& response : described.at("responses").as_object()) {
      const auto* content = response.value().as_object().if_contains("content");
      if (content != nullptr && response.key() != "default") {
        for (const auto& type : content->as_object()) {
          produced.insert(std::string(type.key()));
        }
      }
    }
    const auto types = split(one.produces, ',');
    CHECK(produced == std::set<std::string>(types.begin(), types.end()));
  }
}

TEST_CASE("a path is taken apart before it is decoded, once") {
  CHECK(api::segments_of("/api/v1/apps?x=/y") == Segments{"api", "v1", "apps"});
  CHECK(api::segments_of("http://host/api/v1/apps#z") == Segments{"api", "v1", "apps"});
  CHECK(api::segments_of("/a/sh%6Fp") == Segments{"a", "shop"});
  CHECK(api::segments_of("/a/%2566") == Segments{"a", "%66"});
  for (const char* bad : {"/a//b", "/a/", "/a/b%2Fc", "/a/%00", "/a/%zz", "/a/%ff", "*", "", "http://host"}) {
    INFO(bad);
    CHECK_FALSE(api::segments_of(bad));
  }
}

TEST_CASE("an operation is found by method and path and else what there is") {
  const auto found = find_operation("GET", "/api/v1/apps/shop/settings");
  REQUIRE(found.operation != nullptr);
  CHECK(found.operation->pattern == "/apps/{app}/settings");
  CHECK(found.arguments == Segments{"shop"});
  CHECK(find_operation("HEAD", "/api/v1/apps").operation == find_operation("GET", "/api/v1/apps").operation);
  const auto other = find_operation("DELETE", "/api/v1/apps/shop/settings");
  CHECK(other.operation == nullptr);
  CHECK(other.methods == "GET, HEAD, PATCH, PUT");
  for (const char* nowhere : {"/api/v1", "/api/v1/", "/api/v2/apps", "/api/v1/apps/", "/api/v1/apps/shop/other"}) {
    INFO(nowhere);
    CHECK(find_operation("GET", nowhere).methods.empty());
  }
}
