#include "engine/image_push.hpp"

#include "core/text.hpp"
#include "engine/images.hpp"
#include "engine/registry_login.hpp"

#include <fmt/format.h>

namespace teal::engine {

namespace {

constexpr const char* k_no_login = "e30="; ///< {}: the engine insists on the header

/// For an engine that pushes without saying the digest.
std::string find_pushed_digest(Engine& engine, const PushOrder& order) {
  const std::string prefix = order.repository + "@";
  if (const auto image = Images(engine).inspect(order.repository + ":" + order.tag)) {
    for (const std::string& digest : image->digests) {
      if (digest.starts_with(prefix)) {
        return digest.substr(prefix.size());
      }
    }
  }
  return "";
}

/// Returns the digest.
std::string push(Engine& engine, const PushOrder& order) {
  PushOutput output(order.tag);
  engine.stream(
      "POST",
      fmt::format("/images/{}/push?tag={}", http::percent_encode(order.repository), http::percent_encode(order.tag)),
      {{"X-Registry-Auth", order.login.empty() ? k_no_login : order.login}}, order.deadline,
      [&](std::string_view chunk) {
        output.feed(chunk);
        if (order.on_progress) {
          order.on_progress(output);
        }
      });
  if (!output.fault().empty()) {
    throw Error(ErrorKind::environment, output.fault() + login_advice(output.fault(), order.repository));
  }
  std::string digest = output.digest().empty() ? find_pushed_digest(engine, order) : output.digest();
  if (digest.empty()) {
    throw Error(ErrorKind::environment, "the engine does not say its digest");
  }
  return digest;
}

} // namespace

std::string push_image(Engine& engine, const PushOrder& order) {
  const EngineTime time(engine.clock());
  Engine connection(engine.access(), engine.timeout());
  connection.interrupt_by(engine.interrupt());
  try {
    return push(connection, order);
  } catch (const Error& error) {
    engine.require_uninterrupted();
    const std::string why = error.kind() == ErrorKind::timeout
                                ? "it did not end within " + format_duration(order.deadline)
                                : error.message();
    throw Error(ErrorKind::environment,
                fmt::format("cannot push '{}:{}': {}", order.repository, order.tag, printable(why)));
  }
}

} // namespace teal::engine
