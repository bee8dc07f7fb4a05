#include "access/public_key.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "process/atomic_file.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace teal;

namespace {

/// By ssh-keygen; its fingerprint as ssh-keygen has it.
struct MadeKey {
  explicit MadeKey(std::vector<std::string> kind) {
    std::vector<std::string> command{"ssh-keygen", "-q", "-N", "", "-C", "anna@laptop", "-f", file(), "-t"};
    command.insert(command.end(), kind.begin(), kind.end());
    run_or_throw({.arguments = command, .environment = clean_environment()});
    text = read_file(file() + ".pub");
    fingerprint = split(
        run_or_throw({.arguments = {"ssh-keygen", "-l", "-f", file() + ".pub"}, .environment = clean_environment()})
            .output,
        ' ')[1];
  }
  [[nodiscard]] std::string file() const { return (folder.path() / "key").string(); }

  TempFolder folder;
  std::string text;
  std::string fingerprint;
};

std::string refusal(const std::string& text) {
  try {
    static_cast<void>(parse_public_key(text));
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::usage);
    return error.message();
  }
  return "taken";
}

} // namespace

TEST_CASE("a key of each kind that ssh-keygen makes is taken without its comment, with ssh-keygen's own fingerprint") {
  for (const std::vector<std::string>& kind :
       {std::vector<std::string>{"ed25519"}, {"ecdsa", "-b", "256"}, {"ecdsa", "-b", "521"}, {"rsa", "-b", "2048"}}) {
    const MadeKey made(kind);
    INFO(made.text);
    const PublicKey key = parse_public_key(made.text);
    CHECK(key.fingerprint == made.fingerprint);
    CHECK(made.text == key.text + " anna@laptop\n");
  }
}

TEST_CASE("what is more than a key is refused in words") {
  const std::string key(trim(MadeKey({"ed25519"}).text));
  CHECK_THAT(refusal("no-pty " + key), ContainsSubstring("options before a key are not taken"));
  CHECK_THAT(refusal("command=\"/bin/sh\" " + key), ContainsSubstring("options before a key are not taken"));
  CHECK(refusal(key + "\n" + key) == "give one key, on one line");
  CHECK(refusal(key + "\rcommand=\"x\" " + key) == "give one key, on one line");
  CHECK_THAT(refusal(key + " \x1b[2J"), ContainsSubstring("control characters"));
  CHECK_THAT(refusal(std::string(20000, 'a')), ContainsSubstring("larger than"));
  CHECK_THAT(refusal(" \n"), ContainsSubstring("no key on standard input"));
}

TEST_CASE("a key that is damaged, weak, or of a type that is not taken is refused in words") {
  const std::string key(trim(MadeKey({"ed25519"}).text));
  const std::string base64 = split(key, ' ')[1];
  CHECK_THAT(refusal("ssh-ed25519"), ContainsSubstring("no key of type 'ssh-ed25519'"));
  CHECK_THAT(refusal("ssh-ed25519 " + base64.substr(0, 40)), ContainsSubstring("damaged"));
  CHECK_THAT(refusal("ssh-ed25519 " + base64 + "AAAA"), ContainsSubstring("damaged"));
  CHECK_THAT(refusal("ssh-ed25519 !" + base64.substr(1)), ContainsSubstring("damaged"));
  CHECK_THAT(refusal("ssh-rsa " + base64), ContainsSubstring("no key of type 'ssh-rsa'"));
  CHECK_THAT(refusal("ssh-dss AAAA"), ContainsSubstring("'ssh-dss' is not taken"));
  CHECK_THAT(refusal("ssh-ed25519-cert-v01@openssh.com AAAA"), ContainsSubstring("is not taken"));
  CHECK_THAT(refusal("hello world"),
             ContainsSubstring("'hello' is no type of key that is taken; give one of ssh-ed25519"));
  CHECK_THAT(refusal(MadeKey({"rsa", "-b", "1024"}).text), ContainsSubstring("1024 bits is too short"));
}

TEST_CASE("a private key is refused and not quoted") {
  const MadeKey made({"ed25519"});
  const std::string answer = refusal(read_file(made.file()));
  CHECK_THAT(answer, ContainsSubstring("that is a private key"));
  CHECK(answer.find("b3BlbnNzaC1rZXk") == std::string::npos);
}
