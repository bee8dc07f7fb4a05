#include "support/catch.hpp"
#include "trigger/forge/signature.hpp"

using namespace teal;

namespace {

constexpr const char* k_secret = "It's a Secret to Everybody";
constexpr const char* k_hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
constexpr webhook::SignatureHeader k_header{"X-Sig", "sha256="};

std::string refusal(const http::HeaderList& headers, const webhook::Secrets& secrets = {k_secret}) {
  return webhook::why_signature_refused(headers, "Hello, World!", secrets, k_header).value_or("");
}

} // namespace

TEST_CASE("a signature is believed by either of two secrets and in any case of letters") {
  const std::string value = std::string("sha256=") + k_hex;
  CHECK(refusal({{"x-sig", value}}).empty());
  CHECK(refusal({{"X-Sig", value}}, {"new", k_secret}).empty());
  CHECK(refusal({{"X-Sig", value}}, {k_secret, "new"}).empty());
  CHECK(refusal({{"X-Sig", "SHA256=757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17"}}).empty());
}

TEST_CASE("a signature that is missing or empty or doubled or of another form is refused in words") {
  CHECK(refusal({}) == "no X-Sig header");
  CHECK(refusal({{"X-Sig", ""}}) == "the X-Sig header is empty: the sender has no secret");
  CHECK(refusal({{"X-Sig", "sha1=abc"}}) == "the X-Sig header does not begin with 'sha256='");
  CHECK(refusal({{"X-Sig", k_hex}}) == "the X-Sig header does not begin with 'sha256='");
  CHECK(refusal({{"X-Sig", std::string("sha256=") + k_hex}, {"x-sig", "sha256="}}) == "more than one X-Sig header");
}

TEST_CASE("a signature that does not match is refused and so is a part of one") {
  const std::string right = std::string("sha256=") + k_hex;
  CHECK(refusal({{"X-Sig", right}}, {"other"}) == "the signature in X-Sig does not match secret_file");
  CHECK(refusal({{"X-Sig", right}}, {"", "other"}) == "the signature in X-Sig does not match secret_file");
  CHECK_FALSE(refusal({{"X-Sig", right.substr(0, 70)}}).empty());
  CHECK_FALSE(refusal({{"X-Sig", right + "00"}}).empty());
  CHECK_FALSE(refusal({{"X-Sig", "sha256="}}).empty());
}

TEST_CASE("a token is the secret itself and nothing that is like it") {
  const auto token = [](const std::string& value) {
    return webhook::why_token_refused({{"Authorization", value}}, {"old", "new"}, {"Authorization", "Bearer "})
        .value_or("");
  };
  CHECK(token("Bearer new").empty());
  CHECK(token("bearer old").empty());
  CHECK(token("Bearer ol") == "the token in Authorization does not match secret_file");
  CHECK_FALSE(token("Bearer ").empty());
  CHECK_FALSE(token("Basic new").empty());
  CHECK(token("") == "the Authorization header is empty: the sender has no secret");
}
