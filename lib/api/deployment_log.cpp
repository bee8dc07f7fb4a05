#include "request/deployment_log.hpp"

#include "api/log_text.hpp"
#include "api/problem.hpp"
#include "api/resources.hpp"
#include "api/story.hpp"
#include "core/text.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal::api {

namespace {

constexpr std::uint64_t k_most_at_once = std::uint64_t{256} << 10U; ///< of a log, without a stream

/// Of a log, from `begin` to before `end`.
struct Part {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_asked_for = false; ///< by Range
};

Problem unsatisfiable(std::uint64_t size) {
  return Problem(416, fmt::format("the log has {} bytes so far", size))
      .with("Content-Range", fmt::format("bytes */{}", size));
}

/// Nothing for a Range that is to be ignored (RFC 9110, 14.2): of another unit, of several parts, or none at all.
std::optional<Part> parse_range(std::string_view text, std::uint64_t size) {
  constexpr std::string_view k_unit = "bytes=";
  const std::size_t dash = text.find('-');
  if (!text.starts_with(k_unit) || dash == std::string_view::npos || text.find(',') != std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view first_text = trim(text.substr(k_unit.size(), dash - k_unit.size()));
  const std::string_view last_text = trim(text.substr(dash + 1));
  const auto first = parse_integer(first_text);
  const auto last = parse_integer(last_text);
  const auto valid = [](std::string_view given, const std::optional<std::int64_t>& number) {
    return given.empty() || (number && *number >= 0);
  };
  if (!valid(first_text, first) || !valid(last_text, last) || (!first && !last) || (first && last && *last < *first)) {
    return std::nullopt;
  }
  if (!first) {
    const std::uint64_t count = std::min(static_cast<std::uint64_t>(*last), size);
    if (count == 0) {
      throw unsatisfiable(size);
    }
    return Part{size - count, size, true};
  }
  if (static_cast<std::uint64_t>(*first) >= size) {
    throw unsatisfiable(size);
  }
  const std::uint64_t end = last ? std::min(static_cast<std::uint64_t>(*last) + 1, size) : size;
  return Part{static_cast<std::uint64_t>(*first), end, true};
}

Part part_of(const Call& call, std::uint64_t size) {
  if (const auto from = call.parameter("from")) {
    const auto number = parse_integer(*from);
    if (!number || *number < 0) {
      throw Problem(400, "'from' is to be a number of bytes");
    }
    if (static_cast<std::uint64_t>(*number) > size) {
      throw unsatisfiable(size);
    }
    return {static_cast<std::uint64_t>(*number), size, false};
  }
  const auto range = call.request().headers.only("Range");
  const auto part = range ? parse_range(*range, size) : std::nullopt;
  return part.value_or(Part{0, size, false});
}

/// Where whoever comes back was left off; nothing where they have heard the end.
std::optional<std::uint64_t> left_off(const http::HeaderList& headers, std::uint64_t size) {
  const std::string id = headers.joined("Last-Event-ID");
  if (id == Story::k_end) {
    return std::nullopt;
  }
  const auto number = id.empty() ? 0 : parse_integer(id);
  if (!number || *number < 0 || static_cast<std::uint64_t>(*number) > size) {
    throw Problem(400, "'Last-Event-ID' is to be the id of an event of this stream");
  }
  return static_cast<std::uint64_t>(*number);
}

} // namespace

Reply show_log(Call& call) {
  const Deployment deployment = call.deployment(Verb::logs);
  LogFile log(call.place.home.app(deployment.event.app).log(deployment.id));
  const std::uint64_t size = log.size();
  const Part part = part_of(call, size);
  http::ServerResponse head{.status = part.is_asked_for ? 206 : 200,
                            .headers = {{"Content-Type", "text/plain; charset=utf-8"},
                                        {"X-Content-Type-Options", "nosniff"},
                                        {"Cache-Control", "no-store"},
                                        {"Accept-Ranges", "bytes"}},
                            .body = {}};
  if (part.is_asked_for) {
    head.headers.add("Content-Range", fmt::format("bytes {}-{}/{}", part.begin, part.end - 1, size));
  }
  if (part.end - part.begin <= k_most_at_once) {
    head.body = log.read(part.begin, static_cast<std::size_t>(part.end - part.begin));
    return head;
  }
  Reply reply(std::move(head));
  reply.narrative = std::make_unique<LogText>(std::move(log), part.begin, part.end);
  return reply;
}

Reply follow_deployment(Call& call) {
  const Deployment deployment = call.deployment(Verb::logs);
  const AppFolder folder = call.place.home.app(deployment.event.app);
  const auto from = left_off(call.request().headers, LogFile(folder.log(deployment.id)).size());
  if (!from) {
    return http::ServerResponse{.status = 204, .headers = {}, .body = {}}; // so that nobody comes back for more
  }
  files::create_directories(folder.logs());
  Reply reply(http::ServerResponse{
      .status = 200,
      .headers = {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}, {"X-Accel-Buffering", "no"}},
      .body = "retry: 1000\n\n"});
  reply.narrative = std::make_unique<Story>(call.place.home, deployment, *from);
  return reply;
}

} // namespace teal::api
