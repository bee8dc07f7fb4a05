/// @file
/// GitTarget: a branch of another git remote, such as Heroku's, Dokku's or another tealhook's, that the commit is
/// pushed to.
///
/// Invariant: what the branch is there decides, whatever became of the push. Its commits are kept in a repository of
/// our own, for the way back.
#pragma once

#include "git/kept_commits.hpp"
#include "git/remote.hpp"
#include "target/named_target.hpp"
#include "target/plain_target.hpp"

namespace teal {

struct Services;

class GitTarget : public PlainTarget {
public:
  GitTarget(Services& services, NamedTarget target);

  [[nodiscard]] std::vector<Error> obstacles() override;
  [[nodiscard]] std::string check() override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> planned_steps() const override;
  /// "BRANCH of URL".
  [[nodiscard]] std::string address() const override;

  [[nodiscard]] std::string current() override;
  [[nodiscard]] bool is_deployed(const Deployment& deployment, const Release& release) override;

  [[nodiscard]] Release produce(const PlainOrder& order, const git::Repository& repository) override;
  void deploy(const PlainOrder& order, const Release& release) override;
  /// What a remote took stays there: only its own deployment knows how to go back.
  void undo(const PlainOrder& /*order*/) override {}

  void keep_only(const std::set<std::string>& artifacts) override;

private:
  [[nodiscard]] const TargetSettings::Git& settings() const { return m_target.settings.git; }
  [[nodiscard]] std::filesystem::path file_of(const std::string& setting) const;
  [[nodiscard]] git::Remote remote() const;
  [[nodiscard]] git::FetchOptions options(std::stop_token interrupt = {}) const;
  [[nodiscard]] std::string ref() const;
  [[nodiscard]] std::optional<std::string> read_branch() const;
  [[nodiscard]] std::string push(const PlainOrder& order, const std::string& commit);
  void require_way_on(const std::optional<std::string>& there, const std::string& commit) const;

  Services& m_services;
  NamedTarget m_target;
  git::KeptCommits m_kept;
};

} // namespace teal
