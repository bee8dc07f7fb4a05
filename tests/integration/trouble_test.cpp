// A host in trouble: each is told with what mends it, before anything is touched.
#include "process/atomic_file.hpp"
#include "process/detached.hpp"
#include "support/catch.hpp"
#include "support/listener.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>
#include <unistd.h>

using namespace teal;

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A container that tealhook did not make, of the image that blue runs.
class StrangeContainer {
public:
  StrangeContainer(const ServedApp& app, std::string name, const std::vector<std::string>& options = {})
      : m_app(app), m_name(std::move(name)) {
    std::vector<std::string> arguments{"run", "-d", "--name", m_name};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(app.host().docker({"inspect", "-f", "{{.Image}}", app.name() + "-blue"}));
    app.host().docker(arguments);
  }
  StrangeContainer(const StrangeContainer&) = delete;
  StrangeContainer& operator=(const StrangeContainer&) = delete;
  ~StrangeContainer() {
    static_cast<void>(run({.arguments = {"docker", "rm", "-f", m_name}, .environment = m_app.host().environment()}));
  }

private:
  const ServedApp& m_app;
  std::string m_name;
};

/// Takes the place of the host's registry, with further lines of configuration.
class OddRegistry {
public:
  OddRegistry(const TestHost& host, std::string_view configuration) {
    host.tealhook_ok({"registry", "down"});
    const std::string address = host.registry().substr(host.registry().find(':'));
    write_file(m_folder.path() / "htpasswd", "");
    write_file(m_folder.path() / "config.yml",
               fmt::format("version: 0.1\nhttp: {{addr: '127.0.0.1{}'}}\n{}", address,
                           fmt::format(fmt::runtime(configuration), fmt::arg("folder", m_folder.path().string()))));
    m_process = start_detached({.arguments = {"docker-registry", "serve", (m_folder.path() / "config.yml").string()},
                                .environment = host.environment()});
    const auto port = static_cast<std::uint16_t>(std::stoi(address.substr(1)));
    wait_until([&] { return !http_get(port, "/v2/").empty(); }, 10s, "the registry to answer");
  }
  OddRegistry(const OddRegistry&) = delete;
  OddRegistry& operator=(const OddRegistry&) = delete;
  ~OddRegistry() { end_process(m_process, 5s); }

private:
  TempFolder m_folder;
  ProcessId m_process;
};

} // namespace

TEST_CASE("a port or a name that is somebody else's is told with its holder") {
  const ServedApp app;
  const std::string green = std::to_string(app.host().port(app.name(), Color::green));
  {
    const StrangeContainer stranger(app, app.name() + "-stranger", {"-p", green + ":8080"});
    const std::string told = app.push_in_vain("v2", Color::green);
    CHECK_THAT(told, ContainsSubstring(
                         fmt::format("error: port {} is in use by the container '{}-stranger'; ", green, app.name())));
    CHECK_THAT(told, !ContainsSubstring("checkout "));
  }
  {
    const StrangeContainer stranger(app, app.name() + "-green");
    const std::string told = app.push_in_vain("v3", Color::green);
    CHECK_THAT(told, ContainsSubstring(fmt::format("container '{0}-green' is there that this home did not make; "
                                                   "rename it or remove it: docker rm -f {0}-green",
                                                   app.name())));
    CHECK_THAT(app.host().docker({"inspect", "-f", "{{.State.Running}}", app.name() + "-green"}),
               ContainsSubstring("true"));
  }
  const Listener listener;
  const ChangedFile settings(app.settings_file(), green, std::to_string(listener.port()));
  CHECK_THAT(app.push_in_vain("v4", Color::green),
             ContainsSubstring(
                 fmt::format("error: port {} is in use by pid {} (integration_tests); ", listener.port(), ::getpid())));
}

