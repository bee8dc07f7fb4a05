#include "target/compose/compose_project.hpp"
#include "unit/target/compose/compose_fixture.hpp"

using namespace teal;

namespace {

const Slot k_blue{"/srv/tealhook", "shop", Color::blue, ""};

class Written {
public:
  explicit Written(const ComposeModel& model, const std::string& bind = "") {
    const Release release{.id = 43, .app = "shop", .commit = "abc", .subject = "", .created = {}};
    const ComposeImages images{{"web", "sha256:1"}, {"worker", "sha256:2"}, {"migrate", "sha256:3"}};
    text = write_color_project({.slot = k_blue,
                                .model = model,
                                .service = "web",
                                .release = release,
                                .images = images,
                                .env = {{"SECRET", "pa$$w"}, {"PORT", "9"}},
                                .deployment = 57,
                                .port = 8081,
                                .color_port = 50101,
                                .bind = bind});
    root = parse_yaml({"project", text});
  }

  [[nodiscard]] const YamlNode* at(const std::vector<std::string>& path) const {
    const YamlNode* node = &root;
    for (const std::string& key : path) {
      node = node == nullptr ? nullptr : node->find(key);
    }
    return node;
  }
  [[nodiscard]] std::string value(const std::vector<std::string>& path) const {
    const YamlNode* node = at(path);
    return node == nullptr ? "(nothing)" : node->text;
  }

  std::string text;
  YamlNode root;
};

ComposeModel model_of_all() {
  ComposeTree tree("services:\n"
                   "  web: {image: x, labels: {a: b, tealhook.app: bank}, environment: {OWN: a$$b, SECRET: old}, "
                   "depends_on: [db, worker],"
                   " networks: {front: {aliases: [site]}}, volumes: ['up:/up:rw', 'data:/d:rw'], restart: always}\n"
                   "  worker: {image: y, depends_on: [web]}\n"
                   "  migrate: {image: z, restart: 'no'}\n"
                   "  db: {image: w, volumes: ['data:/data:rw'], environment: {P: q}}\n");
  tree.settings.shared = {"db"};
  return tree.model();
}

} // namespace

TEST_CASE("a color's project has names, labels, networks and volumes of its own") {
  const Written written(model_of_all());
  CHECK(written.value({"services", "web", "container_name"}) == "shop-blue-next");
  CHECK(written.value({"services", "worker", "container_name"}) == "shop-blue.worker-next");
  CHECK(written.value({"services", "migrate", "container_name"}) == "(nothing)");
  CHECK(written.at({"services", "db"}) == nullptr);
  CHECK(written.value({"services", "web", "image"}) == "sha256:1");
  CHECK(written.value({"services", "web", "restart"}) == "no");
  CHECK(written.value({"services", "web", "labels", "a"}) == "b");
  CHECK(written.value({"services", "web", "labels", "tealhook.app"}) == "shop");
  CHECK(written.value({"services", "web", "labels", "tealhook.deployment"}) == "57");
  CHECK(written.value({"services", "web", "labels", "tealhook.port"}) == "8081");
  CHECK(written.value({"services", "web", "labels", "tealhook.networks"}) == "tealhook-shop--blue-57_front=web");
  CHECK(written.value({"services", "worker", "labels", "tealhook.process"}) == "worker");
  CHECK(written.value({"services", "migrate", "labels", "tealhook.color"}).empty());
  CHECK(written.value({"networks", "front", "name"}) == "tealhook-shop--blue-57_front");
  CHECK(written.value({"networks", "default", "external"}) == "true");
  CHECK(written.value({"volumes", "up", "name"}) == "tealhook-shop.blue_up");
  CHECK(written.value({"volumes", "data", "name"}) == "tealhook-shop_data");
  CHECK(written.at({"services", "web", "depends_on", "worker"}) != nullptr);
  CHECK(written.at({"services", "web", "depends_on", "db"}) == nullptr);
  CHECK(written.at({"services", "web", "ports"}) == nullptr);
}

TEST_CASE("the settings' variables win over the file's, and a sign is not read twice") {
  const Written written(model_of_all());
  CHECK(written.value({"services", "web", "environment", "SECRET"}) == "pa$$$$w");
  CHECK(written.value({"services", "web", "environment", "OWN"}) == "a$$b");
  CHECK(written.value({"services", "web", "environment", "PORT"}) == "9");
  CHECK(written.value({"services", "web", "environment", "TEALHOOK_PORT"}) == "50101");
  CHECK(written.value({"services", "worker", "environment", "TEALHOOK_COLOR"}) == "blue");
}

TEST_CASE("without a router the color's port is published, and what answers starts where it is not") {
  const Written written(model_of_all(), "0.0.0.0");
  CHECK(written.at({"services", "web", "ports"})->children.at(0).text == "0.0.0.0:50101:8081");
  CHECK(written.at({"services", "worker", "depends_on", "web"}) != nullptr);
  CHECK(written.at({"services", "web", "networks"})->children.size() == 1);
  CHECK(written.at({"services", "web", "networks", "tealhook.start", "aliases"})->children.at(0).text == "site");
  CHECK(written.at({"services", "worker", "networks"})->children.size() == 2);
  CHECK(written.value({"networks", "tealhook.start", "name"}) == "tealhook-shop--blue-57_tealhook.start");
  CHECK(written.value({"services", "web", "labels", "tealhook.networks"}) == "tealhook-shop--blue-57_front=web");
  CHECK(written.at({"services", "tealhook.run", "networks", "front"}) != nullptr);
  CHECK(written.at({"services", "tealhook.run", "container_name"}) == nullptr);
  CHECK(written.at({"services", "tealhook.run", "profiles"})->children.size() == 1);
  CHECK(written.value({"services", "web", "labels", "tealhook.start"}) == "tealhook-shop--blue-57_tealhook.start=web");
}

TEST_CASE("what both colors share is a project of its own") {
  const std::string text = write_shared_project(k_blue, model_of_all(), {{"db", "postgres:15"}});
  const YamlNode root = parse_yaml({"shared", text});
  const YamlNode* db = root.find("services")->find("db");
  CHECK(db->find("image")->text == "postgres:15");
  CHECK(db->find("restart")->text == "unless-stopped");
  CHECK(db->find("labels")->find("tealhook.shared")->text == "db");
  CHECK(db->find("labels")->find("tealhook.color")->text.empty());
  CHECK(root.find("networks")->find("default")->find("name")->text == "tealhook-shop--shared_default");
  CHECK(root.find("services")->find("web") == nullptr);
}
