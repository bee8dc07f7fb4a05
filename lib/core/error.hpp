/// @file
/// Error: the one exception of tealhook, with a kind that decides the exit code and a trail of what was being done.
///
/// Messages are lower case without a full stop, what failed first, the subject in quotes, the cause last.
#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teal {

enum class ErrorKind {
  usage,       ///< the command line or a request is wrong
  settings,    ///< a settings file is wrong
  environment, ///< engine, registry, disk or network let us down
  timeout,     ///< a deadline passed
  busy,        ///< somebody else is at it, or it is frozen
  internal,    ///< a defect of tealhook
};

class Error : public std::exception {
public:
  Error(ErrorKind kind, std::string message);

  [[nodiscard]] ErrorKind kind() const noexcept { return m_kind; }
  [[nodiscard]] const std::string& message() const noexcept { return m_message; }
  /// The message, then a line "  while …" for each context, innermost first.
  [[nodiscard]] const char* what() const noexcept override { return m_text.c_str(); }
  /// What was being done, innermost first.
  [[nodiscard]] const std::vector<std::string>& trail() const noexcept { return m_trail; }

  /// Add what was being done, as a participle phrase: "starting slot 'green'".
  Error& add_context(const std::string& doing);

private:
  ErrorKind m_kind;
  std::string m_message;
  std::string m_text;
  std::vector<std::string> m_trail;
};

/// "usage", "settings", …
[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

/// The process exit code for an error: 2 usage and settings, 4 busy, 3 all else.
[[nodiscard]] int exit_code(ErrorKind kind) noexcept;

/// The system's words for an errno as they follow the colon of a message: "permission denied" for EACCES.
[[nodiscard]] std::string system_reason(int error_number);

/// Run `work`; an Error that leaves it has `doing` added to its trail.
template <class Work>
decltype(auto) while_doing(const std::string& doing, Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (Error& error) {
    error.add_context(doing);
    throw;
  }
}

} // namespace teal