TEST_CASE("colors whose ports were swapped are told that the other one has the port") {
  const ServedApp app;
  const auto blue = app.host().port(app.name(), Color::blue);
  const auto green = app.host().port(app.name(), Color::green);
  write_file(app.settings_file(), fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\n", green, blue));
  app.project().commit("v2");
  const std::string told = what_was_told(app.project().push(app.name(), Color::green));
  CHECK_THAT(told, ContainsSubstring(fmt::format("port {} is in use by the container '{}-blue'", blue, app.name())));
  CHECK(http_get(blue) == "v1 blue");
}

TEST_CASE("an engine that does not answer is told with its address, by a push and by check") {
  const ServedApp app;
  const ChangedFile settings(app.host().home().settings(), "#host: unix:///var/run/docker.sock",
                             "host: unix:///run/no-engine.sock");
  const std::string words = "no container engine answers at '/run/no-engine.sock'; start it: systemctl start docker";
  const std::string told = app.push_in_vain("v2");
  CHECK_THAT(told, ContainsSubstring("error: " + words));
  CHECK_THAT(told, !ContainsSubstring("checkout "));
  const Outcome check = app.host().tealhook({"check"});
  CHECK(check.exit_code == 3);
  CHECK_THAT(check.tail, ContainsSubstring(words));
}

TEST_CASE("a user without permission on the engine's socket is told how to get it") {
  if (::geteuid() != 0) {
    SKIP_TEST("only root can take another user's part");
  }
  const TempFolder folder;
  fs::permissions(folder.path(), fs::perms(0755));
  fs::copy_file(TestHost::tool(), folder.path() / "tealhook");
  fs::create_directory(folder.path() / "home");
  constexpr uid_t k_nobody = 65534;
  REQUIRE(::chown((folder.path() / "home").c_str(), k_nobody, k_nobody) == 0);
  const auto as_nobody = [&](const std::string& command) {
    return run(
        {.arguments = {"setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
                       (folder.path() / "tealhook").string(), "--home", (folder.path() / "home").string(), command},
         .directory = folder.path(),
         .environment = clean_environment()});
  };
  const Outcome setup = as_nobody("setup");
  INFO(setup.tail);
  REQUIRE(setup.succeeded());
  const Outcome check = as_nobody("check");
  CHECK(check.exit_code == 3);
  CHECK_THAT(check.tail, ContainsSubstring("no permission on the container engine's socket '/var/run/docker.sock'; add "
                                           "the user to the group 'docker'"));
}

TEST_CASE("a registry that is down is told at once, with the command that starts it") {
  const ServedApp app;
  app.host().tealhook_ok({"registry", "down"});
  const std::string told = app.push_in_vain("v2");
  CHECK_THAT(told, ContainsSubstring(fmt::format("error: no registry answers at '{}'", app.host().registry())));
  CHECK_THAT(told, ContainsSubstring("tealhook --home " + app.host().home().root.string() + " registry up\n"));
  CHECK_THAT(told, !ContainsSubstring("checkout "));
  app.host().tealhook_ok({"registry", "up"});
  app.push("v3");
}

TEST_CASE("a registry that refuses the push is told with its reason") {
  const ServedApp app;
  {
    const OddRegistry registry(app.host(), "storage:\n  filesystem: {{rootdirectory: '{folder}'}}\n"
                                           "  maintenance: {{readonly: {{enabled: true}}}}\n");
    CHECK_THAT(app.push_in_vain("v2"),
               ContainsSubstring("publish ") &&
                   ContainsSubstring(fmt::format("error: cannot push '{}/{}:", app.host().registry(), app.name())));
  }
  const OddRegistry registry(app.host(), "storage: {{filesystem: {{rootdirectory: '{folder}'}}}}\n"
                                         "auth: {{htpasswd: {{realm: odd, path: '{folder}/htpasswd'}}}}\n");
  CHECK_THAT(app.push_in_vain("v3"), ContainsSubstring("no basic auth credentials") &&
                                         ContainsSubstring("docker login " + app.host().registry()));
}

TEST_CASE("a disk with less room than limits.min_free_disk is told before anything is built") {
  const ServedApp app;
  const ChangedFile settings(app.host().home().settings(), "#min_free_disk: 1GiB", "min_free_disk: 1000000GiB");
  const std::string told = app.push_in_vain("v2");
  CHECK_THAT(told, ContainsSubstring("are free where '") && ContainsSubstring("limits.min_free_disk is "));
  CHECK_THAT(told, !ContainsSubstring("checkout "));
}

TEST_CASE("what is wrong with settings is told with its file and line, and nothing is touched") {
  const ServedApp app;
  const TestHost& host = app.host();
  {
    const ChangedFile settings(app.settings_file(), "\n", "\nhelth: {path: /}\n");
    const std::string words =
        fmt::format("error: {}:2: unknown key 'helth' (did you mean 'health'?)\n", app.settings_file().string());
    app.project().commit("v2");
    const std::string told = what_was_told(app.project().push(app.name(), Color::blue));
    CHECK_THAT(told, ContainsSubstring(words) && ContainsSubstring("FAILED   nothing was deployed"));
    const Outcome deploy = host.tealhook({"deploy", app.name(), "--color", "blue"});
    CHECK(deploy.exit_code == 2);
    CHECK_THAT(deploy.tail, ContainsSubstring(words));
  }
  {
    const ChangedFile settings(host.home().settings(), "limits:", "limts:");
    CHECK_THAT(app.push_in_vain("v3"), ContainsSubstring(host.home().settings().string() + ":") &&
                                           ContainsSubstring(": unknown key 'limts' (did you mean 'limits'?)"));
  }
  app.project().write(".tealhook.yml", "health:\n  path: /\n  deadlin: 5s\n");
  CHECK_THAT(app.push_in_vain("v4"),
             ContainsSubstring(":.tealhook.yml:3: unknown key 'health.deadlin' (did you mean 'health.deadline'?)"));
  for (const char* refused :
       {"run: {volumes: ['/:/host']}", "run: {env_file: /etc/shadow}", "bind: 0.0.0.0", "deploy: {stop_timeout: 1h}"}) {
    app.project().write(".tealhook.yml", refused);
    CHECK_THAT(app.push_in_vain(refused), ContainsSubstring(":.tealhook.yml:1: ") &&
                                              ContainsSubstring("can only be set in app.yml on the server"));
  }
}
