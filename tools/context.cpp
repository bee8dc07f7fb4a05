#include "context.hpp"

#include "access/caller.hpp"
#include "config/load.hpp"
#include "core/text.hpp"
#include "model/app.hpp"
#include "process/files.hpp"
#include "process/user.hpp"
#include "request/advice.hpp"
#include "store/permission.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace teal::tool {

Context::Context(Environment environment) : m_environment(std::move(environment)) {}

Home Context::home() const {
  std::string root = home_option;
  if (root.empty()) {
    const auto found = m_environment.find("TEALHOOK_HOME");
    root = found != m_environment.end() && !found->second.empty() ? found->second : Home::k_default;
  }
  std::filesystem::path path = files::absolute(root).lexically_normal();
  return {path.has_filename() ? path : path.parent_path()};
}

Home Context::open_home() {
  Home found = home();
  become_owner_of(found.root);
  return found;
}

Store Context::open_store(const Home& home) const {
  static_cast<void>(load_server_settings(home));
  return {home.store(), m_clock};
}

Services Context::open_services() {
  const Home found = open_home(); // first: it changes the environment
  return {found, m_environment};
}

const Principal& Context::principal() {
  if (!m_principal) {
    m_principal = Principal{.kind = Principal::Kind::local_user,
                            .name = user_name(),
                            .grants = {},
                            .origin = origin_of_caller(m_environment, Trigger::cli)};
  }
  return *m_principal;
}

void Context::require_permission(Verb verb, const Home& home, std::string_view app) {
  if (!may(principal(), app, verb).yes) {
    Store store(home.store(), m_clock); // for the record
    require_may(store.actions, principal(), app, verb);
  }
}

void Context::require(Verb verb, const Home& home, std::string_view app) {
  require_permission(verb, home, app);
  require_app_name(app);
  if (is_keyed() && !files::exists(home.app(app).settings())) {
    throw Error(ErrorKind::settings, fmt::format("there is no app '{}'", app));
  }
  require_app(home, app);
}

Deployment Context::require_deployment(Verb verb, Store& store, std::int64_t id) {
  auto found = store.history.deployment(id);
  if (!found || !allows(store.actions, principal(), found->event.app, verb, fmt::format("deployment {}", id))) {
    throw Error(ErrorKind::usage, fmt::format("there is no deployment {}", id));
  }
  return std::move(*found);
}

Workplace Context::workplace(const Home& home, Store& store) const {
  return {home, m_environment, Installation::of_this_program(), store};
}

void Context::become_owner_of(const std::filesystem::path& folder) {
  static_cast<void>(principal()); // of before
  teal::become_owner_of(folder, m_environment);
}

Output Context::output() const {
  const int stream = json ? STDERR_FILENO : STDOUT_FILENO;
  Output output(stream, std::chrono::hours(1), wants_colors(stream, m_environment));
  if (!home_option.empty()) {
    output.rewrite_by([this](std::string_view text) { return with_home(text); });
  }
  return output;
}

std::string Context::with_home(std::string_view text) const {
  return home_option.empty() ? std::string(text) : teal::with_home(text, home());
}

void Context::print(std::string_view text) const {
  std::cout << printable(json ? std::string(text) : with_home(text), true) << '\n';
}

void Context::print_json(const boost::json::value& answer) const {
  std::cout << boost::json::serialize(answer) << '\n';
}

void Context::tell_faults(const std::vector<Error>& faults) {
  for (const Error& fault : faults) {
    std::cerr << "error: " << printable(with_home(fault.what()), true) << '\n';
  }
  if (!faults.empty()) {
    exit_code = teal::exit_code(faults.front().kind());
  }
}

bool Context::confirm(const std::string& question) const {
  if (!can_ask()) {
    throw Error(ErrorKind::usage, "there is no terminal to ask on; say --yes to go on without a question");
  }
  std::cerr << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

bool Context::can_ask() {
  return ::isatty(STDIN_FILENO) == 1;
}

} // namespace teal::tool
