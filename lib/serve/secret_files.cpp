#include "serve/secret_files.hpp"

#include "core/text.hpp"
#include "process/atomic_file.hpp"

#include <fmt/format.h>

namespace teal::serve {

namespace {

constexpr std::size_t k_longest_secret_file = 4096;
constexpr std::size_t k_most_secrets = 2;

} // namespace

FileState state_of(const std::filesystem::path& file) {
  struct stat facts {};
  if (::stat(file.c_str(), &facts) != 0) {
    return {};
  }
  return {facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtim.tv_sec * 1'000'000'000 + facts.st_mtim.tv_nsec};
}

SecretFiles::SecretFiles(const std::vector<std::filesystem::path>& files) {
  for (const std::filesystem::path& file : files) {
    m_files.push_back({file, {}});
  }
}

std::optional<webhook::Secrets> SecretFiles::read_if_changed(const std::function<void(const Error&)>& tell) {
  bool is_fresh = true;
  for (SecretFile& file : m_files) {
    const FileState now = state_of(file.path);
    is_fresh = is_fresh && file.state == now;
    file.state = now;
  }
  if (is_fresh) {
    return std::nullopt;
  }
  webhook::Secrets all;
  for (const SecretFile& file : m_files) {
    try {
      const webhook::Secrets secrets = read_secrets(file.path);
      all.insert(all.end(), secrets.begin(), secrets.end());
    } catch (const Error& error) {
      tell(error);
    }
  }
  return all;
}

webhook::Secrets read_secrets(const std::filesystem::path& file) {
  webhook::Secrets secrets;
  for (const std::string& line : split(read_file(file, k_longest_secret_file), '\n')) {
    if (const std::string_view secret = trim(line); !secret.empty()) {
      secrets.emplace_back(secret);
    }
  }
  if (secrets.empty()) {
    throw Error(ErrorKind::settings, fmt::format("'{}' has no secret: nothing is taken without", file.string()));
  }
  if (secrets.size() > k_most_secrets) {
    throw Error(ErrorKind::settings,
                fmt::format("'{}' has {} lines: give the secret in one, and while it changes the one before in another",
                            file.string(), secrets.size()));
  }
  return secrets;
}

} // namespace teal::serve
