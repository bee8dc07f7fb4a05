#include "http/handler.hpp"
#include "http/mailbox.hpp"
#include "http/server_connection.hpp"
#include "support/catch.hpp"

using namespace teal;

TEST_CASE("a responder whose connection and server are gone answers nobody and fails nobody") {
  boost::asio::io_context io;
  const auto mailbox = std::make_shared<http::Mailbox>(io);
  http::Responder late({}, mailbox);
  late.respond({.body = "x"});
  late.respond({.body = "y"});
  http::Stream orphan = http::Responder({}, mailbox).stream({});
  CHECK(orphan.is_open()); // until the server's thread finds that the connection is gone
  CHECK(io.poll() == 2);
  CHECK_FALSE(orphan.is_open());
  mailbox->close();
  CHECK_FALSE(http::Responder({}, mailbox).stream({}).is_open());
  bool is_told = false;
  orphan.on_close([&] { is_told = true; });
  CHECK(is_told);
}
