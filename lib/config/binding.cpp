#include "config/binding.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace teal {

namespace {

constexpr double k_most_processors = 4096;

std::string in_quotes(std::string_view value) {
  return fmt::format("'{}'", shorten(printable(value), 80));
}

[[noreturn]] void refuse(const YamlNode& node, std::string_view what, std::string_view hint) {
  throw BadValue{node.line, fmt::format("{}: {}", what, hint)};
}

const std::string& scalar_of(const YamlNode& node, std::string_view hint) {
  switch (node.kind) {
  case YamlNode::Kind::scalar:
    break;
  case YamlNode::Kind::null:
    refuse(node, "has no value", hint);
  case YamlNode::Kind::list:
    refuse(node, "is a list", hint);
  case YamlNode::Kind::map:
    refuse(node, "is a map", hint);
  }
  return node.text;
}

/// A binding of a value that `parse` reads from one scalar, or answers with nothing.
template <class Value, class Parse, class Write>
Binding parsed(Value& member, const std::string& hint, Parse parse, Write write) {
  const auto read = [&member, hint, parse](const YamlNode& node) {
    const std::string& scalar = scalar_of(node, hint);
    const std::optional<Value> value = parse(scalar);
    if (!value) {
      refuse(node, "is " + in_quotes(scalar), hint);
    }
    member = *value;
  };
  const auto shown = [&member, write] { return write(member); };
  return {read, shown, shown};
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> k_units{"", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes != 0 && bytes % 1024 == 0 && unit + 1 < k_units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return bytes == 0 ? yaml_scalar("") : fmt::format("{}{}", bytes, k_units.at(unit));
}

std::optional<double> parse_processors(std::string_view text) {
  double value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  const bool whole = fault == std::errc() && end == text.data() + text.size();
  if (!text.empty() && (!whole || !std::isfinite(value) || value < 0 || value > k_most_processors)) {
    return std::nullopt;
  }
  return value;
}

std::optional<int> parse_status_code(std::string_view text) {
  const auto code = parse_integer(text);
  return code && *code >= 100 && *code <= 599 ? std::optional(static_cast<int>(*code)) : std::nullopt;
}

std::optional<StatusCodes> parse_status_codes(const std::string& text) {
  StatusCodes codes{{}};
  for (const std::string& part : split(text, ',')) {
    const auto ends = split(trim(part), '-');
    const auto first = parse_status_code(ends.front());
    const auto last = parse_status_code(ends.back());
    if (ends.size() > 2 || !first || !last || *first > *last) {
      return std::nullopt;
    }
    codes.ranges.push_back({*first, *last});
  }
  return codes;
}

std::string status_codes_text(const StatusCodes& codes) {
  Texts parts;
  for (const auto& [first, last] : codes.ranges) {
    parts.push_back(first == last ? std::to_string(first) : fmt::format("{}-{}", first, last));
  }
  return yaml_scalar(join(parts, ","));
}

std::string list_text(const Texts& values) {
  Texts scalars;
  for (const std::string& value : values) {
    scalars.push_back(yaml_scalar(value));
  }
  return fmt::format("[{}]", join(scalars, ", "));
}

Binding port_from(std::int64_t least, std::uint16_t& member, const std::string& hint) {
  const auto parse = [least](const std::string& scalar) -> std::optional<std::uint16_t> {
    const auto value = parse_integer(scalar);
    const bool fits = value && *value >= least && *value <= 65535;
    return fits ? std::optional(static_cast<std::uint16_t>(*value)) : std::nullopt;
  };
  return parsed(member, hint, parse, [](std::uint16_t value) { return std::to_string(value); });
}

Texts list_of(const YamlNode& node, const TextRule& rule) {
  if (node.kind != YamlNode::Kind::list) {
    refuse(node, node.kind == YamlNode::Kind::scalar ? "is " + in_quotes(node.text) : "is no list",
           fmt::format("give a list such as [one, two]; in it, {}", rule.hint));
  }
  Texts values;
  for (const YamlNode& item : node.children) {
    const std::string& value = scalar_of(item, rule.hint);
    if (!rule.allows(value)) {
      refuse(item, "has " + in_quotes(value), rule.hint);
    }
    values.push_back(value);
  }
  return values;
}

constexpr const char* k_command_hint = "give an argument vector such as [bin/migrate, --all], or one text for a shell";

/// A text that starts with '-' is the argument of a vector whose brackets were forgotten.
Texts command_of(const YamlNode& node) {
  if (node.kind == YamlNode::Kind::list) {
    return list_of(node, rule::k_any_text);
  }
  const std::string& text = scalar_of(node, k_command_hint);
  if (trim(text).empty() || text.front() == '-') {
    refuse(node, "has the command " + in_quotes(text), k_command_hint);
  }
  return {"/bin/sh", "-c", text};
}

/// Never quotes a value: it may be a secret.
void add_variables(TextMap& member, const YamlNode& node) {
  constexpr const char* k_hint = "give a map such as {NAME: value}";
  if (node.kind != YamlNode::Kind::map) {
    refuse(node, "is no map", k_hint);
  }
  for (const YamlNode& entry : node.children) {
    if (!rule::k_variable.allows(entry.key)) {
      refuse(entry, "has the name " + in_quotes(entry.key), rule::k_variable.hint);
    }
    if (entry.kind != YamlNode::Kind::scalar) {
      refuse(entry, fmt::format("has no text for {}", entry.key), "give a text, \"\" for an empty one");
    }
    member[entry.key] = entry.text;
  }
}

std::string variables_text(const TextMap& values) {
  Texts entries;
  for (const auto& [name, value] : values) {
    entries.push_back(fmt::format("{}: {}", name, yaml_scalar(value)));
  }
  return fmt::format("{{{}}}", join(entries, ", "));
}

std::string hidden_variables_text(const TextMap& values) {
  TextMap hidden;
  for (const auto& [name, value] : values) {
    hidden.emplace(name, "***");
  }
  return variables_text(hidden);
}

} // namespace

namespace as {

Binding text(std::string& member, const TextRule& rule, bool or_none) {
  const auto parse = [rule, or_none](const std::string& scalar) {
    return rule.allows(scalar) || (or_none && scalar.empty()) ? std::optional(scalar) : std::nullopt;
  };
  return parsed(member, rule.hint, parse, yaml_scalar);
}

Binding port(std::uint16_t& member) {
  return port_from(1, member, "give a port from 1 to 65535");
}

Binding port_or_none(std::uint16_t& member) {
  return port_from(0, member, "give a port from 1 to 65535, or 0 for none");
}

Binding flag(bool& member) {
  return choice(member, {{"true", true}, {"false", false}});
}

Binding integer(std::int64_t& member, std::int64_t least, std::int64_t most) {
  const auto parse = [least, most](const std::string& scalar) {
    const auto value = parse_integer(scalar);
    return value && *value >= least && *value <= most ? value : std::nullopt;
  };
  return parsed(member, fmt::format("give a number from {} to {}", least, most), parse,
                [](std::int64_t value) { return std::to_string(value); });
}

Binding duration(Milliseconds& member, Milliseconds longest, bool or_none) {
  const auto parse = [longest, or_none](const std::string& scalar) {
    const auto value = parse_duration(scalar);
    const bool fits = value && *value <= longest && (or_none || value->count() > 0);
    return fits ? value : std::nullopt;
  };
  return parsed(member, fmt::format("give a duration such as 100ms, 2s or 1m, at most {}", format_duration(longest)),
                parse, format_duration);
}

Binding size(std::uint64_t& member) {
  const auto parse = [](const std::string& scalar) { return scalar.empty() ? std::optional(0UL) : parse_size(scalar); };
  return parsed(member, "give a size such as 512MiB or 1GiB", parse, size_text);
}

Binding processors(double& member) {
  return parsed(member, fmt::format("give a number of processors such as 0.5 or 2, at most {}", k_most_processors),
                parse_processors, [](double value) { return value > 0 ? fmt::format("{}", value) : yaml_scalar(""); });
}

Binding status_codes(StatusCodes& member) {
  return parsed(member, "give status codes such as 200-399 or 200,204", parse_status_codes, status_codes_text);
}

Binding list(Texts& member, const TextRule& rule, bool may_be_empty) {
  const auto read = [&member, rule, may_be_empty](const YamlNode& node) {
    Texts values = list_of(node, rule);
    if (values.empty() && !may_be_empty) {
      refuse(node, "is empty", rule.hint);
    }
    member = std::move(values);
  };
  const auto write = [&member] { return list_text(member); };
  return {read, write, write};
}

Binding command(Texts& member, bool or_none) {
  const auto read = [&member, or_none](const YamlNode& node) {
    Texts command = command_of(node);
    if (command.empty() && !or_none) {
      refuse(node, "is empty", k_command_hint);
    }
    member = std::move(command);
  };
  const auto write = [&member] { return list_text(member); };
  return {read, write, write};
}

Binding command_list(std::vector<Texts>& member) {
  const auto read = [&member](const YamlNode& node) {
    constexpr const char* k_hint = "give a list of commands such as [\"bin/migrate\", [\"bin/seed\", \"--all\"]]";
    std::vector<Texts> commands;
    if (node.kind == YamlNode::Kind::scalar) {
      commands.push_back(command_of(node));
    } else if (node.kind != YamlNode::Kind::list) {
      refuse(node, "is no list", k_hint);
    }
    for (const YamlNode& item : node.children) {
      commands.push_back(command_of(item));
    }
    member = std::move(commands);
  };
  const auto write = [&member] {
    Texts commands;
    for (const Texts& command : member) {
      commands.push_back(list_text(command));
    }
    return fmt::format("[{}]", join(commands, ", "));
  };
  return {read, write, write};
}

Binding commands(std::map<std::string, Texts>& member) {
  const auto read = [&member](const YamlNode& node) {
    if (node.kind != YamlNode::Kind::map) {
      refuse(node, "is no map", "give a map such as {worker: [bin/worker]}");
    }
    member.clear();
    for (const YamlNode& entry : node.children) {
      if (!rule::k_process_name.allows(entry.key)) {
        refuse(entry, "has the name " + in_quotes(entry.key), rule::k_process_name.hint);
      }
      member[entry.key] = command_of(entry);
    }
  };
  const auto write = [&member] {
    Texts entries;
    for (const auto& [name, command] : member) {
      entries.push_back(fmt::format("{}: {}", name, list_text(command)));
    }
    return fmt::format("{{{}}}", join(entries, ", "));
  };
  return {read, write, write};
}

Binding variables(TextMap& member) {
  const auto read = [&member](const YamlNode& node) { add_variables(member, node); };
  const auto write = [&member] { return variables_text(member); };
  return {read, write, write};
}

Binding secret_variables(TextMap& member) {
  Binding binding = variables(member);
  binding.show = [&member] { return hidden_variables_text(member); };
  return binding;
}

Binding chosen_text(std::function<void(const std::string&)> set, const std::function<std::string()>& get, Texts names) {
  const auto read = [set = std::move(set), names = std::move(names)](const YamlNode& node) {
    const std::string hint = "give one of " + join(names, ", ");
    const std::string& scalar = scalar_of(node, hint);
    if (std::find(names.begin(), names.end(), scalar) == names.end()) {
      refuse(node, "is " + in_quotes(scalar), hint);
    }
    set(scalar);
  };
  return {read, get, get};
}

} // namespace as
} // namespace teal
