#include "core/error.hpp"
#include "http/client.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "support/wait_until.hpp"
#include "unit/http/scripted_server.hpp"

#include <future>

using namespace teal;
using namespace std::chrono_literals;

namespace {

const std::string k_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A script that gives `answer` to one request and closes.
ScriptedServer::Script answering(const std::string& answer) {
  return [answer](int connection) {
    receive_head(connection);
    send_text(connection, answer);
  };
}

http::Response get(const ScriptedServer& server, const http::Limits& limits = {}) {
  return http::Client(server.endpoint()).request({}, limits);
}

std::string place_of(const ScriptedServer& server) {
  return "'127.0.0.1:" + std::to_string(server.endpoint().port) + "'";
}

/// A TCP port of this host that nobody listens on.
http::Endpoint closed_endpoint() {
  return ScriptedServer([](int) {}).endpoint();
}

/// A listener that accepts nobody, with its queue full: whoever connects gets no answer.
class FullListener {
public:
  FullListener() : m_listener(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(m_listener, 0);
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_endpoint = {http::Endpoint::Kind::tcp, "127.0.0.1", ntohs(address.sin_port)};
    for (int& client : m_clients) {
      client = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      ::connect(client, reinterpret_cast<sockaddr*>(&address), size);
    }
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  ~FullListener() {
    for (const int client : m_clients) {
      ::close(client);
    }
    ::close(m_listener);
  }

  [[nodiscard]] const http::Endpoint& endpoint() const { return m_endpoint; }

private:
  int m_listener;
  http::Endpoint m_endpoint;
  std::array<int, 4> m_clients{};
};

ErrorKind kind_of_failure(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.kind();
  }
  throw std::runtime_error("it did not fail");
}

} // namespace

TEST_CASE("a request is sent as asked, with Host and Content-Length added") {
  std::string received;
  {
    const ScriptedServer server([&](int connection) {
      received = receive_until(connection, "body");
      send_text(connection, "HTTP/1.1 201 Created\r\nX-One: 1\r\nx-one: 2\r\nContent-Length: 0\r\n\r\n");
    });
    http::Client client(server.endpoint());
    const auto response = client.request({"POST", "/v1/x?y=z", {{"Accept", "text/plain"}}, "body"});
    CHECK(response.status == 201);
    CHECK(response.headers.at("x-one") == "2");
    CHECK(response.body.empty());
  }
  CHECK_THAT(received, Catch::Matchers::StartsWith("POST /v1/x?y=z HTTP/1.1\r\n"));
  CHECK_THAT(received, ContainsSubstring("Host: 127.0.0.1:") && ContainsSubstring("Content-Length: 4\r\n") &&
                           ContainsSubstring("Accept: text/plain\r\n"));
}

TEST_CASE("a Host that is asked for is the one that is sent") {
  std::string received;
  {
    const ScriptedServer server([&](int connection) {
      received = receive_head(connection);
      send_text(connection, k_ok);
    });
    static_cast<void>(http::Client(server.endpoint()).request({"GET", "/", {{"host", "shop.example.com"}}, ""}));
  }
  CHECK_THAT(received,
             ContainsSubstring("Host: shop.example.com\r\n") || ContainsSubstring("host: shop.example.com\r\n"));
  CHECK_THAT(received, !ContainsSubstring("127.0.0.1"));
}

TEST_CASE("a request that would smuggle in a header is not sent") {
  http::Client client(closed_endpoint());
  const auto send = [&](const http::Request& request) { static_cast<void>(client.request(request)); };
  CHECK(kind_of_failure([&] { send({"GET", "/ HTTP/1.1\r\nX: y", {}, ""}); }) == ErrorKind::usage);
  CHECK(kind_of_failure([&] { send({"GET /", "/", {}, ""}); }) == ErrorKind::usage);
  CHECK(kind_of_failure([&] { send({"GET", "/", {{"Host", "h\r\nX: y"}}, ""}); }) == ErrorKind::usage);
}

TEST_CASE("an answer's body is read by length, in chunks, or to the end of the connection") {
  CHECK(get(ScriptedServer(answering(k_ok))).body == "ok");
  CHECK(get(ScriptedServer(answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                     "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: t\r\n\r\n")))
            .body == "abcde");
  CHECK(get(ScriptedServer(answering("HTTP/1.0 200 OK\r\n\r\nto the end"))).body == "to the end");
}

TEST_CASE("a body is passed on as it comes, of any size") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::promise<void> got_first;
  const ScriptedServer server([&, first = got_first.get_future().share()](int connection) {
    receive_head(connection);
    send_text(connection, head + "3\r\nabc\r\n");
    first.wait();
    send_text(connection, "2\r\nde\r\n0\r\n\r\n");
  });
  std::string passed;
  const auto response = http::Client(server.endpoint())
                            .request({.on_body =
                                          [&](std::string_view piece) {
                                            passed += piece;
                                            if (passed == "abc") {
                                              got_first.set_value();
                                            }
                                          }},
                                     {.total = 10s, .body = 1});
  CHECK(passed == "abcde");
  CHECK(response.status == 200);
  CHECK(response.body.empty());
}

