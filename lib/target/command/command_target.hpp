/// @file
/// CommandTarget: a commit checked out into a folder of its own, and a program of the settings that deploys it.
#pragma once

#include "target/command/deploy_program.hpp"
#include "target/command/release_folders.hpp"
#include "target/named_target.hpp"
#include "target/plain_target.hpp"

namespace teal {

struct Services;

class CommandTarget : public PlainTarget {
public:
  CommandTarget(Services& services, NamedTarget target);

  [[nodiscard]] std::vector<Error> obstacles() override;
  [[nodiscard]] std::string check() override;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> planned_steps() const override;
  [[nodiscard]] std::string address() const override { return m_folders.current_link().string(); }

  [[nodiscard]] std::string current() override { return m_folders.current(); }
  [[nodiscard]] bool is_deployed(const Deployment& deployment, const Release& release) override;

  [[nodiscard]] Release produce(const PlainOrder& order, const git::Repository& repository) override;
  void deploy(const PlainOrder& order, const Release& release) override;
  void undo(const PlainOrder& order) override;

  void keep_only(const std::set<std::string>& artifacts) override { m_folders.keep_only(artifacts); }

private:
  [[nodiscard]] bool switches_before() const;
  void run(const PlainOrder& order, const Release& release);
  void switch_to(const PlainOrder& order, const std::string& id);
  void run_again(const PlainOrder& order, const std::string& id);
  void tell_health(const PlainOrder& order, const std::string& id);

  Services& m_services;
  NamedTarget m_target;
  ReleaseFolders m_folders;
  DeployProgram m_program;
  bool m_has_run = false; ///< the program has ended well for the release of the order
};

} // namespace teal
