#include "engine/networks.hpp"
#include "model/app.hpp"
#include "process/file_lock.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "unit/engine/scripted_api.hpp"

#include <boost/json/parse.hpp>

using namespace teal;
using namespace teal::engine;

namespace {

const Labels k_ours{{label::k_home, "/srv/tealhook"}, {label::k_app, "shop"}};

std::string network(const std::string& name, const std::string& subnet, const std::string& labels = "{}",
                    const std::string& range = "") {
  return fmt::format(R"({{"Name":"{}","Labels":{},"IPAM":{{"Config":[{{"Subnet":"{}"{}}}]}}}})", name, labels, subnet,
                     range.empty() ? "" : fmt::format(R"(,"IPRange":"{}")", range));
}

/// An engine elsewhere, so that the routes of this host do not count, with these networks.
class NetworksTest {
protected:
  [[nodiscard]] Networks networks(const std::string& range = "10.213.0.0/24") {
    return {m_engine, {.range = Subnet::parse(range).value(), .lock = m_folder.path() / "run" / "network.lock"}};
  }
  /// Bodies of what was to be made.
  [[nodiscard]] std::vector<boost::json::value> made() const {
    std::vector<boost::json::value> bodies;
    for (const std::string& asked : m_server.asked()) {
      if (asked.starts_with("POST /networks/create ")) {
        bodies.push_back(boost::json::parse(asked.substr(22)));
      }
    }
    return bodies;
  }
  static std::string subnet_of(const boost::json::value& body) {
    return std::string(body.at("IPAM").at("Config").at(0).at("Subnet").as_string());
  }

  TempFolder m_folder;
  std::vector<std::string> m_present;
  std::function<ScriptedAnswer(const std::string& body)> m_create = [](const auto& /*body*/) {
    return ScriptedAnswer{.status = 201, .body = "{}"};
  };
  ScriptedApi m_server{[this](const std::string& line, const std::string& body) -> ScriptedAnswer {
    if (line == "GET /networks") {
      return {.body = "[" + join(m_present, ",") + "]"};
    }
    if (line == "POST /networks/create") {
      return m_create(body);
    }
    for (const std::string& one : m_present) {
      const std::string name = one.substr(9, one.find('"', 9) - 9);
      if (line == "GET /networks/" + name || line == "GET /networks/" + name.substr(0, 3)) {
        return {.body = one}; // by its name, or as if that were the beginning of its id
      }
      if (line == "DELETE /networks/" + name) {
        return {.status = 204};
      }
    }
    return {.status = 404, .body = R"({"message":"no such network"})"};
  }};
  Engine m_engine{m_server.host()};
};

} // namespace

TEST_CASE_METHOD(NetworksTest,
                 "a network is made whole by one call, with its labels and a half of the addresses left to us") {
  networks().ensure("tealhook-shop", k_ours);
  REQUIRE(made().size() == 1);
  const boost::json::value body = made()[0];
  CHECK(body.at("Name") == "tealhook-shop");
  CHECK(body.at("Labels").at(label::k_app) == "shop");
  CHECK(body.at("Internal") == false);
  const Subnet subnet = Subnet::parse(subnet_of(body)).value();
  CHECK(subnet.prefix() == 26);
  CHECK(std::string(body.at("IPAM").at("Config").at(0).at("IPRange").as_string()) == subnet.upper_half());
}

TEST_CASE_METHOD(NetworksTest, "an internal network has its members apart from each other and all of its addresses") {
  networks("10.213.0.0/16").ensure("tealhook-start", k_ours, Networks::Reach::internal);
  const boost::json::value body = made().at(0);
  CHECK(body.at("Internal") == true);
  CHECK(body.at("Options").at("com.docker.network.bridge.enable_icc") == "false");
  CHECK(Subnet::parse(subnet_of(body)).value().prefix() == 22);
  CHECK_FALSE(body.at("IPAM").at("Config").at(0).as_object().contains("IPRange"));
}

