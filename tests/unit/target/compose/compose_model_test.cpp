#include "target/compose/compose_model.hpp"
#include "unit/target/compose/compose_fixture.hpp"

using namespace teal;

namespace {

std::string complaint_about(const std::string& service, const std::string& more = "") {
  return ComposeTree("services:\n  web:\n    image: x\n  db:\n    image: y\n" + service + more).complaint();
}

} // namespace

TEST_CASE("a compose file as either compose prints it is read") {
  for (const std::string text :
       {// 1.29
        "version: '3.9'\nservices:\n  web:\n    build: {context: TREE, args: {A: a$$b}}\n    depends_on: [db]\n"
        "    environment: {PORT: '1', NONE: null}\n    ports: [{published: 50101, target: 8081}]\n"
        "    volumes: ['TREE/etc:/etc/x:rw', 'data:/data:rw', '/anonymous']\n  db: {image: y}\nvolumes: {data: {}}\n",
        // 2
        "name: shop\nservices:\n  web:\n    build: {context: TREE, dockerfile: Dockerfile, args: {A: a$$b}}\n"
        "    depends_on: {db: {condition: service_started, required: true}}\n    networks: {default: null}\n"
        "    environment: {PORT: '1', NONE: null}\n"
        "    ports: [{mode: ingress, published: '50101', target: 8081, protocol: tcp}]\n    volumes:\n"
        "    - {type: bind, source: TREE/etc, target: /etc/x, bind: {create_host_path: true}}\n"
        "    - {type: volume, source: data, target: /data, volume: {}}\n    - {type: volume, target: /anonymous}\n"
        "  db: {image: y, networks: {default: null}, command: null}\n"
        "networks: {default: {name: shop_default, ipam: {}}}\nvolumes: {data: {name: shop_data}}\n"}) {
    INFO(text);
    const ComposeTree tree(text);
    tree.write("etc", "");
    const ComposeModel model = tree.model();
    const ComposeService& web = model.services.at("web");
    CHECK(web.build->context == ".");
    CHECK(web.build->args.at("A") == "a$b");
    CHECK(web.port == 8081);
    CHECK(web.environment == std::map<std::string, std::string>{{"PORT", "1"}});
    CHECK(web.networks.contains("default"));
    CHECK_FALSE(model.networks.at("default").is_inside);
    CHECK_FALSE(model.volumes.at("data").given);
    CHECK(model.volumes.size() == 1);
    CHECK(model.names(false) == std::vector<std::string>{"db", "web"});
  }
}

TEST_CASE("what both colors would fight over is refused with its place and what to do") {
  CHECK(
      complaint_about("    container_name: thedb\n") ==
      "compose.yaml:6: service 'db' has the fixed container_name 'thedb', over which both colors would fight: leave it "
      "out, or name the service in targets.NAME.shared");
  CHECK(
      complaint_about("    ports: ['5432:5432']\n") ==
      "compose.yaml:6: service 'db' publishes port 5432 of the host, over which both colors would fight; leave it out: "
      "only 'web' (targets.NAME.service) gets requests from outside, or name it in targets.NAME.shared");
  const ComposeTree web("services:\n  web:\n    image: x\n    ports: ['127.0.0.1:8080:80/tcp']\n");
  CHECK(web.complaint() ==
        "compose.yaml:4: service 'web' publishes port 8080 of the host, over which both colors would "
        "fight; write \"${TEALHOOK_PORT}:80\", or leave it out");
  CHECK(complaint_about("    ports: [5432]\n").empty());
  CHECK_THAT(complaint_about("    networks: {default: {ipv4_address: 10.0.0.1}}\n"),
             ContainsSubstring("'ipv4_address'"));
  CHECK_THAT(complaint_about("    deploy: {replicas: 2}\n"), ContainsSubstring("is to run 2 times"));
  CHECK_THAT(complaint_about("    scale: 3\n"), ContainsSubstring("is to run 3 times"));
}

