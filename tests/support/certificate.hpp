/// @file
/// TestCertificate: a certificate that nobody but who made it trusts, with its key, in two PEM files.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace teal {

struct TestCertificate {
  std::filesystem::path certificate;
  std::filesystem::path key;

  [[nodiscard]] std::string certificate_text() const { return text_of(certificate); }
  [[nodiscard]] std::string key_text() const { return text_of(key); }

private:
  static std::string text_of(const std::filesystem::path& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
};

/// Valid from now on; files of an earlier one of that host in the folder are replaced.
inline TestCertificate make_certificate(const std::filesystem::path& folder, const std::string& host, int days = 30) {
  TestCertificate made{folder / (host + ".crt"), folder / (host + ".key")};
  const std::string command =
      fmt::format("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days {} -subj '/CN={}' "
                  "-addext 'subjectAltName=DNS:{}' -keyout '{}' -out '{}' 2>/dev/null",
                  days, host, host, made.key.string(), made.certificate.string());
  if (std::system(command.c_str()) != 0) { // NOLINT(bugprone-command-processor, cert-env33-c): of our own words only
    throw std::runtime_error("openssl makes no certificate");
  }
  return made;
}

} // namespace teal
