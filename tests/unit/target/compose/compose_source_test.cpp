#include "target/compose/compose_source.hpp"
#include "unit/target/compose/compose_fixture.hpp"

using namespace teal;

namespace {

namespace fs = std::filesystem;

std::string complaint_about(const ComposeTree& tree) {
  try {
    static_cast<void>(tree.source());
    return "";
  } catch (const Error& error) {
    return error.message();
  }
}

} // namespace

TEST_CASE("a compose file is found by its usual names, and knows where its keys stand") {
  const ComposeTree tree("services:\n  web:\n    image: x\n    ports: [80]\nvolumes:\n  data:\n");
  const ComposeSource source = tree.source();
  CHECK(source.name() == "compose.yaml");
  CHECK(source.place("services", "web", "ports") == "compose.yaml:4");
  CHECK(source.place("services", "web", "privileged") == "compose.yaml:2");
  CHECK(source.place("volumes", "data") == "compose.yaml:6");
  fs::rename(tree.root() / "compose.yaml", tree.root() / "docker-compose.yml");
  CHECK(tree.source().name() == "docker-compose.yml");
  fs::remove(tree.root() / "docker-compose.yml");
  CHECK_THAT(complaint_about(tree), ContainsSubstring("the commit has none of compose.yaml, "));
}

TEST_CASE("what compose would read by name must be in the commit") {
  for (const std::string text :
       {"services: {web: {env_file: ../secret}}", "services: {web: {env_file: [a.env, /etc/passwd]}}",
        "services: {web: {env_file: [{path: ../secret, required: false}]}}", "services: {web: {env_file: '${X}'}}",
        "services: {web: {extends: {file: ../base.yaml, service: web}}}", "include: [../other.yaml]",
        "include: ['https://example.com/x.git']", "include: [{path: [../other.yaml]}]",
        "include: [{path: a.yaml, env_file: ../secret}]", "x: &a {env_file: ../secret}\nservices: {web: {<<: *a}}",
        "services: {web: {label_file: link}}"}) {
    INFO(text);
    const ComposeTree tree(text);
    tree.write("../secret", "A=1");
    tree.write("../base.yaml", "services: {}");
    tree.write("../other.yaml", "services: {}");
    tree.write("a.env", "A=1");
    tree.write("a.yaml", "services: {}");
    fs::create_symlink("../secret", tree.root() / "link");
    CHECK_THAT(complaint_about(tree), ContainsSubstring("compose.yaml:") &&
                                          (ContainsSubstring("out of the work tree") ||
                                           ContainsSubstring("written out") || ContainsSubstring("not in the commit")));
  }
}

TEST_CASE("files that lead to other files are followed, and may lead in a circle") {
  const ComposeTree tree("services: {web: {extends: {file: base/b.yaml, service: web}, env_file: a.env}}");
  tree.write("a.env", "A=1");
  tree.write("base/b.yaml", "services: {web: {extends: {file: ../compose.yaml, service: web}}}");
  CHECK(complaint_about(tree).empty());
  tree.write("base/b.yaml", "services: {web: {env_file: ../../secret}}");
  tree.write("../secret", "A=1");
  CHECK_THAT(complaint_about(tree), ContainsSubstring("base/b.yaml:1: "));
}

TEST_CASE("a file of variables beside it must not lead elsewhere") {
  const ComposeTree tree("services: {web: {image: x}}");
  tree.write("../secret", "A=1");
  fs::create_symlink("../secret", tree.root() / ".env");
  CHECK_THAT(complaint_about(tree), ContainsSubstring("'.env' leads out of the work tree"));
}
