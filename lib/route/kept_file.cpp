#include "route/kept_file.hpp"

#include "core/error.hpp"
#include "process/atomic_file.hpp"

#include <optional>
#include <string>

namespace teal::route {

namespace {

/// What we wrote last.
std::filesystem::path original_of(const std::filesystem::path& file) {
  return file.parent_path() / ("." + file.filename().string() + ".written");
}

std::optional<std::string> try_read(const std::filesystem::path& file) {
  try {
    return read_file(file);
  } catch (const Error&) { // not there
    return std::nullopt;
  }
}

} // namespace

bool was_edited(const std::filesystem::path& file) {
  const auto original = try_read(original_of(file));
  return original && try_read(file) != original;
}

void write_generated(const std::filesystem::path& file, std::string_view text) {
  const auto found = try_read(file);
  if (found && was_edited(file)) {
    write_file(file.string() + ".edited", *found, 0600);
  }
  if (found != text) {
    write_file(file, text, 0600);
  }
  if (try_read(original_of(file)) != text) {
    write_file(original_of(file), text, 0600);
  }
}

} // namespace teal::route
