/// @file
/// ServeFixture: a home with an app whose source "hub" is a repository beside it, and a runner that only says that it
/// was started.
#pragma once

#include "http/hmac.hpp"
#include "http/message.hpp"
#include "model/home.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "process/installation.hpp"
#include "serve/log.hpp"
#include "store/store.hpp"
#include "support/catch.hpp"
#include "support/wait_until.hpp"
#include "unit/git/git_fixture.hpp"
#include "unit/store/store_fixture.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <string>

namespace teal {

class ServeFixture : public git::GitFixture {
protected:
  ServeFixture() {
    files::create_directories(m_home.app("shop").logs());
    files::create_directories(m_home.build_locks());
    files::create_directories(m_installation.tool().parent_path());
    write_file(m_installation.tool(), "#!/bin/sh\necho \"$@\" >>" + called_file().string() + "\n", 0755);
    write_file(m_home.settings(), "router: {kind: none}\n");
    write_file(m_home.app("shop").root / "hub.secret", "It's a Secret\n", 0600);
    set_sources("{name: hub, kind: webhook, forge: github, secret_file: hub.secret, url: " + source().string() + "}");
  }

  void set_sources(const std::string& sources, const std::string& more = "") const {
    write_file(
        m_home.app("shop").settings(),
        fmt::format("colors: {{blue: {{port: 50101}}, green: {{port: 50100}}}}\nsources: [{}]\n{}\n", sources, more));
  }
  /// As GitHub sends a push.
  [[nodiscard]] static std::string push_payload(const std::string& commit, const std::string& ref = "refs/heads/main") {
    return fmt::format(R"({{"ref":"{}","before":"{}","after":"{}","repository":{{"full_name":"ada/shop"}},)"
                       R"("pusher":{{"name":"ada"}},"commits":[]}})",
                       ref, std::string(40, 'a'), commit);
  }
  [[nodiscard]] static http::HeaderList push_headers(const std::string& body, const std::string& id,
                                                     const std::string& secret = "It's a Secret") {
    return {{"Content-Type", "application/json"},
            {"X-GitHub-Event", "push"},
            {"X-GitHub-Delivery", id},
            {"X-Hub-Signature-256", "sha256=" + http::hmac_hex(http::Hash::sha256, secret, body)}};
  }
  [[nodiscard]] std::filesystem::path called_file() const { return folder() / "called"; }
  /// What tealhook was called with, a line each.
  [[nodiscard]] std::string called() const {
    return std::filesystem::exists(called_file()) ? read_file(called_file()) : "";
  }
  [[nodiscard]] std::string logged() const { return read_file(folder() / "log"); }

  Home m_home{folder() / "home"};
  Installation m_installation{folder() / "prefix"};
  SetClock m_clock;
  Descriptor m_log_file{::open((folder() / "log").c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600)};
  serve::Log m_log{m_log_file.number(), serve::Log::Form::text, m_clock};
  struct Folders {
    explicit Folders(const Home& home) { files::create_directories(home.root); }
  } m_folders{m_home};
  Store m_store{m_home.store(), m_clock};
};

} // namespace teal
