// Each kind of probe, on a program that passes it and on one that does not.
#include "support/catch.hpp"
#include "support/served_app.hpp"

using namespace teal;

TEST_CASE("an HTTP probe asks for the path, as the host, and takes the codes that are expected") {
  const ServedApp app({"--status", "404", "--host", "shop.example.com"},
                      "health: {path: /up, host: shop.example.com, expect: '200-299,404'}\n");
  CHECK(app.ended_step("check").at("fact").as_string() == "GET /up -> 404");

  app.set_settings("health: {path: /up, host: shop.example.com, deadline: 400ms}\n");
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("not healthy within 400ms: GET /up -> 404: v2 blue"));

  app.set_settings("health: {expect: '200-404', deadline: 400ms}\n");
  CHECK_THAT(app.push_in_vain("v3"), ContainsSubstring("GET / -> 421: this is shop.example.com"));
}

TEST_CASE("a TCP probe is content with a port that accepts connections") {
  const ServedApp app;
  app.set_settings("health: {kind: tcp, deadline: 400ms}\n");
  app.project().set_arguments({"--port", "9999"});
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("connection refused; it listens on port 9999, not on 8080"));

  app.project().set_arguments({"--silent"});
  app.set_settings("health: {kind: tcp}\n");
  app.push("v3");
  CHECK(app.ended_step("check").at("fact").as_string() == "port 8080 accepts connections");
}

TEST_CASE("a command probe runs in the container, and is healthy if it exits with 0") {
  const ServedApp app({}, "health: {command: [/program, --exit, '0']}\n");
  CHECK_THAT(std::string(app.ended_step("check").at("fact").as_string()),
             ContainsSubstring("command -> 0 program v1 starts"));

  app.set_settings("health: {command: [/program, --exit, '4'], deadline: 400ms}\n");
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("not healthy within 400ms: command -> 4 program v2 starts"));

  app.set_settings("health: {command: [/program, --delay, '60'], timeout: 100ms, deadline: 400ms}\n");
  CHECK_THAT(app.push_in_vain("v3"), ContainsSubstring("'/program --delay 60' did not end within 100ms"));

  app.set_settings("health: {command: 'true', deadline: 400ms}\n");
  CHECK_THAT(app.push_in_vain("v4"), ContainsSubstring("/bin/sh") && ContainsSubstring("no such file or directory"));
}
