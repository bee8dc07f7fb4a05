// Settings are typed by people and pushed by strangers: whatever the text, loading answers or throws an Error.
#include "config_fixture.hpp"
#include "support/catch.hpp"

#include <random>
#include <string_view>

using namespace teal;

namespace {

constexpr std::string_view k_whole_app = R"(container_port: 3000
colors: {blue: {port: 50101}, green: {port: 50100}}
bind: 127.0.0.1
branches: [trunk, "release/1.0"]
build: {context: web, dockerfile: Dockerfile.prod, target: release, args: {VERSION: "2"}}
health:
  command: ["/bin/check", 'it''s "up"']
  expect: 200-299,404
  interval: 50ms
run:
  env: {MODE: production, TEXT: "a\nb"}
  volumes:
    - data:/data
    - "/srv/x:/x:ro"
  memory: 512m
  cpus: 0.5
  args:
    - --verbose
    - >-
      folded
    - |
      kept
deploy: {order: stop-first, keep_releases: 9, stop_timeout: 3s}
rules:
- {branch: main, deploy: live}
- {tag: "release-*", deploy: site}
target: docker
targets:
  site: {kind: command, run: [bin/deploy], shared: [uploads]}
sources: [{name: mirror, kind: poll, url: git@host:shop, branch: main}]
)";

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t limit) {
  return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
}

void mutate(std::string& text, Random& random) {
  constexpr std::string_view k_telling = ":{}[]-,#&*!|>'\"%@`?~\n\t \\<=0\x7f\xff";
  const std::size_t at = below(random, text.size());
  const std::size_t length = below(random, std::min<std::size_t>(20, text.size() - at)) + 1;
  switch (below(random, 5)) {
  case 0:
    text[at] = k_telling[below(random, k_telling.size())];
    break;
  case 1:
    text.insert(at, 1, k_telling[below(random, k_telling.size())]);
    break;
  case 2:
    text.erase(at, std::min(length, text.size() - 1));
    break;
  case 3:
    text.insert(below(random, text.size()), text.substr(at, length));
    break;
  default:
    text[at] = static_cast<char>(below(random, 256));
  }
}

} // namespace

TEST_CASE("a mutated settings text is read or refused as settings, and nothing else happens") {
  constexpr int k_texts = 2000;
  constexpr unsigned k_seed = 20'261'121;
  Random random(k_seed);
  REQUIRE(complaint_of([] {
            static_cast<void>(parse_app_settings({"app.yml", std::string(k_whole_app)}, {}));
          }).empty());
  int refused = 0;
  for (int i = 0; i < k_texts; ++i) {
    std::string text(k_whole_app);
    for (std::size_t n = below(random, 6) + 1; n > 0; --n) {
      mutate(text, random);
    }
    INFO(text);
    const std::string complaint = complaint_of([&] { static_cast<void>(parse_app_settings({"app.yml", text}, {})); });
    CHECK_THAT(complaint, ContainsSubstring(complaint.empty() ? "" : "app.yml:"));
    static_cast<void>(pushed_complaint(text));
    refused += complaint.empty() ? 0 : 1;
  }
  CHECK(refused > k_texts / 4);
  CHECK(refused < k_texts);
}
