#include "serve/log.hpp"

#include "core/file_io.hpp"
#include "core/text.hpp"
#include "core/utf8.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <array>

namespace teal::serve {

namespace {

constexpr std::array<std::string_view, 3> k_levels{"info", "warning", "error"};

boost::json::string json_text(std::string_view text) {
  const std::string valid = valid_utf8(text);
  return boost::json::string(valid.data(), valid.size());
}

std::string as_json(std::string_view time, std::string_view level, std::string_view message,
                    const Log::Fields& fields) {
  boost::json::object line{{"time", json_text(time)}, {"level", json_text(level)}, {"message", json_text(message)}};
  for (const auto& [name, value] : fields) {
    line.emplace(boost::json::string_view(name.data(), name.size()), json_text(value));
  }
  return boost::json::serialize(line) + '\n';
}

std::string as_text(std::string_view time, std::string_view level, std::string_view message,
                    const Log::Fields& fields) {
  std::string line = fmt::format("{} {:<7} {}", time, level, message);
  for (const auto& [name, value] : fields) {
    line += fmt::format("  {}={}", name, value);
  }
  return printable(line) + '\n';
}

} // namespace

void Log::write(Level level, std::string_view message, const Fields& fields) const {
  const std::string time = format_time(m_clock.now());
  const std::string_view name = k_levels.at(static_cast<std::size_t>(level));
  const std::string line =
      m_form == Form::json ? as_json(time, name, message, fields) : as_text(time, name, message, fields);
  static_cast<void>(write_all(m_descriptor, line.data(), line.size())); // whoever reads it may be gone
}

} // namespace teal::serve
