/// @file
/// Log: what the daemon says of its work, a line each, as text or as JSON.
///
/// Invariant: a line goes out whole, in one write, and nothing that it quotes can drive a terminal or begin a line.
#pragma once

#include "core/clock.hpp"

#include <atomic>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace teal::serve {

class Log {
public:
  enum class Form { text, json };
  enum class Level { info, warning, error };
  /// Names and values of what a program would look for: {"app", "shop"}.
  using Fields = std::vector<std::pair<std::string_view, std::string>>;

  /// `descriptor` stays the caller's.
  Log(int descriptor, Form form, const Clock& clock) : m_descriptor(descriptor), m_form(form), m_clock(clock) {}

  void write(Level level, std::string_view message, const Fields& fields = {}) const;
  void info(std::string_view message, const Fields& fields = {}) const { write(Level::info, message, fields); }
  void warn(std::string_view message, const Fields& fields = {}) const { write(Level::warning, message, fields); }
  void error(std::string_view message, const Fields& fields = {}) const { write(Level::error, message, fields); }
  void set_form(Form form) { m_form = form; }

private:
  int m_descriptor;
  std::atomic<Form> m_form;
  const Clock& m_clock;
};

} // namespace teal::serve
