/// @file
/// Repository: what tealhook asks of a bare git repository. The only way to libgit2, with checkout.hpp.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct git_repository;

namespace teal::git {

struct Commit {
  std::string id;      ///< 40 hex digits
  std::string tree;    ///< 40 hex digits
  std::string subject; ///< first line of the message, printable, at most 72 bytes
};

class Repository {
public:
  /// Opens the repository at exactly `path` (no search upwards), whoever owns it: nothing its configuration names is
  /// run. `more_objects`: folders of objects that it is to see too, such as git's quarantine of a push that it has not
  /// taken yet. Throws Error(settings) if there is none, or if it is a SHA-256 one, which libgit2 cannot read.
  [[nodiscard]] static Repository open(const std::filesystem::path& path,
                                       const std::vector<std::filesystem::path>& more_objects = {});
  /// Makes a bare repository whose HEAD is `branch`; one that is there already is opened as it is.
  static Repository create_bare(const std::filesystem::path& path, std::string_view branch);

  Repository(Repository&&) noexcept;
  Repository& operator=(Repository&&) noexcept;
  ~Repository();

  /// The repository's folder (".git" or the bare folder), absolute.
  [[nodiscard]] std::filesystem::path path() const;
  [[nodiscard]] const std::vector<std::filesystem::path>& more_objects() const { return m_more_objects; }
  [[nodiscard]] bool is_bare() const;
  /// Where git looks for this repository's hooks: core.hooksPath if set, else "hooks" in path().
  [[nodiscard]] std::filesystem::path hooks_folder() const;

  /// What `revision` (a branch, tag, commit id or any expression of git-rev-parse) leads to, tags peeled.
  /// Nothing if there is no such revision or it is no commit.
  [[nodiscard]] std::optional<Commit> find_commit(std::string_view revision) const;
  /// A commit's whole message, as it is.
  [[nodiscard]] std::string message(const std::string& commit) const;
  /// Whether `commit` came to be on top of `ancestor`, or is it. False where that is not here.
  [[nodiscard]] bool descends(const std::string& commit, const std::string& ancestor) const;
  /// Whether `counts` holds for a path that is not the same in both commits; true where `before` is not here.
  [[nodiscard]] bool has_change(const std::string& before, const std::string& after,
                                const std::function<bool(std::string_view path)>& counts) const;
  /// The regular file at `path` of a commit. Nothing if there is none, or if it is a symlink or folder.
  /// Throws Error(settings) if it is larger than `limit` bytes.
  [[nodiscard]] std::optional<std::string> read_file(const std::string& commit, const std::string& path,
                                                     std::size_t limit) const;

  /// False if there surely is nothing at `path` of a commit; a symlink on the way may lead to something.
  [[nodiscard]] bool may_have(const std::string& commit, const std::filesystem::path& path) const;

  /// A value of this repository's own configuration file (no global or system one).
  [[nodiscard]] std::optional<std::string> config(const std::string& key) const;
  void set_config(const std::string& key, const std::string& value);
  void unset_config(const std::string& key);
  /// Takes the header of a section that has nothing left out of that file; libgit2 leaves it there. One that holds
  /// something, or that another process is changing, stays.
  void remove_empty_section(std::string_view section);

  [[nodiscard]] git_repository* handle() const { return m_repository.get(); }

private:
  struct Free {
    void operator()(git_repository* repository) const;
  };
  explicit Repository(git_repository* repository) : m_repository(repository) {}
  std::unique_ptr<git_repository, Free> m_repository;
  std::vector<std::filesystem::path> m_more_objects;
};

} // namespace teal::git
