#include "engine/engine.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/temp_folder.hpp"

#include <thread>

using namespace teal;
using namespace teal::engine;

TEST_CASE("a missing engine is told with its socket and how to start it") {
  const TempFolder folder;
  const std::string socket = (folder.path() / "docker.sock").string();
  Engine engine("unix://" + socket);
  CHECK_THROWS_WITH(engine.version(), "no container engine answers at '" + socket +
                                          "'; start it: systemctl start docker (or run dockerd)");
}

TEST_CASE("a host that is no address is refused at once") {
  CHECK_THROWS_AS(Engine("npipe://somewhere"), Error);
}

TEST_CASE("another host's engine that nobody can connect to is told with the reason") {
  std::string host;
  {
    const Listener gone;
    host = "tcp://127.0.0.1:" + std::to_string(gone.port());
  }
  Engine engine(host);
  CHECK_FALSE(engine.is_local());
  CHECK_THROWS_WITH(engine.version(), "no container engine answers at '" + host + "': connection refused");
}

TEST_CASE("what speaks to engines beside us is led to this one") {
  const TempFolder folder;
  const Environment plain = Engine("tcp://10.0.0.7:2375").client_environment();
  CHECK(plain == Environment{{"DOCKER_HOST", "tcp://10.0.0.7:2375"}});
  const Engine by_tls({.host = "tcp://10.0.0.7",
                       .ca = "/e/a.pem",
                       .certificate = "/e/c.pem",
                       .key = "/e/k.pem",
                       .folder = folder.path()});
  CHECK(by_tls.is_private());
  for (int times = 0; times < 2; ++times) {
    Environment environment = by_tls.client_environment();
    CHECK(environment["DOCKER_HOST"] == "tcp://10.0.0.7:2376");
    CHECK(environment["DOCKER_TLS_VERIFY"] == "1");
    const std::filesystem::path certificates = environment["DOCKER_CERT_PATH"];
    CHECK(std::filesystem::read_symlink(certificates / "ca.pem") == "/e/a.pem");
    CHECK(std::filesystem::read_symlink(certificates / "cert.pem") == "/e/c.pem");
    CHECK(std::filesystem::read_symlink(certificates / "key.pem") == "/e/k.pem");
  }
}

TEST_CASE("only a socket, TLS and ssh keep others out") {
  CHECK(Engine("unix:///run/x.sock").is_private());
  CHECK(Engine("https://10.0.0.7").is_private());
  CHECK(Engine("ssh://10.0.0.7").is_private());
  CHECK_FALSE(Engine("tcp://10.0.0.7").is_private());
}

TEST_CASE("an engine that takes the call and never answers is waited for as long as was set") {
  const Listener silent;
  Engine engine("tcp://127.0.0.1:" + std::to_string(silent.port()), Milliseconds(50));
  CHECK_THROWS_WITH(engine.call("GET", "/info"), ContainsSubstring("within 50ms"));
}

TEST_CASE("time that several wait for the engine at once passes once") {
  EngineClock clock;
  const Stopwatch stopwatch;
  {
    const EngineTime one(clock);
    const EngineTime other(clock);
    std::this_thread::sleep_for(Milliseconds(5));
  }
  const Milliseconds spent = clock.spent();
  CHECK(spent >= Milliseconds(5));
  CHECK(spent <= stopwatch.elapsed());
}
