#include "model/engine_url.hpp"
#include "support/catch.hpp"

using namespace teal;

namespace {

using Scheme = EngineUrl::Scheme;

EngineUrl parse(const std::string& text) {
  const auto url = EngineUrl::parse(text);
  INFO(text);
  REQUIRE(url);
  return *url;
}

} // namespace

TEST_CASE("an engine is at a socket of this host, or of another one") {
  const EngineUrl here = parse("unix:///var/run/docker.sock");
  CHECK(here.is_local());
  CHECK(here.path == "/var/run/docker.sock");
  const EngineUrl there = parse("tcp://10.0.0.7:2376");
  CHECK_FALSE(there.is_local());
  CHECK(there.scheme == Scheme::tcp);
  CHECK(there.host == "10.0.0.7");
  CHECK(there.port == 2376);
  CHECK(parse("https://[fd00::7]/").host == "fd00::7");
  CHECK(parse("http://engine.example.com").port == 0);
}

TEST_CASE("one by ssh has a user, a port and a socket, each of which may be left out") {
  const EngineUrl whole = parse("ssh://deploy@engine.example.com:2222/run/podman/podman.sock");
  CHECK(whole.scheme == Scheme::ssh);
  CHECK(whole.user == "deploy");
  CHECK(whole.host == "engine.example.com");
  CHECK(whole.port == 2222);
  CHECK(whole.path == "/run/podman/podman.sock");
  CHECK_FALSE(whole.is_local());
  for (const char* text : {"ssh://engine", "ssh://engine/"}) {
    CHECK(parse(text).user.empty());
    CHECK(parse(text).port == 0);
    CHECK(parse(text).path == "/var/run/docker.sock");
  }
}

TEST_CASE("what ssh would take for an option, or a path that is none, is no engine") {
  for (const char* text : {"",
                           "docker",
                           "unix://",
                           "unix://docker.sock",
                           "unix:///run/../x",
                           "npipe://x",
                           "tcp://",
                           "tcp://a b",
                           "tcp:///x",
                           "tcp://host/x",
                           "tcp://host:0",
                           "tcp://host:70000",
                           "tcp://[::1",
                           "tcp://[host]:1",
                           "ssh://",
                           "ssh://-oProxy",
                           "ssh://-l@host",
                           "ssh://@host",
                           "ssh://a:secret@host",
                           "ssh://user@host:x",
                           "ssh://host/a b",
                           "ssh://host/a:b",
                           "ssh://host/../x"}) {
    INFO(text);
    CHECK_FALSE(EngineUrl::parse(text));
  }
}
