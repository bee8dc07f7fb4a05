// A real registry, as a container and as a process, with a real engine that pushes to it.
#include "engine/cli.hpp"
#include "engine/containers.hpp"
#include "engine/engine.hpp"
#include "engine/image_push.hpp"
#include "engine/images.hpp"
#include "engine/registry_client.hpp"
#include "engine/registry_login.hpp"
#include "engine/registry_server.hpp"
#include "process/atomic_file.hpp"
#include "process/subprocess.hpp"
#include "support/catch.hpp"
#include "support/free_port.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

using namespace teal;
using namespace teal::engine;

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* k_host = "unix:///var/run/docker.sock";
const fs::path k_image_maker = fs::path(TEAL_TEST_SOURCES) / "support/make_registry_image.sh";

/// The image registry:2 as long as this lives, unless the engine has it anyway.
class RegistryImage {
public:
  RegistryImage() {
    if (m_made) {
      Command make;
      make.arguments = {k_image_maker.string(), "registry:2"};
      make.environment = clean_environment();
      run_or_throw(make);
    }
  }
  RegistryImage(const RegistryImage&) = delete;
  RegistryImage& operator=(const RegistryImage&) = delete;
  ~RegistryImage() {
    if (m_made) {
      Images(m_engine).remove("registry:2");
    }
  }

private:
  Engine m_engine{k_host};
  bool m_made = !Images(m_engine).inspect("registry:2");
};

/// A home's registry on a free port, with credentials of its own, gone at the end.
class Bench {
public:
  explicit Bench(bool htpasswd = false) {
    settings.address = fmt::format("localhost:{}", free_port());
    settings.listen = "127.0.0.1";
    settings.htpasswd = htpasswd;
    settings.folder = folder.path() / "registry";
    settings.home = folder.path().string();
  }
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;
  ~Bench() {
    try {
      server().down();
      for (const auto& image : images.list(repository())) {
        images.remove(image.tags.empty() ? image.id : image.tags.front());
      }
    } catch (const Error& error) {
      WARN("cannot clean up: " << error.what());
    }
  }

  [[nodiscard]] RegistryServer server() { return {engine, cli, environment(), settings}; }
  [[nodiscard]] RegistryClient client() const {
    return {settings.address, RegistryServer::read_credentials(settings.credentials_file())};
  }
  [[nodiscard]] std::string repository() const { return settings.address + "/shop"; }

  /// An image of this registry by its digest, built here and pushed there.
  std::string push() {
    const fs::path context = folder.path() / "context";
    fs::create_directories(context);
    write_file(context / "Dockerfile", "FROM scratch\nCOPY Dockerfile /\n");
    BuildRequest request;
    request.context = context;
    request.dockerfile = context / "Dockerfile";
    request.deadline = 60s;
    request.tags = {repository() + ":blue"};
    cli.build(request, {});
    return push_image(
        engine, {.repository = repository(), .tag = "blue", .login = registry_login(settings.address, environment())});
  }

  [[nodiscard]] Environment environment() const {
    Environment variables = clean_environment();
    variables["DOCKER_CONFIG"] = (folder.path() / "docker").string();
    return variables;
  }

  TempFolder folder;
  RegistryServerSettings settings;
  Engine engine{k_host};
  Cli cli{engine, "docker", environment(), folder.path() / "cache"};
  Images images{engine};
};

void check_that_it_serves(Bench& bench) {
  const std::string digest = bench.push();
  CHECK_THAT(digest, ContainsSubstring("sha256:"));
  CHECK(bench.images.inspect(bench.repository() + "@" + digest));
  const auto repositories = bench.client().list();
  REQUIRE(repositories.size() == 1);
  CHECK(repositories.front().name == "shop");
  CHECK(repositories.front().tags == std::vector<std::string>{"blue"});
  bench.cli.pull(bench.repository() + "@" + digest, {});
}

} // namespace

TEST_CASE("the registry runs as a container where the image is here, and its data outlive it") {
  const RegistryImage image;
  Bench bench;
  RegistryServer server = bench.server();
  CHECK(server.status().kind == RegistryStatus::Kind::none);
  const RegistryStatus up = server.up();
  CHECK(up.kind == RegistryStatus::Kind::container);
  CHECK(up.answers);
  CHECK(up.detail == "container registry (registry:2)");
  check_that_it_serves(bench);

  const auto first = Containers(bench.engine).inspect("registry");
  CHECK(server.up().images == 1);
  const auto second = Containers(bench.engine).inspect("registry");
  REQUIRE((first && second));
  CHECK(first->id == second->id);

  CHECK(server.down());
  CHECK_FALSE(server.down());
  CHECK_FALSE(Containers(bench.engine).inspect("registry"));
  const RegistryStatus again = server.up();
  CHECK(again.images == 1);
  CHECK(again.repositories == 1);
  CHECK(again.disk > 0);
}

