#include "core/error.hpp"
#include "http/certificate.hpp"
#include "support/catch.hpp"
#include "support/certificate.hpp"
#include "support/temp_folder.hpp"

using namespace teal;
using namespace teal::http;

TEST_CASE("a certificate says until when it is valid") {
  const TempFolder folder;
  const TestCertificate made = make_certificate(folder.path(), "shop.test", 30);
  const Certificate read = read_certificate(made.certificate_text(), made.key_text());
  const auto left = read.expires - SystemClock().now();
  CHECK(left > std::chrono::days(29));
  CHECK(left <= std::chrono::days(30));
}

TEST_CASE("another certificate has another digest, the same has the same") {
  const TempFolder folder;
  const TestCertificate made = make_certificate(folder.path(), "shop.test");
  const std::string before = read_certificate(made.certificate_text(), made.key_text()).digest;
  CHECK(before.size() == 64);
  CHECK(before.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(read_certificate(made.certificate_text(), made.key_text()).digest == before);
  make_certificate(folder.path(), "shop.test");
  CHECK(read_certificate(made.certificate_text(), made.key_text()).digest != before);
}

TEST_CASE("what cannot be served with is refused in words") {
  const TempFolder folder;
  const TestCertificate made = make_certificate(folder.path(), "shop.test");
  const TestCertificate other = make_certificate(folder.path(), "other.test");
  const std::string certificate = made.certificate_text();
  CHECK_THROWS_WITH(read_certificate("", made.key_text()), ContainsSubstring("the certificate is no PEM file"));
  CHECK_THROWS_WITH(read_certificate(made.key_text(), made.key_text()), ContainsSubstring("the certificate is no PEM"));
  CHECK_THROWS_WITH(read_certificate(certificate, certificate), ContainsSubstring("the key is no PEM file"));
  CHECK_THROWS_WITH(read_certificate(certificate, other.key_text()), ContainsSubstring("not that of the certificate"));
  const std::string half = made.key_text().substr(0, made.key_text().size() / 2);
  CHECK_THROWS_AS(read_certificate(certificate, half), Error);
}

TEST_CASE("a key with a passphrase is refused, and nobody is asked for it") {
  const char* const key = R"(-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiKajputmj96QICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEIOxo8jOihayYdUWYYoK6RYEgZAj
GfJ5l7gGCeA+AnytTNSdNtcGz0UfFjoyoCdmLWuoD2B/Zj7y43+0nwlG+F8+ddTf
NaH9E+0Jh/p43wbXKr+8gObujvRV8G3Pkn1UTcDamDQrij3sszSq8N8yVv9fkYDo
WxlstthalLDIHEs310hDG5Ppa96/G9qlwq9RNyK62KVlrTqAtx+g1hQWJAT7NrQ=
-----END ENCRYPTED PRIVATE KEY-----
)";
  const TempFolder folder;
  const TestCertificate made = make_certificate(folder.path(), "shop.test");
  CHECK_THROWS_WITH(read_certificate(made.certificate_text(), key), ContainsSubstring("has a passphrase"));
}
