#include "git/lfs.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace teal::git {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_first_line = "version https://git-lfs.github.com/spec/v1\n";
constexpr std::string_view k_id_key = "oid sha256:";
constexpr std::size_t k_id_length = 64;
constexpr std::uintmax_t k_longest_pointer = 1024; ///< of the specification: less than that
constexpr std::size_t k_most_attributes = std::size_t{1} << 20U;

struct Pointer {
  fs::path file;
  std::string id;
};

std::optional<Pointer> read_pointer(const fs::directory_entry& entry) {
  std::error_code gone;
  if (!entry.is_regular_file(gone) || entry.is_symlink(gone) || entry.file_size(gone) >= k_longest_pointer) {
    return std::nullopt;
  }
  std::ifstream stream(entry.path(), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const auto at = text.starts_with(k_first_line) ? text.find(k_id_key) : std::string::npos;
  const std::string id = at == std::string::npos ? "" : text.substr(at + k_id_key.size(), k_id_length);
  const bool is_id = id.size() == k_id_length && id.find_first_not_of("0123456789abcdef") == std::string::npos;
  return is_id ? std::optional(Pointer{entry.path(), id}) : std::nullopt;
}

/// Links are not followed.
std::vector<Pointer> find_pointers(const fs::path& work_tree) {
  std::vector<Pointer> found;
  files::for_each_below(work_tree, [&](const fs::directory_entry& entry) {
    if (auto pointer = read_pointer(entry)) {
      found.push_back(std::move(*pointer));
    }
  });
  std::sort(found.begin(), found.end(), [](const Pointer& one, const Pointer& two) { return one.file < two.file; });
  return found;
}

fs::path object_of(const Repository& repository, const std::string& id) {
  return repository.path() / "lfs" / "objects" / id.substr(0, 2) / id.substr(2, 2) / id;
}

/// With the mode of the pointer, and in its place at once.
bool fill(const Repository& repository, const Pointer& pointer) {
  const fs::path object = object_of(repository, pointer.id);
  if (!files::is_file(object)) {
    return false;
  }
  const fs::path fresh = pointer.file.string() + ".lfs-content";
  files::copy(object, fresh);
  files::set_permissions(fresh, files::permissions_of(pointer.file));
  files::rename(fresh, pointer.file);
  return true;
}

bool names_lfs(const Repository& repository, const std::string& commit) {
  const auto attributes = repository.read_file(commit, ".gitattributes", k_most_attributes);
  return attributes && attributes->find("filter=lfs") != std::string::npos;
}

/// Returns why not.
std::string fetch(const Repository& repository, const LfsRequest& request) {
  const auto url = repository.config("lfs.url");
  if (!url) {
    return "";
  }
  if (!find_program("git-lfs", request.environment)) {
    return "git-lfs is not installed: apt-get install git-lfs";
  }
  Environment environment = request.environment;
  environment["GIT_TERMINAL_PROMPT"] = "0";
  const Command command{.arguments = {"git", "--git-dir=" + repository.path().string(), "-c", "lfs.url=" + *url, "lfs",
                                      "fetch", *url, request.commit},
                        .environment = std::move(environment),
                        .deadline = request.deadline,
                        .interrupt = request.interrupt};
  const Outcome outcome = run(command);
  return outcome.succeeded() ? ""
                             : fmt::format("git-lfs {}: {}", outcome.how_it_ended(request.deadline),
                                           printable(trim(last_lines(outcome.tail, 1))));
}

} // namespace

LfsResult fill_lfs_files(const Repository& repository, const LfsRequest& request) {
  LfsResult result;
  if (!names_lfs(repository, request.commit)) {
    return result;
  }
  const std::vector<Pointer> pointers = find_pointers(request.work_tree);
  if (std::any_of(pointers.begin(), pointers.end(),
                  [&](const Pointer& one) { return !files::exists(object_of(repository, one.id)); })) {
    result.fault = fetch(repository, request);
  }
  for (const Pointer& pointer : pointers) {
    if (fill(repository, pointer)) {
      ++result.filled;
    } else {
      result.missing.push_back(pointer.file.lexically_relative(request.work_tree).string());
    }
  }
  return result;
}

std::string describe_missing(const LfsResult& result, const Repository& repository) {
  if (result.missing.empty()) {
    return "";
  }
  const std::size_t more = result.missing.size() - 1;
  return fmt::format(
      "'{}'{} Git LFS pointer{}, and built as {}: {}; contents are taken from '{}', or with git-lfs from "
      "the repository's own lfs.url: git -C {} config lfs.url URL",
      printable(result.missing.front()),
      more == 0 ? " is a" : fmt::format(" and {} other file{} are", more, more == 1 ? "" : "s"), more == 0 ? "" : "s",
      more == 0 ? "such" : "these", result.fault.empty() ? "the content is not here" : result.fault,
      (repository.path() / "lfs" / "objects").string(), repository.path().string());
}

} // namespace teal::git
