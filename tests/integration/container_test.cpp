// What the settings ask of a container, as the engine says it is; and how one container follows another.
#include "model/app.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/served_app.hpp"
#include "support/wait_until.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>

using namespace teal;

namespace {

namespace json = boost::json;

/// A network of the engine that the settings can name, and that a container is in at the end.
class Network {
public:
  Network(const ServedApp& app, std::string name) : m_app(app), m_name(std::move(name)) {
    m_app.host().docker({"network", "create", m_name});
  }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network() {
    docker({"network", "disconnect", "-f", m_name, m_app.name() + "-blue"});
    docker({"network", "rm", m_name});
  }

private:
  void docker(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "docker");
    static_cast<void>(run({.arguments = std::move(arguments), .environment = m_app.host().environment()}));
  }

  const ServedApp& m_app;
  std::string m_name;
};

json::value inspect(const ServedApp& app) {
  return json::parse(app.host().docker({"inspect", app.name() + "-blue"})).at(0);
}

std::vector<std::string> step_names(const json::value& deployment) {
  std::vector<std::string> names;
  for (const auto& step : deployment.at("steps").as_array()) {
    names.emplace_back(step.at("name").as_string());
  }
  return names;
}

std::vector<std::string> environment_of(const json::value& container) {
  std::vector<std::string> variables;
  for (const auto& variable : container.at("Config").at("Env").as_array()) {
    variables.emplace_back(variable.as_string());
  }
  return variables;
}

bool contains(const std::vector<std::string>& texts, const std::string& wanted) {
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

} // namespace

TEST_CASE("a container is what the settings ask for, and can be told by its labels") {
  const TempFolder data;
  const ServedApp app;
  const Network network(app, app.name() + "-further");
  const auto port = std::to_string(app.host().port(app.name(), Color::blue));
  app.set_settings(fmt::format("bind: 127.0.0.1\n"
                               "run:\n"
                               "  volumes: ['{}:/data:ro']\n"
                               "  networks: [{}-further]\n"
                               "  memory: 64MiB\n"
                               "  cpus: 0.5\n"
                               "  args: [/program, --status, '202']\n",
                               data.path().string(), app.name()));
  CHECK_THAT(app.push("v2"), ContainsSubstring("GET / -> 202"));
  static_cast<void>(app.ended_step("retire"));
  const json::value container = inspect(app);
  const json::value& host = container.at("HostConfig");
  CHECK(host.at("Binds").at(0).as_string() == data.path().string() + ":/data:ro");
  CHECK(host.at("Memory").to_number<std::int64_t>() == 64 << 20);
  CHECK(host.at("NanoCpus").to_number<std::int64_t>() == 500'000'000);
  CHECK(host.at("RestartPolicy").at("Name").as_string() == "unless-stopped");
  CHECK(json::serialize(host.at("LogConfig")) == R"({"Type":"json-file","Config":{"max-file":"3","max-size":"10m"}})");
  CHECK(json::serialize(host.at("PortBindings").at("8080/tcp")) ==
        fmt::format(R"([{{"HostIp":"127.0.0.1","HostPort":"{}"}}])", port));

  const json::object& networks = container.at("NetworkSettings").at("Networks").as_object();
  CHECK(networks.size() == 2);
  CHECK(networks.contains(network_name(app.name())));
  CHECK(networks.contains(app.name() + "-further"));

  const json::value& labels = container.at("Config").at("Labels");
  const json::value deployment = app.newest();
  CHECK(labels.at(label::k_home).as_string() == app.host().home().root.string());
  CHECK(labels.at(label::k_app).as_string() == app.name());
  CHECK(labels.at(label::k_color).as_string() == "blue");
  CHECK(labels.at(label::k_commit) == deployment.at("commit"));
  CHECK(labels.at(label::k_release).as_string() == std::to_string(deployment.at("release").as_int64()));
  CHECK(labels.at(label::k_deployment).as_string() == "2");
}

