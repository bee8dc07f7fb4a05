#include "support/test_host.hpp"

#include "config/load.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "http/client.hpp"
#include "process/atomic_file.hpp"
#include "process/file_lock.hpp"
#include "store/store.hpp"
#include "support/background.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/no_retries.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <fstream>

namespace teal {

namespace {

namespace fs = std::filesystem;

const fs::path k_programs = TEAL_TEST_PROGRAMS; ///< the build tree: bin and libexec below it
const fs::path k_app_program = TEAL_TEST_APP_PROGRAM;

Environment test_environment(const fs::path& home) {
  Environment environment = clean_environment();
  environment["TEALHOOK_HOME"] = home.string();
  environment["GIT_CONFIG_GLOBAL"] = environment["GIT_CONFIG_SYSTEM"] = "/dev/null";
  for (const char* role : {"AUTHOR", "COMMITTER"}) {
    environment[fmt::format("GIT_{}_NAME", role)] = "Ada";
    environment[fmt::format("GIT_{}_EMAIL", role)] = "ada@example.com";
  }
  return environment;
}

std::string run_ok(const Command& command) {
  const Outcome outcome = run(command);
  INFO(join(command.arguments, " ") << "\n" << outcome.tail);
  REQUIRE(outcome.succeeded());
  return std::string(trim(outcome.output));
}

} // namespace

fs::path TestHost::tool() {
  return k_programs / "bin/tealhook";
}
fs::path TestHost::hook() {
  return k_programs / "libexec/tealhook/post-receive";
}

void TestHost::install_below(const fs::path& prefix) {
  const fs::path hooks = prefix / "libexec/tealhook";
  fs::create_directories(prefix / "bin");
  fs::create_directories(hooks);
  fs::copy_file(tool(), prefix / "bin/tealhook");
  for (const char* name : {"pre-receive", "post-receive"}) {
    fs::copy_file(hook().parent_path() / name, hooks / name);
  }
}

void await_rest(const Home& home, const std::string& app) {
  wait_until(
      [&] {
        Database database(home.store());
        const SystemClock clock;
        return Queue(database, clock).unfinished(app).empty() && !FileLock::is_held(home.app(app).lock()) &&
               !find_process({home.root.string(), "runner", app});
      },
      std::chrono::minutes(1), "the runner's end");
}

TestHost::TestHost(const std::string& router)
    : m_home{m_folder.path() / "home"}, m_registry(fmt::format("localhost:{}", free_port())), m_router(router),
      m_environment(test_environment(m_home.root)) {
  tealhook_ok({"setup", "--registry", m_registry, "--router", router});
  tealhook_ok({"registry", "up"});
  if (m_router != "none") {
    tealhook_ok({"router", "up"});
  }
}

TestHost::~TestHost() {
  for (const std::string& app : list_apps(m_home)) {
    static_cast<void>(tealhook({"app", "remove", app, "--yes"}));
  }
  if (m_router != "none") {
    static_cast<void>(tealhook({"router", "down"}));
  }
  static_cast<void>(tealhook({"registry", "down"}));
}

Outcome TestHost::tealhook(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), tool().string());
  return run({.arguments = std::move(arguments), .environment = m_environment, .deadline = std::chrono::minutes(3)});
}

std::string TestHost::tealhook_ok(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), tool().string());
  return run_ok({.arguments = std::move(arguments), .environment = m_environment, .deadline = std::chrono::minutes(3)});
}

std::string TestHost::create_app() const {
  static int s_count = 0;
  const std::string name = fmt::format("t{}x{}", ::getpid(), ++s_count);
  tealhook_ok({"app", "create", name});
  const fs::path settings = m_home.app(name).settings();
  std::string text = read_file(settings);
  constexpr std::string_view k_retries = "#retries: 3";
  text.replace(text.find(k_retries), k_retries.size(), "retries: 0 ");
  write_file(settings, text);
  return name;
}

fs::path TestHost::repository(const std::string& app, Color color) const {
  return m_home.app(app).repository(color);
}

void TestHost::use_engine(const std::string& engine) const {
  write_file(m_home.settings(), fmt::format("registry: {{address: {}}}\nengine: {{host: {}}}\nrouter: {{kind: {}}}\n",
                                            m_registry, engine, m_router));
}

void TestHost::set_settings(const std::string& app, std::string_view yaml) const {
  const std::string ports = fmt::format("colors: {{blue: {{port: {}}}, green: {{port: {}}}}}\n", port(app, Color::blue),
                                        port(app, Color::green));
  const std::string route = live_port(app) == 0 ? "" : fmt::format("route: {{port: {}}}\n", live_port(app));
  write_file(m_home.app(app).settings(), ports + route + without_retries(yaml));
}

std::uint16_t TestHost::live_port(const std::string& app) const {
  return load_app_settings(m_home, app).route.port;
}

std::string TestHost::live_answer(const std::string& app, const std::string& path) const {
  return http_get(live_port(app), path);
}

std::uint16_t TestHost::port(const std::string& app, Color color) const {
  return load_app_settings(m_home, app).ports.at(color);
}

std::string TestHost::answer(const std::string& app, Color color) const {
  return http_get(port(app, color));
}

std::string TestHost::docker(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "docker");
  return run_ok({.arguments = std::move(arguments), .environment = m_environment});
}

Project::Project(const TestHost& host, const std::vector<std::string>& arguments) : m_host(host) {
  git({"init", "-q", "-b", "main"});
  fs::copy_file(k_app_program, path() / "program");
  set_arguments(arguments);
}

void Project::write(const fs::path& file, std::string_view text) const {
  fs::create_directories((path() / file).parent_path());
  std::ofstream(path() / file, std::ios::binary) << text;
}

void Project::set_arguments(const std::vector<std::string>& arguments) const {
  std::string command = "\"/program\"";
  for (const std::string& argument : arguments) {
    command += fmt::format(", \"{}\"", argument);
  }
  // What changes least comes first: the engine has it already.
  write("Dockerfile", fmt::format("FROM scratch\nCMD [{}]\nCOPY program /program\nCOPY version /version\n", command));
}

void Project::build_slowly(int seconds) const {
  write("Dockerfile", fmt::format("FROM scratch\nCOPY program /program\nCOPY version /version\nENV PROJECT={}\n"
                                  "RUN [\"/program\", \"--sleep\", \"{}\"]\nCMD [\"/program\"]\n",
                                  path().string(), seconds));
}

std::string Project::commit(const std::string& version) const {
  write("version", version + "\n");
  git({"add", "-A"});
  git({"commit", "-q", "-m", fmt::format("Say {}", version)});
  return git({"rev-parse", "HEAD"});
}

std::string Project::git(std::vector<std::string> arguments) const {
  arguments.insert(arguments.begin(), "git");
  return run_ok({.arguments = std::move(arguments), .directory = path(), .environment = m_host.environment()});
}

Outcome Project::push(const fs::path& repository, const std::string& refspec) const {
  return run({.arguments = {"git", "push", repository.string(), refspec},
              .directory = path(),
              .environment = m_host.environment(),
              .deadline = std::chrono::minutes(3)});
}

Outcome Project::push(const std::string& app, Color color, const std::string& refspec) const {
  return push(m_host.repository(app, color), refspec);
}

std::string http_get(std::uint16_t port, const std::string& path) {
  try {
    http::Client client({http::Endpoint::Kind::tcp, "127.0.0.1", port});
    return std::string(
        trim(client.request({.target = path}, {.connect = Milliseconds(500), .total = Milliseconds(2000)}).body));
  } catch (const Error&) {
    return "";
  }
}

} // namespace teal
