/// @file
/// TlsIdentity: the certificate and key that a server answers with, read again when their files change. Private to this
/// folder.
///
/// Invariant: a pair that does not fit, is half written or cannot be read never replaces one that worked.
#pragma once

#include "http/server.hpp"

#include <openssl/ssl.h>
#include <sys/stat.h>

#include <array>
#include <memory>
#include <mutex>

namespace teal::http {

class TlsIdentity {
public:
  using Context = std::shared_ptr<SSL_CTX>;

  /// Throws Error(settings) if the files hold no certificate and key that fit.
  explicit TlsIdentity(TlsFiles files);

  /// Reads the files, whether they changed or not. Throws as the constructor does, and keeps what there was.
  void reload();
  /// What a connection made now is answered with. Looks whether the files changed, which costs two stat(2) and needs
  /// nobody to watch them; one that cannot be used is told to `report`, once.
  [[nodiscard]] Context current(const std::function<void(const std::string&)>& report);

private:
  struct FileState {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = 0;
    std::int64_t modified = 0; ///< nanoseconds
    bool operator==(const FileState&) const = default;
  };
  using State = std::array<FileState, 2>;

  static FileState state_of(const std::filesystem::path& file);
  [[nodiscard]] State state() const { return {state_of(m_files.certificate), state_of(m_files.key)}; }

  TlsFiles m_files;
  std::mutex m_mutex; // of what follows
  State m_seen;
  Context m_context;
};

} // namespace teal::http
