#include "core/text.hpp"
#include "route/haproxy_socket.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "unit/http/scripted_server.hpp"

#include <mutex>

using namespace teal;
using namespace teal::route;

namespace {

/// Answers each line of commands with the same text, and remembers them.
class Haproxy {
public:
  explicit Haproxy(std::string answer)
      : m_answer(std::move(answer)), m_server(m_folder.path() / "haproxy.sock", [this](int connection) {
          std::string line = receive_until(connection, "\n");
          {
            const std::lock_guard lock(m_mutex);
            m_asked.push_back(std::move(line));
          }
          send_text(connection, m_answer);
        }) {}

  [[nodiscard]] HaproxySocket socket() const { return HaproxySocket(m_folder.path() / "haproxy.sock"); }
  [[nodiscard]] std::vector<std::string> asked() const {
    const std::lock_guard lock(m_mutex);
    return m_asked;
  }

private:
  TempFolder m_folder;
  std::string m_answer;
  mutable std::mutex m_mutex;
  std::vector<std::string> m_asked;
  ScriptedServer m_server; // last: its thread uses the others
};

} // namespace

TEST_CASE("the rows of all tables of an answer are read by their own columns") {
  const Haproxy haproxy("# name,count,\nblue,3,\ngreen,x\n\nCan't find backend.\n\n# count,name,\n5,live,\n\n");
  const auto rows = haproxy.socket().rows({"show stat 1", "show stat 2", "show stat 3"}, ',');
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].text("name") == "blue");
  CHECK(rows[0].number("count") == 3);
  CHECK(rows[1].number("count") == 0);
  CHECK(rows[1].text("none").empty());
  CHECK(rows[2].text("name") == "live");
  CHECK(rows[2].number("count") == 5);
  CHECK(haproxy.asked() == std::vector<std::string>{"show stat 1; show stat 2; show stat 3\n"});
}

TEST_CASE("many questions are asked in lines that HAProxy can answer before it has read them all") {
  const Haproxy haproxy("# name\na\n\n");
  const auto rows = haproxy.socket().rows(std::vector<std::string>(250, "show"), ' ');
  CHECK(rows.size() == 3); // a line's answer each
  REQUIRE(haproxy.asked().size() == 3);
  CHECK(split(haproxy.asked()[0], ';').size() == 100);
  CHECK(split(haproxy.asked()[2], ';').size() == 50);
}

TEST_CASE("what HAProxy confirms is no refusal and what it refuses is told in its words, made printable") {
  const Haproxy confirming("New server registered.\n\nno need to change the addr, port 80 already set\n\n");
  CHECK_NOTHROW(confirming.socket().order({"add server shop-live/c-1 127.0.0.1:80"}));
  const Haproxy refusing("\nNo such\x1b backend.\n");
  CHECK_THROWS_WITH(refusing.socket().order({"add server a/b", "enable server a/b"}),
                    "HAProxy refuses 'add server a/b; enable server a/b': No such? backend.");
}

TEST_CASE("nobody at the socket is told with its path and so is a path that no socket can have") {
  const TempFolder folder;
  const std::string path = (folder.path() / "none.sock").string();
  CHECK_THROWS_WITH(static_cast<void>(HaproxySocket(path).ask("show info")),
                    "cannot speak to HAProxy at '" + path + "': no such file or directory");
  CHECK_THROWS_WITH(static_cast<void>(HaproxySocket("/" + std::string(200, 'x')).ask("show info")),
                    ContainsSubstring("the path is too long for a socket"));
}