TEST_CASE("a container of the registry is made anew when its settings changed, and lets in who has the password") {
  const RegistryImage image;
  Bench bench;
  bench.server().up();
  bench.settings.htpasswd = true;
  const RegistryStatus status = bench.server().up();
  CHECK(status.kind == RegistryStatus::Kind::container);
  check_that_it_serves(bench);
  RegistryClient stranger(bench.settings.address, std::nullopt);
  stranger.ping();
  CHECK_THROWS_WITH(stranger.list(), ContainsSubstring("it wants a login"));
}

TEST_CASE("the host's docker-registry runs in the background, outlives who started it, and is ended") {
  Bench bench(true);
  fs::create_directories(bench.settings.folder);
  RegistryServer server = bench.server();
  RegistryProcess process(bench.environment(), bench.settings);
  // htpasswd is made by the server before it starts one of its ways; here only this way is wanted, image or not.
  fs::create_directories(bench.settings.htpasswd_file().parent_path());
  write_file(bench.settings.htpasswd_file(), "");
  process.start();
  const auto started = process.find();
  REQUIRE(started);
  wait_until([&] { return server.status().answers; }, 10s, "the registry to answer");

  const RegistryStatus status = server.up();
  CHECK(status.kind == RegistryStatus::Kind::process);
  CHECK(status.detail == fmt::format("docker-registry, pid {}", started->pid));
  check_that_it_serves(bench);
  CHECK(process.is_as_wanted());
  CHECK(server.down());
  CHECK_FALSE(is_alive(*started));
  CHECK(server.status().kind == RegistryStatus::Kind::none);
}

TEST_CASE("a registry of somebody else at the address is accepted, and left alone") {
  Bench theirs;
  RegistryProcess process(theirs.environment(), theirs.settings);
  process.start();
  wait_until([&] { return theirs.server().status().answers; }, 10s, "the registry to answer");
  Bench ours;
  ours.settings.address = theirs.settings.address;
  const RegistryStatus status = ours.server().up();
  CHECK(status.kind == RegistryStatus::Kind::foreign);
  CHECK_FALSE(ours.server().down());
  CHECK(process.find());
}

TEST_CASE("a port that somebody else has is told with their name") {
  Bench bench;
  const Listener listener;
  bench.settings.address = fmt::format("localhost:{}", listener.port());
  CHECK_THROWS_WITH(bench.server().up(),
                    ContainsSubstring(fmt::format("port {} is in use by pid {} (", listener.port(), ::getpid())));
}

TEST_CASE("a manifest is removed, also twice") {
  Bench bench;
  RegistryProcess process(bench.environment(), bench.settings);
  process.start();
  wait_until([&] { return bench.server().status().answers; }, 10s, "the registry to answer");
  const std::string digest = bench.push();
  RegistryClient client = bench.client();
  CHECK(client.remove_manifest("shop", digest));
  CHECK(client.remove_manifest("shop", digest));
  const auto left = client.list();
  REQUIRE(left.size() == 1);
  CHECK(left.front().tags.empty());
}

TEST_CASE("an image gets another tag without a push, also one of several platforms, by who has the password") {
  Bench bench(true);
  bench.server().up();
  const std::string digest = bench.push();
  RegistryClient client = bench.client();
  client.tag_manifest("shop", digest, "green", {});
  client.tag_manifest("shop", digest, "green", {});

  const auto credentials = RegistryServer::read_credentials(bench.settings.credentials_file()).value();
  http::Client http(http::parse_endpoint("http://" + bench.settings.address));
  const auto ask = [&](const std::string& method, const std::string& reference, const std::string& body) {
    const std::string login = "Basic " + http::base64(credentials.user + ":" + credentials.password);
    const std::string type = "application/vnd.oci.image.index.v1+json";
    return http.request({.method = method,
                         .target = "/v2/shop/manifests/" + reference,
                         .headers = {{"Authorization", login}, {"Content-Type", type}, {"Accept", type}},
                         .body = body});
  };
  const std::string index = fmt::format(
      R"({{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [)"
      R"({{"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "size": 1, "digest": "{}"}}]}})",
      digest);
  const auto made = ask("PUT", "several", index);
  REQUIRE(made.status == 201);
  client.tag_manifest("shop", made.headers.at("docker-content-digest"), "again", {});
  CHECK(ask("GET", "again", "").body == index);
  const auto tags = client.list().front().tags;
  CHECK(std::set<std::string>(tags.begin(), tags.end()) == std::set<std::string>{"again", "blue", "green", "several"});

  CHECK_THROWS_WITH(RegistryClient(bench.settings.address, std::nullopt).tag_manifest("shop", digest, "red", {}),
                    ContainsSubstring("it wants a login"));
  CHECK_THROWS_WITH(client.tag_manifest("shop", "sha256:" + std::string(64, 'a'), "red", {}),
                    ContainsSubstring("HTTP 404"));
}

TEST_CASE("a registry that is not there is told by its address, within the ping's patience") {
  const std::string address = fmt::format("localhost:{}", free_port());
  CHECK_THROWS_WITH(RegistryClient(address, std::nullopt).ping(),
                    ContainsSubstring("no registry answers at '" + address + "'"));
}
