#include "route/kept_file.hpp"

#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/temporary.hpp"

#include <fmt/format.h>

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

/// A router is started by what is made for it then. What a writer left who was killed goes, too, where there is nothing
/// to write.
void write_if_new(const std::filesystem::path& file, std::string_view text, const std::optional<std::string>& found,
                  Sync sync) {
  if (found != text) {
    write_file(file, text, 0600, sync);
  } else {
    remove_temporaries_of_the_dead(file.parent_path(), "." + file.filename().string());
  }
}

} // namespace

bool was_edited(const std::filesystem::path& file) {
  const auto original = generated(file);
  return original && try_read(file) != original;
}

std::string describe_edit(const std::filesystem::path& file) {
  return was_edited(file)
             ? fmt::format("'{}' was changed by hand: it is kept as '{}.edited' at the next change, and replaced",
                           file.string(), file.filename().string())
             : "";
}

/// An empty one is what a host may have kept of it that lost its power.
std::optional<std::string> generated(const std::filesystem::path& file) {
  auto original = try_read(original_of(file));
  return original && !original->empty() ? std::move(original) : std::nullopt;
}

void write_generated(const std::filesystem::path& file, std::string_view text) {
  const auto found = try_read(file);
  const auto original = generated(file);
  if (found && original && found != original) {
    write_file(file.string() + ".edited", *found, 0600);
  }
  write_if_new(file, text, found, Sync::content);
  write_if_new(original_of(file), text, original, Sync::none);
}

} // namespace teal::route
