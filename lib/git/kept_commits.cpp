#include "git/kept_commits.hpp"

#include "core/text.hpp"
#include "process/files.hpp"

namespace teal::git {

namespace {

constexpr const char* k_kept = "refs/kept/";
constexpr Milliseconds k_deadline = std::chrono::minutes(5);

} // namespace

Command KeptCommits::git(const std::filesystem::path& repository, std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), {"git", "--git-dir=" + repository.string()});
  return {.arguments = std::move(arguments), .environment = m_environment, .deadline = k_deadline};
}

void KeptCommits::keep(const Repository& source, const std::string& commit) const {
  files::create_directories(m_repository.parent_path());
  Repository kept = Repository::create_bare(m_repository, "main");
  kept.set_config("receive.shallowUpdate", "true"); // a clone of some depth can be pushed to us
  kept.set_config("gc.autoDetach", "false");
  run_or_throw(git(source.path(), {"push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no",
                                   "--", m_repository.string(), commit + ":" + k_kept + commit}));
}

std::vector<std::string> KeptCommits::list() const {
  if (!files::is_folder(m_repository)) {
    return {};
  }
  const Outcome listed = run_or_throw(git(m_repository, {"for-each-ref", "--format=%(refname:lstrip=2)", k_kept}));
  std::vector<std::string> commits = split(trim(listed.output), '\n');
  std::erase(commits, "");
  return commits;
}

void KeptCommits::forget(const std::string& commit) const {
  run_or_throw(git(m_repository, {"update-ref", "-d", k_kept + commit}));
}

} // namespace teal::git
