#include "serve/receiver_book.hpp"

#include "serve/source_book.hpp"

#include <fmt/format.h>

namespace teal::serve {

void ReceiverBook::set(const ReceiverSettings& settings) {
  std::map<std::pair<std::string, std::string>, Entry> entries;
  for (const ReceiverSettings::Source& one : settings.sources) {
    std::vector<std::filesystem::path> files{m_folder / one.secret_file};
    if (!one.old_secret_file.empty()) {
      files.push_back(m_folder / one.old_secret_file);
    }
    const HookSource source{.app = one.app, .name = one.name, .forge = &forge_of(one.forge), .secrets = {}};
    entries.emplace(std::pair(one.app, one.name), Entry{.files = SecretFiles(files),
                                                        .source = std::make_shared<const HookSource>(source),
                                                        .naming = {settings.file, one.branch}});
  }
  const std::lock_guard guard(m_mutex);
  m_entries.swap(entries);
}

std::shared_ptr<const HookSource> ReceiverBook::find(std::string_view app, std::string_view source) {
  const std::lock_guard guard(m_mutex);
  const auto found = m_entries.find({std::string(app), std::string(source)});
  if (found == m_entries.end()) {
    return nullptr;
  }
  Entry& entry = found->second;
  const auto secrets = entry.files.read_if_changed([&](const Error& error) {
    m_log.error(fmt::format("source '{}' takes nothing by it: {}", entry.source->name, error.message()),
                {{"app", entry.source->app}});
  });
  if (secrets) {
    auto fresh = std::make_shared<HookSource>(*entry.source);
    fresh->secrets = *secrets;
    entry.source = std::move(fresh);
  }
  return entry.source;
}

ReceiverBook::Naming ReceiverBook::naming(const HookSource& source) const {
  const std::lock_guard guard(m_mutex);
  const auto found = m_entries.find({source.app, source.name});
  return found == m_entries.end() ? Naming() : found->second.naming;
}

} // namespace teal::serve
