#include "git/gitmodules.hpp"

#include "core/text.hpp"
#include "git/ascii.hpp"

namespace teal::git {

namespace {

/// The next line, joined with those it continues on by a backslash at its end.
std::string take_line(std::string_view& text) {
  std::string line;
  while (!text.empty()) {
    const auto end = text.find('\n');
    line += text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    const auto slashes = line.size() - (line.find_last_not_of('\\') + 1);
    if (slashes % 2 == 0) {
      break;
    }
    line.pop_back();
  }
  return line;
}

char unescaped(char c) {
  switch (c) {
  case 'n':
    return '\n';
  case 't':
    return '\t';
  case 'b':
    return '\b';
  default:
    return c;
  }
}

/// A value as git-config(1) writes it: quotes group, a backslash escapes, '#' and ';' outside quotes begin a comment.
std::string parse_value(std::string_view text) {
  std::string value;
  std::size_t significant = 0; // trailing blanks count only inside quotes
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      quoted = !quoted;
      continue;
    }
    if (!quoted && (c == '#' || c == ';')) {
      break;
    }
    if (c == '\\' && i + 1 < text.size()) {
      value += unescaped(text[++i]);
      significant = value.size();
      continue;
    }
    value += c;
    if (quoted || (c != ' ' && c != '\t')) {
      significant = value.size();
    }
  }
  value.resize(significant);
  return value;
}

struct Module {
  std::string path;
  std::string url;
};

} // namespace

std::map<std::string, std::string> parse_gitmodules(std::string_view text) {
  std::map<std::string, Module> modules;
  Module* current = nullptr;
  while (!text.empty()) {
    const std::string line = take_line(text);
    const auto content = trim(line);
    if (content.starts_with('[')) {
      const auto section = content.substr(0, content.rfind(']'));
      current = ascii_lower(section).starts_with("[submodule") ? &modules[std::string(section)] : nullptr;
      continue;
    }
    const auto equals = content.find('=');
    if (current == nullptr || equals == std::string_view::npos) {
      continue;
    }
    const auto key = ascii_lower(trim(content.substr(0, equals)));
    if (key == "path") {
      current->path = parse_value(trim(content.substr(equals + 1)));
    } else if (key == "url") {
      current->url = parse_value(trim(content.substr(equals + 1)));
    }
  }
  std::map<std::string, std::string> urls;
  for (const auto& [name, module] : modules) {
    if (!module.url.empty()) {
      urls.insert_or_assign(module.path, module.url);
    }
  }
  return urls;
}

} // namespace teal::git
