#include "config/load.hpp"
#include "config/schema.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <string_view>

namespace teal {

namespace {

constexpr std::string_view k_advice = "# What is commented out shows the default: take the '#' off to change it.\n";
constexpr std::size_t k_doc_column = 36;
constexpr std::size_t k_indent = 2;

/// Writes keys below the headers of their sections, which appear once each as the keys come in order.
class TemplateWriter {
public:
  explicit TemplateWriter(std::string_view title) : m_text(fmt::format("# {}\n{}", title, k_advice)) {}

  void write(const SettingKey& key, bool in_force) {
    const auto path = split(key.name, '.');
    open_sections(path);
    const std::string line = fmt::format("{:{}}{}{}: {}", "", (path.size() - 1) * k_indent, in_force ? "" : "#",
                                         path.back(), key.binding.write());
    m_text += fmt::format("{:<{}} # {}\n", line, k_doc_column, key.doc);
  }

  [[nodiscard]] std::string take_text() { return std::move(m_text); }

private:
  void open_sections(const std::vector<std::string>& path) {
    const std::vector<std::string> sections(path.begin(), path.end() - 1);
    if (m_first || sections.empty() != m_sections.empty() || (!sections.empty() && sections[0] != m_sections[0])) {
      m_text += '\n';
    }
    bool same = true;
    for (std::size_t depth = 0; depth < sections.size(); ++depth) {
      same = same && depth < m_sections.size() && sections[depth] == m_sections[depth];
      if (!same) {
        m_text += fmt::format("{:{}}{}:\n", "", depth * k_indent, sections[depth]);
      }
    }
    m_sections = sections;
    m_first = false;
  }

  std::string m_text;
  std::vector<std::string> m_sections; ///< those open at the end of m_text
  bool m_first = true;
};

/// `settings` is a copy: a schema is bound to members that it may write.
template <class Settings>
std::string render(std::string_view title, Settings settings) {
  Settings defaults;
  const auto keys = schema_of(settings);
  const auto default_keys = schema_of(defaults);
  TemplateWriter writer(title);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].groups) {
      continue; // a new app has none
    }
    const bool changed = keys[i].binding.write() != default_keys[i].binding.write();
    if (!changed && !keys[i].in_template) {
      continue;
    }
    writer.write(keys[i], changed);
  }
  return writer.take_text();
}

} // namespace

std::string server_settings_template(const ServerSettings& settings) {
  return render("The settings of this tealhook.", settings);
}

std::string app_settings_template(const AppSettings& settings) {
  return render("The settings of one app.", settings);
}

} // namespace teal
