#include "engine/networks.hpp"

#include "engine/json_fields.hpp"

#include <fmt/format.h>

#include <optional>

namespace teal::engine {

namespace {

std::string path_of(const std::string& network, std::string_view action = {}) {
  return fmt::format("/networks/{}{}", http::percent_encode(network), action);
}

/// The labels of the network `name`, or nothing if there is none.
std::optional<Labels> find_labels(Engine& engine, const std::string& name) {
  try {
    const boost::json::value value = fields::parse(engine.call("GET", path_of(name)).body, "the engine");
    // The engine also takes the beginning of an id for a name.
    return fields::text(value, {"Name"}) == name ? std::optional(fields::text_map(value, {"Labels"})) : std::nullopt;
  } catch (const ApiError& error) {
    if (error.status() == 404) {
      return std::nullopt;
    }
    throw;
  }
}

void require_ours(const std::string& network, const Labels& actual, const Labels& wanted) {
  if (!has_labels(actual, wanted)) {
    throw Error(
        ErrorKind::environment,
        fmt::format("network '{}' is somebody else's: it has not the labels of ours; remove or rename it", network));
  }
}

std::string network_request(const std::string& name, const Labels& labels, Networks::Reach reach) {
  boost::json::object members;
  for (const auto& [label, value] : labels) {
    members[label] = value;
  }
  return boost::json::serialize(boost::json::object{{"Name", name},
                                                    {"Driver", "bridge"},
                                                    {"Internal", reach == Networks::Reach::internal},
                                                    {"CheckDuplicate", true},
                                                    {"Labels", members}});
}

} // namespace

void Networks::ensure(const std::string& name, const Labels& labels, Reach reach) {
  if (const auto existing = find_labels(m_engine, name)) {
    require_ours(name, *existing, labels);
    return;
  }
  try {
    m_engine.call("POST", "/networks/create", network_request(name, labels, reach));
  } catch (const ApiError& error) {
    if (error.status() != 409) {
      throw;
    }
    // Somebody made it meanwhile.
    require_ours(name, find_labels(m_engine, name).value_or(Labels()), labels);
  }
}

void Networks::remove(const std::string& name) {
  try {
    m_engine.call("DELETE", path_of(name));
  } catch (const ApiError& error) {
    if (error.status() != 404) {
      throw;
    }
  }
}

void Networks::remove_labelled(const std::string& name, const Labels& labels) {
  const auto existing = find_labels(m_engine, name);
  if (existing && has_labels(*existing, labels)) {
    remove(name);
  }
}

void Networks::connect(const std::string& network, const std::string& container, const std::string& alias) {
  boost::json::object endpoint;
  if (!alias.empty()) {
    endpoint["Aliases"] = boost::json::array{boost::json::value(alias)};
  }
  m_engine.call("POST", path_of(network, "/connect"),
                boost::json::serialize(boost::json::object{{"Container", container}, {"EndpointConfig", endpoint}}));
}

void Networks::disconnect(const std::string& network, const std::string& container) {
  try {
    m_engine.call("POST", path_of(network, "/disconnect"),
                  boost::json::serialize(boost::json::object{{"Container", container}}));
  } catch (const ApiError& error) {
    // Engines differ in the status of this refusal (20.10: 500), not in its words.
    if (error.message().find("is not connected to") == std::string::npos) {
      throw;
    }
  }
}

} // namespace teal::engine
