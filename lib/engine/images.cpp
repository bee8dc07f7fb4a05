#include "engine/images.hpp"

#include "engine/json_fields.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

std::vector<std::string> exposed_ports(const boost::json::value& value) {
  std::vector<std::string> ports;
  for (const auto& member : fields::object(value, {"Config", "ExposedPorts"})) {
    ports.emplace_back(member.key());
  }
  return ports;
}

/// "NONE" takes away one that its base had.
bool has_health_check(const boost::json::value& value) {
  const auto test = fields::texts(value, {"Config", "Healthcheck", "Test"});
  return test.size() > 1 && test.front() != "NONE";
}

Image read_image(const boost::json::value& value) {
  return {.id = fields::text(value, {"Id"}),
          .tags = fields::texts(value, {"RepoTags"}),
          .digests = fields::texts(value, {"RepoDigests"}),
          .size = static_cast<std::uint64_t>(fields::number(value, {"Size"})),
          .platform = fmt::format("{}/{}", fields::text(value, {"Os"}), fields::text(value, {"Architecture"})),
          .labels = fields::text_map(value, {"Config", "Labels"}),
          .exposed = exposed_ports(value),
          .has_health_check = has_health_check(value)};
}

std::string path_of(const std::string& reference, std::string_view action = {}) {
  return fmt::format("/images/{}{}", http::percent_encode(reference), action);
}

} // namespace

std::optional<Image> Images::inspect(const std::string& reference) {
  try {
    return read_image(fields::parse(m_engine.call("GET", path_of(reference, "/json")).body, "the engine"));
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return std::nullopt;
    }
    throw;
  }
}

std::vector<Image> Images::list(const std::string& repository) {
  const std::string filters =
      boost::json::serialize(boost::json::object{{"reference", boost::json::array{boost::json::value(repository)}}});
  const http::Response response = m_engine.call("GET", "/images/json?filters=" + http::percent_encode(filters));
  std::vector<Image> images;
  for (const auto& value : fields::array(fields::parse(response.body, "the engine"), {})) {
    images.push_back(read_image(value));
  }
  return images;
}

std::optional<std::string> Images::digest_at_registry(const std::string& reference, const std::string& login) {
  try {
    const auto answer = m_engine.call("GET", "/distribution/" + http::percent_encode(reference) + "/json", {}, {},
                                      login.empty() ? http::Headers() : http::Headers{{"X-Registry-Auth", login}});
    return fields::text(fields::parse(answer.body, "the engine"), {"Descriptor", "digest"});
  } catch (const ApiError& error) {
    constexpr int k_no_such_image = 404;
    if (error.status() == k_no_such_image) {
      return std::nullopt;
    }
    throw Error(ErrorKind::environment,
                fmt::format("cannot ask the registry for '{}': {}", reference, error.message()));
  }
}

void Images::tag(const std::string& reference, const std::string& repository, const std::string& tag) {
  m_engine.call("POST", path_of(reference, fmt::format("/tag?repo={}&tag={}", http::percent_encode(repository),
                                                       http::percent_encode(tag))));
}

bool Images::remove(const std::string& reference) {
  try {
    // Its answer lists what went: one that is none of the engine's removed nothing.
    static_cast<void>(fields::parse(m_engine.call("DELETE", path_of(reference)).body, "the engine"));
    return true;
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return true;
    }
    if (error.status() == 409) {
      return false;
    }
    throw;
  }
}

} // namespace teal::engine
