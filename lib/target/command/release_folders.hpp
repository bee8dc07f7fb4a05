/// @file
/// ReleaseFolders: the folder of a target that a command deploys: a folder a release, what they share, and the link
/// `current`.
///
///     tree/           what was checked out last; nothing runs there
///     releases/43     a whole release, made as a copy of that: it gets this name once all of it is there
///     shared/         what outlasts releases, which have links to it
///     current         a link to the release that runs, moved at once
///     previous        while `current` has moved and what it leads to is not proven: where it led before
#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace teal {

class ReleaseFolders {
public:
  explicit ReleaseFolders(std::filesystem::path root) : m_root(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return m_root; }
  [[nodiscard]] std::filesystem::path folder(const std::string& id) const;
  [[nodiscard]] std::filesystem::path shared() const { return m_root / "shared"; }
  [[nodiscard]] std::filesystem::path current_link() const { return m_root / "current"; }

  /// Where commits are checked out, each over the one before, and what is remembered of that.
  [[nodiscard]] std::filesystem::path tree() const { return m_root / "tree"; }
  [[nodiscard]] std::filesystem::path tree_index() const { return m_root / "tree.index"; }

  /// The release `id`, a copy of the tree in which `paths` are links into shared(). What is not there yet comes from
  /// the copy; what neither has is made if it has a '/' last. Throws Error(settings) where it has not. No link of the
  /// commit is followed. What cannot be made whole leaves nothing.
  void make(const std::string& id, const std::vector<std::string>& paths) const;

  /// The id that `current` leads to; empty where there is no link.
  [[nodiscard]] std::string current() const;
  void switch_to(const std::string& id) const;

  /// Notes where `current` leads, until forget_previous().
  void note_previous() const;
  /// What was noted, and not forgotten: an id, or empty where there was none.
  [[nodiscard]] std::optional<std::string> previous() const;
  /// `current` leads there again.
  void switch_back() const;
  void forget_previous() const;

  /// Removes all other releases, but for what `current` and `previous` lead to, and every draft. Goes on where one
  /// cannot be removed, and throws Error(environment) in the end.
  void keep_only(const std::set<std::string>& ids) const;

private:
  void link_shared(const std::filesystem::path& draft, const std::vector<std::string>& paths) const;
  [[nodiscard]] std::filesystem::path releases() const { return m_root / "releases"; }
  [[nodiscard]] std::filesystem::path previous_link() const { return m_root / "previous"; }

  std::filesystem::path m_root;
};

} // namespace teal