TEST_CASE_METHOD(NetworksTest, "a network gets what no other one has, and where all is taken it is said who has it") {
  m_present = {network("a", "10.213.0.0/26"), network("b", "10.213.0.64/26"), network("c", "10.213.0.192/27")};
  networks().ensure("tealhook-shop", k_ours);
  CHECK(subnet_of(made().at(0)) == "10.213.0.128/26");
  m_present.push_back(network("d", "10.213.0.128/26"));
  CHECK_THROWS_WITH(networks().ensure("tealhook-shop", k_ours),
                    ContainsSubstring("no subnet is left for network 'tealhook-shop': of 10.213.0.0/24, networks of "
                                      "the engine have 4 and other routes of this host 0"));
  const PoolUse use = networks().pool_use();
  CHECK(use.left == 0);
  CHECK(use.size == 4);
}

TEST_CASE_METHOD(NetworksTest, "a subnet that another home was given meanwhile is not tried again") {
  std::vector<std::string> refused;
  m_create = [&](const std::string& body) {
    if (refused.size() == 2) {
      return ScriptedAnswer{.status = 201, .body = "{}"};
    }
    refused.push_back(subnet_of(boost::json::parse(body)));
    return ScriptedAnswer{.status = 403, .body = R"({"message":"Pool overlaps with other one"})"};
  };
  networks().ensure("tealhook-shop", k_ours);
  REQUIRE(made().size() == 3);
  CHECK(subnet_of(made()[2]) != subnet_of(made()[0]));
  CHECK(subnet_of(made()[2]) != subnet_of(made()[1]));
  CHECK(refused[0] != refused[1]);
}

TEST_CASE_METHOD(NetworksTest, "what the engine refuses for another reason is not tried elsewhere") {
  m_create = [](const auto& /*body*/) {
    return ScriptedAnswer{.status = 500, .body = R"({"message":"iptables failed"})"};
  };
  CHECK_THROWS_WITH(networks().ensure("tealhook-shop", k_ours), "iptables failed");
  CHECK(made().size() == 1);
}

TEST_CASE_METHOD(NetworksTest, "a network of that name is ours by its labels and else it is said whose it is") {
  m_present = {network("tealhook-shop", "10.213.0.0/26",
                       fmt::format(R"({{"{}":"/srv/tealhook","{}":"shop"}})", label::k_home, label::k_app))};
  CHECK_NOTHROW(networks().ensure("tealhook-shop", k_ours));
  CHECK(made().empty());
  m_present = {network("tealhook-shop", "10.213.0.0/26", fmt::format(R"({{"{}":"/home/ada"}})", label::k_home))};
  CHECK_THROWS_WITH(networks().ensure("tealhook-shop", k_ours),
                    ContainsSubstring("is of the home '/home/ada', which uses this engine too"));
  m_present = {network("tealhook-shop", "10.213.0.0/26")};
  CHECK_THROWS_WITH(networks().ensure("tealhook-shop", k_ours), ContainsSubstring("is somebody else's"));
  CHECK(made().empty());
}

TEST_CASE_METHOD(NetworksTest, "what the engine finds by the beginning of an id is not the network of that name") {
  m_present = {network("abcdef", "10.213.0.0/26")};
  CHECK(networks().labels("abcdef"));
  CHECK_FALSE(networks().labels("abc"));
}

TEST_CASE_METHOD(NetworksTest, "addresses are ours to give only where the engine gives those of the other half") {
  m_present = {network("ours", "10.213.0.0/26", "{}", "10.213.0.32/27"), network("whole", "10.213.0.64/26"),
               network("other", "10.213.0.128/26", "{}", "10.213.0.128/27")};
  CHECK(networks().addresses("ours") == Subnet::parse("10.213.0.0/26"));
  CHECK_FALSE(networks().addresses("whole"));
  CHECK_FALSE(networks().addresses("other"));
  CHECK_FALSE(networks().addresses("none"));
  CHECK(networks().capacity("ours") == 31);
  CHECK(networks().capacity("whole") == 61);
  CHECK(networks().capacity("none") == 31); // of the one that would be made
}

TEST_CASE_METHOD(NetworksTest, "a network goes if its labels are those and one that is not there is gone") {
  m_present = {network("tealhook-shop", "10.213.0.0/26", fmt::format(R"({{"{}":"/home/ada"}})", label::k_home))};
  networks().remove_labelled("tealhook-shop", k_ours);
  CHECK(m_server.asked() == std::vector<std::string>{"GET /networks/tealhook-shop"});
  networks().remove_labelled("tealhook-shop", {{label::k_home, "/home/ada"}});
  CHECK(m_server.asked().back() == "DELETE /networks/tealhook-shop");
  CHECK_NOTHROW(networks().remove("none"));
}
