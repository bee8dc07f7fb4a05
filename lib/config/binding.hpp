/// @file
/// Binding: a settings key's way to and from the member it stands for. Each maker below is one kind of value.
///
/// A binding refers to the member: it must not outlive the settings it was made for.
#pragma once

#include "config/settings.hpp"
#include "config/text_rules.hpp"
#include "config/yaml.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace teal {

/// Why a value is refused, without its key and place: "is '5': give a duration such as 100ms, 2s or 1m".
struct BadValue {
  int line;
  std::string why;
};

struct Binding {
  std::function<void(const YamlNode&)> read; ///< sets the member; throws BadValue
  std::function<std::string()> write;        ///< the member as YAML in one line
  std::function<std::string()> show;         ///< as `write`, with secrets hidden
};

template <class Enum>
using Choices = std::vector<std::pair<std::string, Enum>>;

using Texts = std::vector<std::string>;
using TextMap = std::map<std::string, std::string>;

namespace as {

/// `or_none` allows an empty text as well.
[[nodiscard]] Binding text(std::string& member, const TextRule& rule, bool or_none = false);
[[nodiscard]] Binding port(std::uint16_t& member);
[[nodiscard]] Binding port_or_none(std::uint16_t& member);
[[nodiscard]] Binding flag(bool& member);
[[nodiscard]] Binding integer(std::int64_t& member, std::int64_t least, std::int64_t most);
/// More than nothing, at most `longest`; `or_none` allows 0 as well.
[[nodiscard]] Binding duration(Milliseconds& member, Milliseconds longest, bool or_none = false);
/// Bytes; an empty text or 0 stands for none.
[[nodiscard]] Binding size(std::uint64_t& member);
/// Processors; an empty text or 0 stands for no limit.
[[nodiscard]] Binding processors(double& member);
[[nodiscard]] Binding status_codes(StatusCodes& member);
[[nodiscard]] Binding list(Texts& member, const TextRule& rule, bool may_be_empty = true);
/// A list of arguments, or one text for /bin/sh -c. All that are commands take this form.
[[nodiscard]] Binding command(Texts& member, bool or_none = true);
/// A list of those, or one text for a list of one.
[[nodiscard]] Binding command_list(std::vector<Texts>& member);
/// A name for each of those: a letter first, then letters, digits and '-'.
[[nodiscard]] Binding commands(std::map<std::string, Texts>& member);
/// Names as variables have them. What is read is added to what is there.
[[nodiscard]] Binding variables(TextMap& member);
/// The same, with values that nobody is shown.
[[nodiscard]] Binding secret_variables(TextMap& member);

/// One text of several; made by choice().
[[nodiscard]] Binding chosen_text(std::function<void(const std::string&)> set, const std::function<std::string()>& get,
                                  Texts names);

template <class Enum>
Binding choice(Enum& member, const Choices<Enum>& choices) {
  Texts names;
  for (const auto& [name, value] : choices) {
    names.push_back(name);
  }
  const auto set = [&member, choices](const std::string& chosen) {
    for (const auto& [name, value] : choices) {
      if (name == chosen) {
        member = value;
      }
    }
  };
  const auto get = [&member, choices] {
    for (const auto& [name, value] : choices) {
      if (value == member) {
        return name;
      }
    }
    return std::string();
  };
  return chosen_text(set, get, std::move(names));
}

} // namespace as

} // namespace teal
