#include "core/shell_words.hpp"

#include <algorithm>

namespace teal {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("_-./:=@%+,").find(c) != std::string_view::npos;
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
}

class Splitter {
public:
  /// False if the text is refused.
  bool take(char c) {
    if (m_escaped) {
      m_escaped = false;
      m_word += c;
    } else if (c == '\\' && m_quote != '\'') {
      m_escaped = m_in_word = true;
    } else if (m_quote != 0 && c == m_quote) {
      m_quote = 0;
    } else if (m_quote == 0 && (c == '\'' || c == '"')) {
      m_quote = c;
      m_in_word = true;
    } else if (m_quote == 0 && (c == ' ' || c == '\t')) {
      end_word();
    } else {
      m_in_word = true;
      m_word += c;
    }
    return !is_control(c);
  }

  [[nodiscard]] std::optional<std::vector<std::string>> finish() {
    if (m_escaped || m_quote != 0) {
      return std::nullopt;
    }
    end_word();
    return std::move(m_words);
  }

private:
  void end_word() {
    if (m_in_word) {
      m_words.push_back(std::move(m_word));
      m_word.clear();
      m_in_word = false;
    }
  }

  std::vector<std::string> m_words;
  std::string m_word;
  char m_quote = 0;
  bool m_escaped = false;
  bool m_in_word = false;
};

} // namespace

std::optional<std::vector<std::string>> split_words(std::string_view text) {
  Splitter splitter;
  for (const char c : text) {
    if (!splitter.take(c)) {
      return std::nullopt;
    }
  }
  return splitter.finish();
}

std::string quote_word(std::string_view word) {
  if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char c : word) {
    quoted += c == '\'' ? "'\\''" : std::string(1, c);
  }
  return quoted + "'";
}

} // namespace teal