TEST_CASE("what reaches beyond its container is refused unless app.yml allows it") {
  for (const std::string key :
       {"privileged: true", "network_mode: host", "pid: host", "ipc: host", "cap_add: [ALL]", "devices: [/dev/sda]",
        "security_opt: [x]", "userns_mode: host", "sysctls: {a: 1}", "volumes: ['/etc:/etc:ro']",
        "volumes: ['/var/run/docker.sock:/s:rw']", "cgroup_parent: /x", "uts: host"}) {
    INFO(key);
    const std::string name = key.substr(0, key.find(':'));
    CHECK_THAT(complaint_about("    " + key + "\n"), ContainsSubstring("compose.yaml:6: service 'db' ") &&
                                                         ContainsSubstring("targets.NAME.allow: [" + name + "]"));
    ComposeTree tree("services:\n  web:\n    image: x\n  db:\n    image: y\n    " + key + "\n");
    tree.settings.allow = {name};
    CHECK(tree.complaint().empty());
  }
  CHECK_THAT(complaint_about("    volumes: ['TREE/../x:/x:rw']\n"), ContainsSubstring("of the host"));
  CHECK_THAT(complaint_about("    secrets: [a]\n"), ContainsSubstring("has 'secrets'"));
  CHECK_THAT(complaint_about("    brand_new: [a]\n"), ContainsSubstring("has 'brand_new'"));
  CHECK(complaint_about("    privileged: false\n").empty());
  CHECK_THAT(complaint_about("    build: {context: /etc}\n"), ContainsSubstring("which is not in the commit"));
  CHECK_THAT(complaint_about("    build: {context: 'https://example.com/x.git'}\n"),
             ContainsSubstring("which is not in the commit"));
  CHECK_THAT(complaint_about("    build: {context: TREE, network: host}\n"), ContainsSubstring("'build.network'"));
}

TEST_CASE("networks and volumes that are somebody else's are refused unless app.yml names them") {
  const std::string joins = "    networks: {other: null}\n";
  CHECK_THAT(complaint_about(joins, "networks: {other: {external: true, name: tealhook-bank}}\n"),
             ContainsSubstring("compose.yaml:7: network 'other' is 'tealhook-bank' of the host"));
  CHECK_THAT(complaint_about(joins, "networks: {other: {ipam: {config: [{subnet: 10.0.0.0/8}]}}}\n"),
             ContainsSubstring("subnets of its own"));
  ComposeTree tree("services: {web: {image: x, networks: {other: null, inside: null}}}\n"
                   "networks: {other: {external: true, name: lan}, inside: {internal: true}}\n");
  tree.networks = {"lan"};
  CHECK(tree.model().networks.at("other").external == "lan");
  CHECK(tree.model().networks.at("inside").is_inside);
  for (const std::string volume : {"{external: true, name: bank}", "{name: bank}",
                                   "{driver_opts: {type: none, o: bind, device: /}}", "{driver: nfs}"}) {
    INFO(volume);
    CHECK_THAT(complaint_about("    volumes: ['data:/data:rw']\n", "volumes: {data: " + volume + "}\n"),
               ContainsSubstring("volume 'data' has a name, driver or options of its own"));
  }
}

TEST_CASE("a name that is shared must stand for something, and not for what answers") {
  ComposeTree tree(
      "services:\n  web: {image: x, volumes: ['up:/up:rw']}\n  db: {image: y, volumes: ['data:/data:rw']}\n");
  tree.settings.shared = {"db", "up"};
  const ComposeModel model = tree.model();
  CHECK(model.services.at("db").is_shared);
  CHECK(model.volumes.at("up").is_shared);
  CHECK(model.volumes.at("data").is_shared);
  tree.settings.shared = {"database"};
  CHECK(tree.complaint() == "compose.yaml: there is no service, volume or network 'database' (targets.NAME.shared); "
                            "its services are db, web");
  tree.settings.shared = {"web"};
  CHECK_THAT(tree.complaint(), ContainsSubstring("service 'web' answers requests, and cannot be shared"));
  tree.settings = {.file = "", .service = "api", .shared = {}, .allow = {}};
  CHECK(tree.complaint() == "compose.yaml: there is no service 'api' to answer requests: name it in app.yml: "
                            "targets.NAME.service (there are db, web)");
}

TEST_CASE("what others wait for to end, and what is not started anew, runs once") {
  const ComposeModel model =
      ComposeTree("services:\n  web: {image: x, depends_on: {migrate: {condition: service_completed_successfully}}}\n"
                  "  migrate: {image: x}\n  seed: {image: x, restart: 'no'}\n  tool: {image: x, profiles: [debug]}\n")
          .model();
  CHECK(model.services.at("migrate").runs_once);
  CHECK(model.services.at("seed").runs_once);
  CHECK_FALSE(model.services.at("web").runs_once);
  CHECK_FALSE(model.services.contains("tool"));
}