TEST_CASE("a refusal's body is an answer's own, whoever wants to be passed it") {
  std::string passed;
  const auto take = [&](std::string_view piece) { passed += piece; };
  const ScriptedServer server(answering("HTTP/1.1 404 No\r\nContent-Length: 2\r\n\r\nno"));
  CHECK(http::Client(server.endpoint()).request({.on_body = take}).body == "no");
  CHECK(passed.empty());
}

TEST_CASE("who throws at a piece of a body ends the request and its connection") {
  const ScriptedServer server([](int connection) {
    receive_head(connection);
    send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
    receive_head(connection); // until the client has closed
  });
  http::Client client(server.endpoint());
  const auto fail = [](std::string_view) { throw Error(ErrorKind::usage, "enough"); };
  CHECK(kind_of_failure([&] { static_cast<void>(client.request({.on_body = fail})); }) == ErrorKind::usage);
  CHECK(kind_of_failure([&] { static_cast<void>(client.request({.on_body = fail})); }) == ErrorKind::usage);
  CHECK(server.connections() == 2);
}

TEST_CASE("any status is an answer, and those without a body are not waited for") {
  CHECK(get(ScriptedServer(answering("HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nbad"))).body == "bad");
  CHECK(get(ScriptedServer(answering("HTTP/1.1 100 Continue\r\n\r\n" + k_ok))).status == 200);
  for (const char* head :
       {"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"}) {
    const ScriptedServer server([&](int connection) {
      receive_head(connection);
      send_text(connection, head);
      receive_until(connection, "never"); // until the client has had enough
    });
    CHECK(get(server, {.total = 10s}).body.empty());
  }
}

