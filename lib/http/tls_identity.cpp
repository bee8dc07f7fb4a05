#include "http/tls_identity.hpp"

#include "core/error.hpp"
#include "http/certificate.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <fstream>
#include <iterator>

namespace teal::http {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio open(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    throw Error(ErrorKind::settings, fmt::format("cannot read '{}': {}", file.string(), system_reason(errno)));
  }
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// What is sent is what was checked: both are of the same texts, not of files that may change in between.
void use_identity(SSL_CTX* context, const std::string& certificate, const std::string& key) {
  const Bio chain = open(certificate);
  const X509Certificate first(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
  const PrivateKey secret(PEM_read_bio_PrivateKey(open(key).get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  bool taken = SSL_CTX_use_certificate(context, first.get()) == 1 && SSL_CTX_use_PrivateKey(context, secret.get()) == 1;
  while (taken) {
    X509Certificate next(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
    if (!next) {
      break; // the end of the file
    }
    taken = SSL_CTX_add0_chain_cert(context, next.get()) == 1;
    if (taken) {
      static_cast<void>(next.release()); // it is the context's
    }
  }
  ERR_clear_error();
  if (!taken) {
    throw Error(ErrorKind::settings, "the certificate cannot be used: too weak, or of an unknown kind");
  }
}

TlsIdentity::Context make_context(const TlsFiles& files) {
  const std::string certificate = read_text(files.certificate);
  const std::string key = read_text(files.key);
  static_cast<void>(read_certificate(certificate, key)); // that they fit
  TlsIdentity::Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) {
    throw Error(ErrorKind::environment, "cannot make a TLS context");
  }
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF); // tickets are the client's to keep
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  use_identity(context.get(), certificate, key);
  return context;
}

} // namespace

TlsIdentity::TlsIdentity(TlsFiles files)
    : m_files(std::move(files)), m_seen(state()), m_context(make_context(m_files)) {}

void TlsIdentity::reload() {
  const State seen = state();
  Context made = make_context(m_files);
  const std::lock_guard guard(m_mutex);
  m_seen = seen;
  m_context = std::move(made);
}

TlsIdentity::Context TlsIdentity::current(const std::function<void(const std::string&)>& report) {
  const State now = state();
  {
    const std::lock_guard guard(m_mutex);
    if (now == m_seen) {
      return m_context;
    }
    m_seen = now; // whatever comes of it, it is not tried again
  }
  try {
    reload();
  } catch (const Error& error) {
    report(fmt::format("the certificate from before is kept: {}", error.message()));
  }
  const std::lock_guard guard(m_mutex);
  return m_context;
}

TlsIdentity::FileState TlsIdentity::state_of(const std::filesystem::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) {
    return {};
  }
  return {.device = found.st_dev,
          .inode = found.st_ino,
          .size = found.st_size,
          .modified = std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec};
}

} // namespace teal::http
