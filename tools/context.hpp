/// @file
/// Context: what every command gets from main: where the home is, how to answer, and whom to ask.
#pragma once

#include "model/principal.hpp"
#include "process/installation.hpp"
#include "request/output.hpp"
#include "request/presenter.hpp"
#include "store/store.hpp"
#include "target/services.hpp"

#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace teal::tool {

class Context {
public:
  explicit Context(Environment environment);

  /// The options that all commands have; main fills them.
  std::string home_option;
  bool json = false;
  /// What the process exits with.
  int exit_code = 0;

  /// --home, else $TEALHOOK_HOME, else /srv/tealhook; absolute.
  [[nodiscard]] Home home() const;
  /// The home, as the user who owns it: root becomes that user (see become_owner_of).
  [[nodiscard]] Home open_home();
  /// Of a home that is there: throws Error(settings) where none is, or its settings are wrong.
  [[nodiscard]] Store open_store(const Home& home) const;
  /// What a command works with in the home, as its owner.
  [[nodiscard]] Services open_services();
  /// Root becomes the user whose folder it is, for good.
  void become_owner_of(const std::filesystem::path& folder);
  /// Who runs the command, whoever they became since.
  [[nodiscard]] const Principal& principal();
  /// From now on it is `who`, who came in by a key.
  void act_as(Principal who) { m_principal = std::move(who); }
  [[nodiscard]] bool is_keyed() const { return m_principal && m_principal->kind == Principal::Kind::ssh_key; }
  /// Where each command asks whether it may: throws Error(usage) with why not.
  void require_permission(Verb verb, const Home& home, std::string_view app);
  /// The same, and Error(settings) if there is no such app; a key is not told which there are.
  void require(Verb verb, const Home& home, std::string_view app);
  /// Throws Error(usage) if there is no such deployment, or none that whoever runs the command may do that with.
  [[nodiscard]] Deployment require_deployment(Verb verb, Store& store, std::int64_t id);
  /// What a deployment is asked for in.
  [[nodiscard]] Workplace workplace(const Home& home, Store& store) const;
  [[nodiscard]] const Environment& environment() const { return m_environment; }
  [[nodiscard]] const Clock& clock() const { return m_clock; }
  /// Where somebody reads along: standard output, but standard error where that is for JSON. With colors if it is a
  /// terminal and NO_COLOR is not set.
  [[nodiscard]] Output output() const;

  /// `text` with --home in each command of ours that it advises, where that was given.
  [[nodiscard]] std::string with_home(std::string_view text) const;
  /// Print `text` and a line feed, such that nothing it quotes can drive a terminal.
  void print(std::string_view text) const;
  /// Print an answer in JSON, on a line.
  void print_json(const boost::json::value& answer) const;
  /// What hindered a part of what was shown: to people, on standard error. The first decides the exit code.
  void tell_faults(const std::vector<Error>& faults);
  /// Ask yes or no on the terminal, by standard error; throws Error(usage) where there is none, naming --yes.
  [[nodiscard]] bool confirm(const std::string& question) const;
  /// Whether there is a terminal to ask on.
  [[nodiscard]] static bool can_ask();

private:
  Environment m_environment;
  SystemClock m_clock;
  std::optional<Principal> m_principal;
};

} // namespace teal::tool