TEST_CASE("HEAD has no body whatever its length says") {
  const ScriptedServer server([](int connection) {
    receive_head(connection);
    send_text(connection, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    receive_head(connection);
    send_text(connection, k_ok);
  });
  http::Client client(server.endpoint());
  const auto head = client.request({"HEAD", "/", {}, ""});
  CHECK(head.headers.at("content-length") == "1000");
  CHECK(head.body.empty());
  CHECK(client.request({}).body == "ok");
  CHECK(server.connections() == 1);
}

TEST_CASE("a Unix socket is as good as a port") {
  const TempFolder folder;
  const auto path = folder.path() / "socket";
  std::string received;
  {
    const ScriptedServer server(path, [&](int connection) {
      received = receive_head(connection);
      send_text(connection, k_ok);
    });
    CHECK(get(server).body == "ok");
  }
  CHECK_THAT(received, ContainsSubstring("Host: localhost\r\n"));
}

TEST_CASE("a name is looked up") {
  const ScriptedServer server(answering(k_ok));
  http::Client client({http::Endpoint::Kind::tcp, "localhost", server.endpoint().port});
  CHECK(client.request({}).status == 200);
  http::Client nowhere({http::Endpoint::Kind::tcp, "no-such-host.invalid", 80});
  CHECK_THROWS_WITH(nowhere.request({}),
                    ContainsSubstring("cannot connect to 'no-such-host.invalid:80': host not found"));
}

TEST_CASE("a connection is kept while the server allows it") {
  const ScriptedServer server([](int connection) {
    while (!receive_head(connection).empty()) {
      send_text(connection, k_ok);
    }
  });
  http::Client client(server.endpoint());
  for (int i = 0; i < 3; ++i) {
    CHECK(client.request({}).body == "ok");
  }
  CHECK(server.connections() == 1);
}

TEST_CASE("a connection that the server announces to close is not used again") {
  const ScriptedServer server(answering("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"));
  http::Client client(server.endpoint());
  CHECK(client.request({}).body == "ok");
  CHECK(client.request({}).body == "ok");
  CHECK(server.connections() == 2);
}

TEST_CASE("a kept connection that the server closed meanwhile is made anew, whatever the method") {
  const ScriptedServer server(answering(k_ok)); // says nothing of closing, and closes
  http::Client client(server.endpoint());
  CHECK(client.request({}).body == "ok");
  CHECK(client.request({"POST", "/", {}, ""}).body == "ok");
  CHECK(server.connections() == 2);
}

TEST_CASE("a kept connection that is closed instead of an answer is made anew once, where sending twice does no harm") {
  const ScriptedServer server([&](int connection) {
    receive_head(connection);
    if (server.connections() % 2 == 1) {
      send_text(connection, k_ok);
      receive_head(connection);
    }
  });
  http::Client client(server.endpoint());
  CHECK(client.request({}).body == "ok");
  CHECK_THROWS_WITH(client.request({}), place_of(server) + " closed the connection without an answer");
  CHECK(server.connections() == 2);
  CHECK(client.request({}).body == "ok");
  CHECK(server.connections() == 3);
  CHECK_THROWS_WITH(client.request({"POST", "/", {}, ""}),
                    place_of(server) + " closed the connection without an answer");
  CHECK(server.connections() == 3);
}

TEST_CASE("a server that cannot be reached is told in words") {
  const TempFolder folder;
  const auto request = [](const http::Endpoint& endpoint) { return http::Client(endpoint).request({}); };
  const auto unix_socket = [&](const std::string& path) {
    return http::Endpoint{http::Endpoint::Kind::unix_socket, path, 0};
  };
  const std::string missing = (folder.path() / "missing").string();
  const auto closed = closed_endpoint();
  CHECK_THROWS_WITH(request(closed),
                    "cannot connect to '127.0.0.1:" + std::to_string(closed.port) + "': connection refused");
  CHECK_THROWS_WITH(request(unix_socket(missing)), "cannot connect to '" + missing + "': no such file or directory");
  CHECK_THROWS_WITH(request(unix_socket("/" + std::string(200, 'x'))), ContainsSubstring("file name too long"));
  CHECK(kind_of_failure([&] { request(closed); }) == ErrorKind::environment);
}

TEST_CASE("a connect that gets no answer ends at its limit") {
  const FullListener listener;
  http::Client client(listener.endpoint());
  const Stopwatch watch;
  const auto connect = [&] { static_cast<void>(client.request({}, {.connect = 50ms})); };
  CHECK_THROWS_WITH(connect(), ContainsSubstring("': no answer within 50ms"));
  CHECK(kind_of_failure(connect) == ErrorKind::timeout);
  CHECK(watch.elapsed() >= 100ms);
}

TEST_CASE("a server that stalls before or within its answer runs into the limit") {
  const std::string begun =
      GENERATE(as<std::string>(), "", "HTTP/1.1 200 OK\r\nContent-", k_ok.substr(0, k_ok.size() - 1));
  const ScriptedServer server([&](int connection) {
    receive_head(connection);
    send_text(connection, begun);
    receive_head(connection); // until the client hangs up
  });
  http::Client client(server.endpoint());
  const auto ask = [&] { static_cast<void>(client.request({}, {.total = 50ms})); };
  CHECK_THROWS_WITH(ask(), "no whole answer from " + place_of(server) + " within 50ms");
  CHECK(kind_of_failure(ask) == ErrorKind::timeout);
}

TEST_CASE("an answer cut short, too large or not HTTP is an error") {
  const auto fails_with = [](const std::string& answer, const std::string& words) {
    const ScriptedServer server(answering(answer));
    CHECK_THROWS_WITH(get(server, {.body = 10}), ContainsSubstring(words));
  };
  fails_with("", " closed the connection without an answer");
  fails_with("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", " closed the connection within its answer");
  fails_with("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n", "the answer from '127.0.0.1:");
  fails_with("HTTP/1.1 200 OK\r\n\r\n" + std::string(100'000, 'x'), " is larger than 10 B");
  fails_with("SSH-2.0-OpenSSH_9.2\r\n", "no valid HTTP from '127.0.0.1:");
  fails_with("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'), "no valid HTTP from '127.0.0.1:");
}

TEST_CASE("a client works on after an error") {
  const ScriptedServer server([&](int connection) {
    receive_head(connection);
    send_text(connection, server.connections() == 1 ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc" : k_ok);
  });
  http::Client client(server.endpoint());
  CHECK_THROWS_AS(client.request({}), Error);
  CHECK(client.request({}).body == "ok");
}

TEST_CASE("a server that refuses a body before it has read it all is heard") {
  const ScriptedServer server([](int connection) {
    receive_until(connection, "x");
    send_text(connection, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
  });
  http::Client client(server.endpoint());
  CHECK(client.request({"POST", "/", {}, std::string(20'000'000, 'x')}).status == 413);
}

TEST_CASE("a request that is interrupted ends at once, and its client is of use for the next") {
  std::stop_source interrupt;
  ScriptedServer server([&](int connection) {
    receive_head(connection);
    if (!interrupt.stop_requested()) {
      interrupt.request_stop();
      receive_head(connection); // until the client hangs up
    } else {
      send_text(connection, k_ok);
    }
  });
  http::Client client(server.endpoint());
  const auto ask = [&] { static_cast<void>(client.request({}, {.interrupt = interrupt.get_token()})); };
  CHECK(kind_of_failure(ask) == ErrorKind::busy);
  CHECK(kind_of_failure(ask) == ErrorKind::busy); // it was asked for before this began
  CHECK(client.request({}).body == "ok");
}
