/// @file
/// Shell: somebody at the command line, with a home that has neither registry nor apps; and what to expect of answers.
#pragma once

#include "core/text.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/temp_folder.hpp"
#include "support/test_host.hpp"

#include <boost/json/parse.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace teal {

class Shell {
public:
  explicit Shell(bool with_home = true) : m_environment(clean_environment()) {
    m_environment["TEALHOOK_HOME"] = home().string();
    if (with_home) {
      REQUIRE(
          tealhook({"setup", "--router", "none", "--registry", fmt::format("localhost:{}", free_port())}).succeeded());
    }
  }

  [[nodiscard]] std::filesystem::path folder() const { return m_folder.path(); }
  [[nodiscard]] std::filesystem::path home() const { return m_folder.path() / "home"; }
  Environment& environment() { return m_environment; }

  [[nodiscard]] Outcome tealhook(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TestHost::tool().string());
    return run({.arguments = std::move(arguments), .environment = m_environment});
  }
  /// The same on a terminal of its own, with `input` typed there.
  [[nodiscard]] Outcome on_terminal(const std::string& arguments, const std::string& input = {}) const {
    return run({.arguments = {"script", "-qec", TestHost::tool().string() + " " + arguments, "/dev/null"},
                .environment = m_environment,
                .input = input});
  }

private:
  TempFolder m_folder;
  Environment m_environment;
};

/// The answer in JSON, which must be all that standard output has.
inline boost::json::value parse_output(const Outcome& outcome) {
  INFO(outcome.tail);
  boost::json::error_code fault;
  boost::json::value parsed = boost::json::parse(outcome.output, fault);
  REQUIRE_FALSE(fault);
  return parsed;
}

inline std::string text(const boost::json::value& value) {
  return std::string(value.as_string());
}

/// An error is told on standard error alone.
inline void check_error(const Outcome& outcome, int exit_code, const std::string& words) {
  INFO(outcome.tail);
  CHECK(outcome.exit_code == exit_code);
  CHECK(outcome.output.empty());
  CHECK(outcome.tail.starts_with("error: "));
  CHECK_THAT(outcome.tail, ContainsSubstring(words));
}

/// A name that no other run of the tests on this engine has.
inline std::string unique_name(std::string_view prefix) {
  return fmt::format("{}{}", prefix, ::getpid());
}

} // namespace teal
