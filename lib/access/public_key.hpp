/// @file
/// PublicKey: what somebody gives of their key, checked before it comes near an authorized_keys.
///
/// Formats are those of sshd(8) (AUTHORIZED_KEYS FILE FORMAT), RFC 4253 (6.6), RFC 5656 (3.1), RFC 8709 (4) and
/// OpenSSH's PROTOCOL.u2f.
#pragma once

#include <string>
#include <string_view>

namespace teal {

struct PublicKey {
  std::string text;        ///< "ssh-ed25519 AAAA…": type and base64, without options or comment
  std::string fingerprint; ///< "SHA256:…", as ssh-keygen -l shows it
};

/// Of what a .pub file has. Throws Error(usage), in words, for anything but one key of a type that is safe today: not
/// for options before it, several lines, a private key, DSA, a certificate, RSA of less than 2048 bits, or base64 that
/// holds another key than it says.
[[nodiscard]] PublicKey parse_public_key(std::string_view text);

} // namespace teal
