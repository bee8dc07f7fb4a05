// Apps as they are: what image and repository say already, by EXPOSE, HEALTHCHECK, Procfile and app.json.
#include "core/text.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"

#include <fmt/format.h>

using namespace teal;

namespace {

constexpr const char* k_start = "FROM scratch\nCOPY program /program\nCOPY version /version\n";

/// An app that nobody wrote settings for.
class PlainApp {
public:
  /// `dockerfile`: behind what copies program and version.
  std::string push(const std::string& dockerfile, const std::string& version = "v1") const {
    m_project.write("Dockerfile", k_start + dockerfile);
    m_project.commit(version);
    return what_was_told(m_project.push(m_name, Color::blue));
  }
  void write(const char* file, std::string_view text) const { m_project.write(file, text); }
  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  [[nodiscard]] std::string answer() const { return m_host.answer(m_name, Color::blue); }
  [[nodiscard]] std::string plan() const { return m_host.tealhook_ok({"plan", m_name, "--color", "blue"}); }
  void set_settings(std::string_view yaml) const { m_host.set_settings(m_name, yaml); }

private:
  TestHost m_host;
  std::string m_name = m_host.create_app();
  Project m_project{m_host};
};

} // namespace

TEST_CASE("the port is what the image exposes, the lowest of TCP, and the settings' where they say one") {
  const PlainApp app;
  const std::string told = app.push("EXPOSE 9999 4000/tcp 53/udp\nCMD [\"/program\", \"--port\", \"4000\"]\n");
  CHECK_THAT(told, ContainsSubstring("port 4000: the image EXPOSEs it") && ContainsSubstring("\nready in "));
  CHECK(app.answer() == "v1 blue");
  CHECK(app.host().docker({"inspect", "-f", "{{index .Config.Labels \"tealhook.port\"}}", app.name() + "-blue"}) ==
        "4000");
  app.host().tealhook_ok({"restart", app.name()});
  CHECK(app.answer() == "v1 blue");
  app.set_settings("container_port: 9999\n");
  CHECK_THAT(app.push("EXPOSE 4000\nCMD [\"/program\", \"--port\", \"9999\"]\n", "v2"),
             ContainsSubstring("\nready in "));
  CHECK(app.answer() == "v2 blue");
}

TEST_CASE("an image that exposes nothing of use is asked at 8080, and where that fails the reason is said") {
  const PlainApp app;
  CHECK_THAT(app.push("CMD [\"/program\"]\n"), ContainsSubstring("\nready in "));
  app.set_settings("health: {deadline: 400ms}\n");
  CHECK_THAT(app.push("EXPOSE 53/udp\nCMD [\"/program\", \"--port\", \"4000\"]\n", "v2"),
             ContainsSubstring("not on 8080 (container_port); the image EXPOSEs no TCP port, only 53/udp"));
  CHECK(app.answer() == "v1 blue");
}

TEST_CASE("an image's own health check is asked where the settings ask nothing") {
  const PlainApp app;
  const std::string bad = "CMD [\"/program\", \"--status\", \"500\"]\n"; // whoever asks for a page
  CHECK_THAT(app.push("HEALTHCHECK CMD [\"/program\", \"--exit\", \"0\"]\n" + bad),
             ContainsSubstring("HEALTHCHECK -> 0") && ContainsSubstring("\nready in "));
  CHECK_THAT(app.host().tealhook_ok({"status", app.name()}), ContainsSubstring("healthy"));
  app.set_settings("health: {deadline: 400ms}\n");
  CHECK_THAT(app.push("HEALTHCHECK CMD [\"/program\", \"--exit\", \"4\"]\n" + bad, "v2"),
             ContainsSubstring("HEALTHCHECK -> 4") && ContainsSubstring("cupboard is bare"));
  CHECK_THAT(app.push("HEALTHCHECK NONE\n" + bad, "v3"), ContainsSubstring("GET / -> 500"));
  app.set_settings("health: {expect: 500}\n");
  CHECK_THAT(app.push("HEALTHCHECK CMD [\"/program\", \"--exit\", \"4\"]\n" + bad, "v4"),
             ContainsSubstring("GET / -> 500") && ContainsSubstring("\nready in "));
}

TEST_CASE("a Procfile says what answers, what works, and what runs first") {
  const PlainApp app;
  app.write("Procfile", "web: /program --port 4000\nworker: /program --port 9\nrelease: /program --sleep 0 --exit 0\n");
  const std::string told = app.push("EXPOSE 4000\nCMD [\"/program\", \"--exit\", \"3\"]\n");
  CHECK_THAT(told,
             ContainsSubstring("of the commit: web is Procfile:1; worker is Procfile:2; Procfile:3 is run first"));
  CHECK_THAT(told, ContainsSubstring("'/program --sleep 0 --exit 0' done in") && ContainsSubstring("\nready in "));
  CHECK(app.answer() == "v1 blue");
  CHECK_THAT(app.host().tealhook_ok({"status", app.name()}), ContainsSubstring("running 2/2"));
  CHECK_THAT(app.plan(),
             ContainsSubstring("commit     web is Procfile:1") && ContainsSubstring("/program --port 4000"));

  app.write("Procfile", "web: /program --port 4000\nworker: /program --exit 6\n");
  CHECK_THAT(app.push("EXPOSE 4000\n", "v2"), ContainsSubstring("process 'worker' exited with 6"));
  app.write("Procfile", "web: /program --port $PORT\n"); // and no shell in the image
  CHECK_THAT(app.push("EXPOSE 4000\n", "v3"), ContainsSubstring("/bin/sh"));
  app.write("Procfile", "web /program\n");
  CHECK_THAT(app.push("EXPOSE 4000\n", "v4"), ContainsSubstring(":Procfile:1: 'web /program' is no 'NAME: COMMAND'"));
  CHECK(app.answer() == "v1 blue");
}

TEST_CASE("an app.json says what is healthy and which processes there are") {
  const PlainApp app;
  app.write("Procfile", "worker: /program --exit 6\n");
  app.write("app.json", R"({
	"healthchecks": {"web": [{"type": "startup", "path": "/fail", "attempts": 1, "timeout": 1, "wait": 0}]},
	"formation": {"worker": {"quantity": 0}}
})");
  const std::string told = app.push("CMD [\"/program\"]\n");
  CHECK_THAT(told, ContainsSubstring("not healthy within 1s: GET /fail -> 500"));
  CHECK_THAT(told, ContainsSubstring("worker is not run") && ContainsSubstring("Procfile has no web"));
  app.write("app.json",
            R"({"healthchecks": {"web": [{"listening": true}]}, "formation": {"worker": {"quantity": 0}}})");
  CHECK_THAT(app.push("CMD [\"/program\", \"--status\", \"500\"]\n", "v2"),
             ContainsSubstring("port 8080 accepts connections") && ContainsSubstring("\nready in "));
  app.write("app.json", "{\n\"formation\": 3}");
  CHECK_THAT(app.push("CMD [\"/program\"]\n", "v3"), ContainsSubstring(":app.json:2: 'formation' is not an object"));
}