TEST_CASE("a successor keeps its port when its predecessor is gone, and when it is started again") {
  const ServedApp app;
  app.push("v2");
  CHECK(app.ended_step("retire").at("fact").as_string() == "the old container is gone");
  CHECK(app.answer() == "v2 blue");
  const json::value container = inspect(app);
  CHECK(container.at("NetworkSettings").at("Networks").as_object().size() == 1);
  app.host().docker({"restart", "-t", "0", app.name() + "-blue"});
  wait_until([&] { return app.answer() == "v2 blue"; }, std::chrono::seconds(10),
             "the answer of the restarted program");
}

TEST_CASE("a program that looks for others as soon as it runs finds them") {
  const ServedApp app;
  for (const char* manner : {"--reach-out", "--need-way-out"}) {
    app.project().set_arguments({manner});
    CHECK_THAT(app.push(manner), ContainsSubstring("GET / -> 200"));
  }
}

TEST_CASE("what env_file says reaches the program, and no log") {
  const ServedApp app;
  write_file(app.settings_file().parent_path() / "secrets.env", "TOKEN=hunter2-of-the-file\nGREETING=from the file\n");
  app.set_settings("run: {env_file: secrets.env, env: {GREETING: from the settings, KEY: hunter2-of-the-settings}}\n");
  const std::string told = app.push("v2");
  CHECK(app.answer() == "v2 blue from the settings");
  CHECK(contains(environment_of(inspect(app)), "TOKEN=hunter2-of-the-file"));
  CHECK_THAT(told, !ContainsSubstring("hunter2"));
  for (const auto& command : {std::vector<std::string>{"logs", app.name()},
                              {"check", app.name()},
                              {"show", app.name()},
                              {"history", app.name(), "--json"},
                              {"status", app.name(), "--json"}}) {
    CHECK_THAT(app.host().tealhook(command).tail, !ContainsSubstring("hunter2"));
  }

  app.set_settings("run: {env_file: gone.env}\n");
  CHECK_THAT(app.push_in_vain("v3"), ContainsSubstring("gone.env'"));
  write_file(app.settings_file().parent_path() / "secrets.env", "TOKEN=hunter2\nno assignment hunter2\n");
  app.set_settings("run: {env_file: secrets.env}\n");
  const std::string bad = app.push_in_vain("v4");
  CHECK_THAT(bad, ContainsSubstring("secrets.env:2: ") && !ContainsSubstring("hunter2"));
}

TEST_CASE("a network that is not there is told, and the predecessor keeps its own") {
  const ServedApp app;
  app.set_settings("run: {networks: [tealhook-no-such-network]}\n");
  CHECK_THAT(app.push_in_vain("v2"), ContainsSubstring("tealhook-no-such-network"));
}

TEST_CASE("a program that ignores its stop signal is not waited for, and one that handles it slowly is") {
  const ServedApp app({"--ignore-term"}, "deploy: {stop_timeout: 10m}\n"); // longer than a step is waited for
  app.project().set_arguments({"--slow-term"});
  app.push("v2");
  CHECK(app.ended_step("retire").at("status").as_string() == "done");
  app.push("v3");
  CHECK(app.ended_step("retire").at("duration_ms").to_number<int>() >= 1900);
  CHECK(app.answer() == "v3 blue");
}

TEST_CASE("with stop-first the old container and its image go before the new one is built") {
  const ServedApp app({}, "deploy: {order: stop-first}\n");
  const std::string image = app.host().docker({"inspect", "-f", "{{.Image}}", app.name() + "-blue"});
  app.push("v2");
  CHECK(step_names(app.newest()) ==
        std::vector<std::string>{"checkout", "retire", "build", "publish", "pull", "start", "check"});
  CHECK(app.host().docker({"images", "-q", "--no-trunc"}).find(image) == std::string::npos);

  app.project().set_arguments({"--exit", "3"});
  app.project().commit("v3");
  const std::string told = what_was_told(app.project().push(app.name(), Color::blue));
  CHECK_THAT(told,
             ContainsSubstring("error: the program exited with 3\n") && ContainsSubstring("nothing runs on blue"));
  CHECK(app.answer().empty());

  app.project().set_arguments({});
  app.push("v4");
  CHECK(app.answer() == "v4 blue");
}
