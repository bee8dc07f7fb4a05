#include "core/text.hpp"
#include "route/haproxy_counts.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "unit/http/scripted_server.hpp"

#include <fmt/format.h>

#include <mutex>

using namespace teal;
using namespace teal::route;

namespace {

const std::string k_blue(64, 'b');
const std::string k_green(64, 'd');
const std::string k_blue_name = "c-" + std::string(12, 'b');

/// A master of workers, each with what it has counted of servers.
class HaproxyMaster {
public:
  struct Row {
    std::string server; ///< "c-bbbbbbbbbbbb"
    int now = 0;
    int requests = 0;
    int errors = 0;
  };

  explicit HaproxyMaster(const std::filesystem::path& folder)
      : m_server(folder / "master.sock", [this](int connection) {
          std::string answers;
          for (const std::string& command : split(receive_until(connection, "\n"), ';')) {
            answers += answer(std::string(trim(command)));
          }
          send_text(connection, answers);
        }) {}

  void set(int worker, std::vector<Row> rows) {
    const std::lock_guard lock(m_mutex);
    m_workers[worker] = std::move(rows);
  }
  void end(int worker) {
    const std::lock_guard lock(m_mutex);
    m_workers.erase(worker);
  }

private:
  std::string answer(const std::string& command) {
    const std::lock_guard lock(m_mutex);
    if (command == "show proc") {
      std::string text = "#<PID> <type> <reloads> <uptime> <version>\n7 master 1 0d00h00m01s 2.6.12\n# workers\n";
      for (const auto& [worker, rows] : m_workers) {
        text += fmt::format("{} worker 0 0d00h00m01s 2.6.12\n", worker);
      }
      return text + "# programs\n\n";
    }
    for (const auto& [worker, rows] : m_workers) {
      if (command == fmt::format("@!{} show servers state shop-live", worker)) {
        return fmt::format("1\n# be_id be_name srv_id srv_name\n{0} shop-live 1 c-x\n{0} shop-live 2 c-y\n\n", worker);
      }
      if (command == fmt::format("@!{0} show stat {0} 4 -1", worker)) {
        std::string text = "# pxname,svname,scur,stot,hrsp_5xx,econ,eresp,\nshop-live,BACKEND,99,99,99,99,99,\n";
        for (const Row& row : rows) {
          text += fmt::format("shop-live,{},{},{},{},0,0,\n", row.server, row.now, row.requests, row.errors);
        }
        return text + "\n";
      }
    }
    return "Can't find backend.\n\n";
  }

  std::mutex m_mutex;
  std::map<int, std::vector<Row>> m_workers;
  ScriptedServer m_server; // last: its thread uses the others
};

class CountsTest {
protected:
  [[nodiscard]] Traffic blue() {
    const auto all = m_counts.traffic({m_live});
    REQUIRE(all.size() == 1);
    return all[0];
  }

  TempFolder m_folder;
  HaproxyMaster m_master{m_folder.path()};
  HaproxyCounts m_counts{m_folder.path()};
  Route m_live{.app = "shop",
               .door = "live",
               .bind = "127.0.0.1",
               .port = 50102,
               .servers = {{k_blue, "127.0.0.1", 9000, 50}, {k_green, "127.0.0.1", 9001, 50}}};
};

} // namespace

TEST_CASE_METHOD(CountsTest, "what the worker counts that serves and the one that ends is added up by container") {
  m_master.set(101, {{k_blue_name, 2, 10, 1}});
  m_master.set(102, {{k_blue_name, 1, 5, 0}});
  const Traffic traffic = blue();
  CHECK(traffic.route == "shop-live");
  CHECK(traffic.container == k_blue);
  CHECK(traffic.in_flight == 3);
  CHECK(traffic.requests == 15);
  CHECK(traffic.errors == 1);
  CHECK(m_counts.in_flight({m_live}, k_blue) == 3);
  CHECK(m_counts.in_flight({m_live}, k_green) == 0);
  CHECK(m_counts.in_flight({m_live}) == std::map<std::string, std::uint64_t>{{"shop-live/" + k_blue_name, 3}});
}

TEST_CASE_METHOD(CountsTest, "what a worker counted that has ended since is kept for a route that is weighed") {
  m_master.set(101, {{k_blue_name, 2, 10, 1}});
  m_counts.keep({{m_live}});
  m_master.end(101);
  m_master.set(102, {{k_blue_name, 1, 5, 0}});
  CHECK(blue().requests == 15);
  CHECK(blue().in_flight == 1);
  HaproxyCounts another(m_folder.path()); // of the command that watches a shift
  CHECK(another.traffic({m_live}).at(0).requests == 15);
  another.forget();
  CHECK(HaproxyCounts(m_folder.path()).traffic({m_live}).at(0).requests == 5);
}

TEST_CASE_METHOD(CountsTest, "a server that has left the table is told by the beginning of its container's id") {
  m_master.set(101, {{k_blue_name, 1, 4, 0}});
  m_live.servers.erase(m_live.servers.begin());
  CHECK(blue().container == std::string(12, 'b'));
  CHECK(m_counts.in_flight({m_live}, k_blue) == 1); // what is drained is still found by its whole id
}

TEST_CASE_METHOD(CountsTest, "no more requests fail than there were, whatever HAProxy counts as a failure") {
  m_master.set(101, {{k_blue_name, 0, 2, 7}});
  CHECK(blue().errors == 2);
}

TEST_CASE_METHOD(CountsTest,
                 "of no route nothing is asked and a worker that does not know a route has counted nothing") {
  CHECK(HaproxyCounts(m_folder.path() / "nobody").traffic({}).empty());
  m_master.set(101, {{k_blue_name, 1, 4, 0}});
  m_live.door = "green";
  CHECK(m_counts.traffic({m_live}).empty());
}
