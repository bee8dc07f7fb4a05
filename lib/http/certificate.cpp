#include "http/certificate.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <memory>

namespace teal::http {

namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using X509Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Bio open(std::string_view text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

/// Of a key with a passphrase: nobody is there to be asked for it.
int no_passphrase(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*data*/) {
  return 0;
}

std::string digest_of(std::string_view certificate, std::string_view key) {
  const std::string both = fmt::format("{}\n{}", certificate, key);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, both.data(), both.size(), digest.data(), &size) != 1) {
    throw Error(ErrorKind::internal, "cannot compute a SHA-256 digest");
  }
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    text += fmt::format("{:02x}", digest.at(i));
  }
  return text;
}

TimePoint expiry_of(const X509& certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) {
    throw Error(ErrorKind::settings, "the certificate does not say until when it is valid");
  }
  return std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

} // namespace

Certificate read_certificate(std::string_view certificate, std::string_view key) {
  ERR_clear_error();
  const X509Certificate first(PEM_read_bio_X509(open(certificate).get(), nullptr, nullptr, nullptr), &X509_free);
  if (!first) {
    throw Error(ErrorKind::settings, "the certificate is no PEM file of one");
  }
  const PrivateKey secret(PEM_read_bio_PrivateKey(open(key).get(), nullptr, no_passphrase, nullptr), &EVP_PKEY_free);
  if (!secret) {
    throw Error(ErrorKind::settings, "the key is no PEM file of one, or has a passphrase");
  }
  if (X509_check_private_key(first.get(), secret.get()) != 1) {
    throw Error(ErrorKind::settings, "the key is not that of the certificate");
  }
  return {.digest = digest_of(certificate, key), .expires = expiry_of(*first)};
}

} // namespace teal::http
