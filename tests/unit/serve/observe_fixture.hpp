/// @file
/// ObserveFixture: an app, a forge that stands in for one, and what it takes to observe it.
#pragma once

#include "config/load.hpp"
#include "serve/observation.hpp"
#include "serve/source_book.hpp"
#include "serve_fixture.hpp"
#include "support/forge_stand_in.hpp"

namespace teal {

class ObserveFixture : public ServeFixture {
protected:
  explicit ObserveFixture(ForgeStandIn::Kind kind = ForgeStandIn::Kind::github)
      : m_forge({.kind = kind, .clone_url = source().string()}) {
    write_file(m_home.app("shop").settings(),
               "colors: {blue: {port: 50101}, green: {port: 50100}} # two\nbranches: [main]\n");
    write_file(token_file(), m_forge_token + "\n", 0600);
    write("web/index.html", "1");
    m_first = commit("the first one");
  }

  [[nodiscard]] std::filesystem::path token_file() const { return folder() / "token"; }
  [[nodiscard]] std::filesystem::path secret_file() const { return m_home.app("shop").root / "github.secret"; }
  [[nodiscard]] std::string settings() const { return read_file(m_home.app("shop").settings()); }
  [[nodiscard]] static forge::CallOptions options() {
    return {.first_pause = Milliseconds(1), .longest_wait = Milliseconds(0)};
  }
  [[nodiscard]] serve::ObserveWish wish(SourceSettings::Forge forge = SourceSettings::Forge::github,
                                        const std::string& name = "github") const {
    return {.app = "shop",
            .source = {},
            .forge = forge,
            .forge_name = name,
            .repo = "ada/shop",
            .public_url = "http://127.0.0.1:9",
            .token_file = token_file(),
            .token = {},
            .api = m_forge.api(),
            .branch = {}};
  }
  [[nodiscard]] std::unique_ptr<forge::ForgeApi> api(const serve::ObservedSource& source) const {
    return serve::api_of(m_home, source, options(), m_clock);
  }
  /// As `tealhook observe` does.
  serve::Registration observe(const serve::ObserveWish& wanted) {
    const auto made = serve::configure(m_home, wanted, options(), m_clock);
    return serve::register_hook(m_home, made.source, *api(made.source), made.fresh_secret, made.former_url);
  }
  serve::ObservedSource observed() const { return serve::find_observed(m_home, "shop", ""); }

  std::string m_forge_token = "right-token";
  ForgeStandIn m_forge;
  std::string m_first;
};

} // namespace teal
