#include "core/error.hpp"
#include "http/tls_identity.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/temp_folder.hpp"

using namespace teal;

namespace {

void put(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file.string() + ".new") << text;
  std::filesystem::rename(file.string() + ".new", file);
}

} // namespace

TEST_CASE("an identity is read again when its files change and what is broken is told once") {
  const TempFolder folder;
  const http::TlsFiles files{folder.path() / "c.pem", folder.path() / "k.pem"};
  const TestCertificate first = make_certificate(folder.path(), "one.test");
  const TestCertificate second = make_certificate(folder.path(), "two.test");
  put(files.certificate, first.certificate_text());
  put(files.key, first.key_text());
  int told = 0;
  const auto report = [&](const std::string& /*text*/) { ++told; };
  http::TlsIdentity identity(files);
  const auto before = identity.current(report);
  CHECK(identity.current(report) == before);
  put(files.certificate, second.certificate_text());
  CHECK(identity.current(report) == before);
  CHECK(identity.current(report) == before);
  CHECK(told == 1);
  put(files.key, second.key_text());
  const auto after = identity.current(report);
  CHECK(after != before);
  CHECK(told == 1);
  std::filesystem::remove(files.key);
  CHECK(identity.current(report) == after);
  CHECK(told == 2);
  CHECK_THROWS_WITH(identity.reload(), ContainsSubstring("cannot read '" + files.key.string() + "': no such file"));
}

TEST_CASE("a chain is sent with its certificate and there is no identity without one that fits") {
  const TempFolder folder;
  const TestCertificate first = make_certificate(folder.path(), "one.test");
  const TestCertificate second = make_certificate(folder.path(), "two.test");
  put(folder.path() / "chain.pem", first.certificate_text() + second.certificate_text());
  http::TlsIdentity identity({folder.path() / "chain.pem", first.key});
  STACK_OF(X509)* chain = nullptr;
  SSL_CTX_get0_chain_certs(identity.current([](const std::string&) {}).get(), &chain);
  CHECK(sk_X509_num(chain) == 1);
  CHECK_THROWS_WITH(http::TlsIdentity({first.certificate, second.key}),
                    ContainsSubstring("not that of the certificate"));
  CHECK_THROWS_WITH(http::TlsIdentity({first.key, first.key}), ContainsSubstring("is no PEM file"));
}
