#include "core/error.hpp"
#include "http/client.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "unit/http/scripted_server.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

using namespace teal;
using namespace std::chrono_literals;

namespace {

template <class T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* handle) const { Free(handle); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using ServerSettings = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX, SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Deleter<SSL, SSL_free>>;

Certificate self_signed(EVP_PKEY* key, const char* name) {
  Certificate certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_sign(certificate.get(), key, EVP_sha256());
  return certificate;
}

/// A TLS server of its own making, named "localhost", which answers each connection once.
class TlsServer {
public:
  /// With `wants_certificate`, of whoever has none, or another than its own, nothing is heard.
  explicit TlsServer(bool wants_certificate = false)
      : m_key(EVP_EC_gen("P-256")), m_certificate(self_signed(m_key.get(), "localhost")),
        m_settings(SSL_CTX_new(TLS_server_method())) {
    SSL_CTX_use_PrivateKey(m_settings.get(), m_key.get());
    SSL_CTX_use_certificate(m_settings.get(), m_certificate.get());
    if (wants_certificate) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(m_settings.get()), m_certificate.get());
      SSL_CTX_set_verify(m_settings.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
  }

  [[nodiscard]] http::Endpoint endpoint_as(const std::string& host) const {
    return {http::Endpoint::Kind::tls, host, m_server.endpoint().port};
  }

  void save_certificate(const std::filesystem::path& file) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
    PEM_write_X509(out.get(), m_certificate.get());
  }
  void save_key(const std::filesystem::path& file) const {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
    PEM_write_PrivateKey(out.get(), m_key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }

private:
  void answer(int connection) const {
    const Session session(SSL_new(m_settings.get()));
    SSL_set_fd(session.get(), connection);
    if (SSL_accept(session.get()) != 1) {
      return;
    }
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret";
    std::array<char, 4096> request{};
    std::size_t size = 0;
    while (SSL_read_ex(session.get(), request.data(), request.size(), &size) == 1) {
      SSL_write_ex(session.get(), answer.data(), answer.size(), &size);
    }
  }

  Key m_key;
  Certificate m_certificate;
  ServerSettings m_settings;
  ScriptedServer m_server{[this](int connection) { answer(connection); }};
};

/// The certificates that this process trusts, while it is in scope.
class Trust {
public:
  explicit Trust(const std::filesystem::path& certificates) { ::setenv("SSL_CERT_FILE", certificates.c_str(), 1); }
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;
  ~Trust() { ::unsetenv("SSL_CERT_FILE"); }
};

http::Response get(const http::Endpoint& endpoint) {
  return http::Client(endpoint).request({});
}

} // namespace

TEST_CASE("a server with a certificate that nobody vouches for is refused") {
  const TlsServer server;
  CHECK_THROWS_WITH(get(server.endpoint_as("localhost")), ContainsSubstring("its certificate is refused: self-signed"));
}

TEST_CASE("a server whose certificate is trusted is spoken to, under its own name only") {
  const TempFolder folder;
  const TlsServer server;
  server.save_certificate(folder.path() / "trusted.pem");
  const Trust trust(folder.path() / "trusted.pem");
  {
    http::Client client(server.endpoint_as("localhost"));
    CHECK(client.request({}).body == "secret");
    CHECK(client.request({}).body == "secret");
  }
  CHECK_THROWS_WITH(get(server.endpoint_as("127.0.0.1")), ContainsSubstring("its certificate is refused: "));
}

TEST_CASE("a server is trusted for a file that vouches for it, and shown a certificate where it wants one") {
  const TempFolder folder;
  const TlsServer server(true);
  const std::string certificate = (folder.path() / "certificate.pem").string();
  const std::string key = (folder.path() / "key.pem").string();
  server.save_certificate(certificate);
  server.save_key(key);
  http::Endpoint endpoint = server.endpoint_as("localhost");
  endpoint.files.ca = certificate;
  CHECK_THROWS_AS(get(endpoint), Error);
  endpoint.files = {.ca = certificate, .certificate = certificate, .key = key};
  CHECK(get(endpoint).body == "secret");
  endpoint.files.key = certificate;
  CHECK_THROWS_WITH(get(endpoint), ContainsSubstring("cannot use '" + certificate + "' for TLS: "));
}

TEST_CASE("a server that speaks no TLS is told as such") {
  const ScriptedServer plain([](int connection) { send_text(connection, "HTTP/1.1 400 Bad Request\r\n\r\n"); });
  CHECK_THROWS_WITH(get({http::Endpoint::Kind::tls, "127.0.0.1", plain.endpoint().port}),
                    ContainsSubstring(": no TLS: "));
}

TEST_CASE("a handshake that stalls runs into the connect limit") {
  const ScriptedServer silent([](int connection) { receive_until(connection, "never"); });
  http::Client client({http::Endpoint::Kind::tls, "127.0.0.1", silent.endpoint().port});
  CHECK_THROWS_WITH(client.request({}, {.connect = 50ms}), ContainsSubstring("': no answer within 50ms"));
}
