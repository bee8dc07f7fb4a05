/// @file
/// GitFixture: a repository that real git fills, and what real git checks out of it, to compare with.
#pragma once

#include "git/checkout.hpp"
#include "git/repository.hpp"
#include "process/subprocess.hpp"
#include "support/temp_folder.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace teal::git {

/// Each path below a folder, with its kind, permissions and content; a repository's own ".git" is left out.
using Snapshot = std::map<std::string, std::string>;

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline Snapshot snapshot(const std::filesystem::path& root) {
  Snapshot result;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto path = std::filesystem::relative(entry.path().parent_path(), root) / entry.path().filename();
    const auto name = path.lexically_normal().string();
    if (entry.is_symlink()) {
      result[name] = "link to " + std::filesystem::read_symlink(entry.path()).string();
    } else if (entry.is_directory()) {
      result[name] = "folder";
    } else {
      struct stat status {};
      ::lstat(entry.path().c_str(), &status);
      result[name] = std::to_string(status.st_mode) + " " + content_of(entry.path());
    }
  }
  return result;
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

class GitFixture {
public:
  GitFixture() {
    std::filesystem::create_directories(source());
    git({"init", "--quiet", "--initial-branch=main"});
  }

  [[nodiscard]] const std::filesystem::path& folder() const { return m_folder.path(); }
  [[nodiscard]] std::filesystem::path source() const { return folder() / "source"; }
  [[nodiscard]] std::filesystem::path work_tree() const { return folder() / "work tree"; }
  [[nodiscard]] std::filesystem::path index() const { return folder() / "state" / "index"; }

  /// Runs git in the source, and returns what it printed without the last line feed.
  std::string git(std::vector<std::string> arguments, const std::string& input = {},
                  const Environment& more = {}) const {
    Command command;
    command.arguments = std::move(arguments);
    command.arguments.insert(command.arguments.begin(), "git");
    command.directory = source();
    command.environment = environment();
    command.environment.insert(more.begin(), more.end());
    command.input = input;
    auto output = run_or_throw(command).output;
    if (output.ends_with('\n')) {
      output.pop_back();
    }
    return output;
  }

  /// What git may know of the machine: nothing but where programs are.
  [[nodiscard]] Environment environment() const {
    auto result = clean_environment();
    result["HOME"] = folder().string();
    result["GIT_CONFIG_NOSYSTEM"] = "1";
    for (const std::string who : {"AUTHOR", "COMMITTER"}) {
      result["GIT_" + who + "_NAME"] = "Ada";
      result["GIT_" + who + "_EMAIL"] = "ada@example.com";
    }
    return result;
  }

  void write(const std::string& path, const std::string& text) const { write_text(source() / path, text); }
  void remove(const std::string& path) const { std::filesystem::remove_all(source() / path); }
  void link(const std::string& path, const std::string& target) const {
    std::filesystem::create_directories((source() / path).parent_path());
    std::filesystem::create_symlink(target, source() / path);
  }
  void allow_execution(const std::string& path) const {
    std::filesystem::permissions(source() / path, std::filesystem::perms::owner_exec,
                                 std::filesystem::perm_options::add);
  }

  /// Commits all that lies in the source. Returns the commit's id.
  std::string commit(const std::string& message = "a commit") const {
    git({"add", "--all", "--force"});
    return commit_staged(message);
  }
  std::string commit_staged(const std::string& message = "a commit") const {
    git({"commit", "--quiet", "--allow-empty", "--message", message});
    return git({"rev-parse", "HEAD"});
  }
  /// A commit of a tree object made by hand: pairs of "MODE NAME" and an object's id.
  std::string commit_tree(const std::vector<std::pair<std::string, std::string>>& entries) const {
    return git({"commit-tree", "-m", "by hand", make_tree(entries)});
  }
  std::string make_tree(const std::vector<std::pair<std::string, std::string>>& entries) const {
    std::string tree;
    for (const auto& [name, id] : entries) {
      tree += name + '\0';
      for (std::size_t i = 0; i < id.size(); i += 2) {
        tree += static_cast<char>(std::stoi(id.substr(i, 2), nullptr, 16));
      }
    }
    return git({"hash-object", "-t", "tree", "--literally", "-w", "--stdin"}, tree);
  }
  std::string make_blob(const std::string& content) const { return git({"hash-object", "-w", "--stdin"}, content); }

  CheckoutResult checkout(const std::string& commit, SubmoduleSource* submodules = nullptr) const {
    return teal::git::checkout(Repository::open(source()), commit,
                               {.work_tree = work_tree(), .index = index(), .submodules = submodules});
  }
  [[nodiscard]] Snapshot checked_out() const { return snapshot(work_tree()); }
  /// What git itself makes of the commit in an empty folder.
  [[nodiscard]] Snapshot as_git_does(const std::string& commit) const {
    const auto other = folder() / "as git does";
    std::filesystem::remove_all(other);
    std::filesystem::create_directories(other);
    const auto other_index = folder() / "as git does.index";
    std::filesystem::remove(other_index);
    git({"--git-dir=" + (source() / ".git").string(), "--work-tree=" + other.string(), "checkout", "--quiet", "--force",
         commit},
        {}, {{"GIT_INDEX_FILE", other_index.string()}});
    return snapshot(other);
  }

private:
  TempFolder m_folder;
};

} // namespace teal::git
