#include "config/load.hpp"
#include "serve/file_sink.hpp"
#include "serve/hook_door.hpp"
#include "serve_fixture.hpp"

#include <future>

using namespace teal;

namespace {

namespace fs = std::filesystem;

class FileSinkFixture : public ServeFixture {
protected:
  FileSinkFixture() { write_file(folder() / "hub.secret", "It's a Secret\n", 0600); }

  static ReceiverSettings settings_of(const std::string& text) {
    return parse_receiver_settings({"receive.yml", text});
  }
  fs::path make_drop() const {
    fs::create_directories(folder() / "drop");
    return folder() / "drop";
  }
  http::ServerResponse push(const std::string& ref, const std::string& secret = "It's a Secret",
                            const std::string& path = "/hook/shop/hub") {
    const std::string body = push_payload(std::string(40, 'b'), ref);
    std::promise<http::ServerResponse> told;
    m_door.take({.method = "POST",
                 .target = path,
                 .path = path,
                 .query = {},
                 .headers = push_headers(body, "id-1", secret),
                 .body = body,
                 .peer = "192.0.2.1"},
                "192.0.2.1", [&](http::ServerResponse response) { told.set_value(std::move(response)); });
    return told.get_future().get();
  }
  [[nodiscard]] std::vector<std::string> dropped() const { return files::names_in(folder() / "drop"); }

  TriggerDrop m_drop{make_drop()};
  serve::ReceiverBook m_book{
      folder(), settings_of("sources: [{app: shop, name: hub, forge: github, secret_file: hub.secret, branch: main}]"),
      m_log};
  serve::FileSink m_sink{m_drop, m_book, m_log};
  serve::HookDoor m_door{m_book, m_sink, m_log};
};

} // namespace

TEST_CASE_METHOD(FileSinkFixture, "a signed push becomes a file by the name of its repository and branch") {
  const http::ServerResponse response = push("refs/heads/main");
  CHECK(response.status == 202);
  CHECK(response.body == "{\"status\":\"accepted\"}\n");
  CHECK(dropped() == std::vector<std::string>{"push-shop-main"});
  CHECK(read_file(folder() / "drop/push-shop-main") ==
        fmt::format("refs/heads/main {} ada/shop by ada, delivery id-1\n", std::string(40, 'b')));
  CHECK(push("refs/heads/main").status == 202);
}

TEST_CASE_METHOD(FileSinkFixture, "who has no secret, and what does not count, leaves no file") {
  CHECK(push("refs/heads/main", "guessed").status == 401);
  CHECK(push("refs/heads/main", "It's a Secret", "/hook/shop/other").status == 401);
  CHECK(push("refs/heads/main", "It's a Secret", "/hook/../hub").status == 401);
  CHECK_THAT(push("refs/heads/next").body, ContainsSubstring("is none of the branches 'main'"));
  CHECK_THAT(push("refs/tags/v1").body, ContainsSubstring("'v1' is a tag"));
  CHECK(dropped().empty());
}

TEST_CASE_METHOD(FileSinkFixture, "other settings and another secret are taken up") {
  m_book.set(settings_of("file: '{app}.{branch}'\nsources: [{app: shop, name: hub, forge: github, secret_file: "
                         "hub.secret, old_secret_file: old.secret}]"));
  write_file(folder() / "hub.secret", "a newer one\n", 0600);
  write_file(folder() / "old.secret", "It's a Secret\n", 0600);
  CHECK(push("refs/heads/release/1", "a newer one").status == 202);
  CHECK(push("refs/heads/release/2").status == 202);
  CHECK(push("refs/heads/" + std::string(300, 'x')).status == 200);
  auto names = dropped();
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"shop.release-1", "shop.release-2"});
}

TEST_CASE_METHOD(FileSinkFixture, "what cannot be written is not accepted, and told by its health") {
  fs::remove_all(folder() / "drop");
  CHECK(push("refs/heads/main").status == 503);
  CHECK_FALSE(m_sink.is_sound());
  CHECK_THAT(logged(), ContainsSubstring("a delivery was not taken: cannot write"));
}
