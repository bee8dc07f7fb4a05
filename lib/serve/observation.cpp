#include "serve/observation.hpp"

#include "config/edit.hpp"
#include "config/load.hpp"
#include "config/yaml.hpp"
#include "core/text.hpp"
#include "http/hmac.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"
#include "serve/source_book.hpp"
#include "trigger/source.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace teal::serve {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t k_secret_bytes = 32;
constexpr mode_t k_private = 0600;
constexpr std::chrono::hours k_rotation{24}; ///< a delivery that was signed before comes again within that, if at all

std::string_view name_of(SourceSettings::Forge forge) {
  return forge_of(forge).name;
}

fs::path secret_file(const Home& home, const ObservedSource& source) {
  return file_of_app(home.app(source.app), source.settings.secret_file);
}

void write_secrets(const fs::path& file, const webhook::Secrets& secrets) {
  write_file(file, join(secrets, "\n") + "\n", k_private);
}

/// Whether there was none that could be used.
bool make_secret_where_missing(const fs::path& file) {
  try {
    static_cast<void>(read_secrets(file));
    return false;
  } catch (const Error&) {
    write_secrets(file, {http::random_token(k_secret_bytes)});
    return true;
  }
}

forge::WantedHook wanted_hook(const Home& home, const ObservedSource& source) {
  return {.url = source.hook_url(), .secret = read_secrets(secret_file(home, source)).front()};
}

std::vector<forge::Hook> hooks_at(forge::ForgeApi& api, const std::string& url) {
  std::vector<forge::Hook> hooks = api.hooks();
  std::erase_if(hooks, [&](const forge::Hook& one) { return one.url != url; });
  return hooks;
}

std::size_t index_of(const AppSettings& settings, const std::string& source) {
  const auto found = std::find_if(settings.sources.begin(), settings.sources.end(),
                                  [&](const SourceSettings& one) { return one.name == source; });
  return static_cast<std::size_t>(found - settings.sources.begin());
}

/// The source that is meant, as it is in the settings; a new one where it is not there.
SourceSettings source_meant(const AppSettings& settings, const ObserveWish& wish) {
  std::vector<SourceSettings> meant = settings.sources;
  std::erase_if(meant, [&](const SourceSettings& one) {
    return wish.source.empty() ? one.repo.empty() || (!wish.repo.empty() && one.repo != wish.repo) ||
                                     (wish.forge && one.forge != *wish.forge)
                               : one.name != wish.source;
  });
  if (meant.size() > 1) {
    throw Error(ErrorKind::usage, fmt::format("'{}' observes several: say which with --source", wish.app));
  }
  if (!meant.empty()) {
    return meant.front();
  }
  SourceSettings fresh;
  fresh.name = wish.source.empty() ? wish.forge_name : wish.source;
  const std::size_t same = index_of(settings, fresh.name);
  return same < settings.sources.size() ? settings.sources[same] : fresh;
}

void require_fitting(const SourceSettings& source, const ObserveWish& wish, bool is_new) {
  if (!is_new && (source.kind != SourceSettings::Kind::webhook || (wish.forge && source.forge != *wish.forge))) {
    throw Error(ErrorKind::usage, fmt::format("'{}' has a source '{}' of another kind already: name another one with "
                                              "--source",
                                              wish.app, source.name));
  }
  if (!source.repo.empty() && !wish.repo.empty() && source.repo != wish.repo) {
    throw Error(ErrorKind::usage, fmt::format("the source '{}' of '{}' observes '{}' already: name another one with "
                                              "--source",
                                              source.name, wish.app, source.repo));
  }
}

void apply(const ObserveWish& wish, const Home& home, const std::string& server_url, SourceSettings& source) {
  const auto take = [](std::string& member, const std::string& wanted) {
    if (!wanted.empty()) {
      member = wanted;
    }
  };
  if (wish.forge) {
    source.forge = *wish.forge;
  }
  take(source.repo, wish.repo);
  take(source.api, wish.api);
  take(source.branch, wish.branch);
  if (!wish.public_url.empty()) {
    source.public_url = wish.public_url == server_url ? "" : wish.public_url;
  }
  if (!wish.token_file.empty()) {
    const fs::path folder = home.app(wish.app).root;
    source.token_file =
        (wish.token_file.parent_path() == folder ? wish.token_file.filename() : wish.token_file).string();
  }
  if (!wish.token.empty()) {
    source.token_file = token_file_name(source.name);
  }
  if (source.secret_file.empty()) {
    source.secret_file = source.name + ".secret";
  }
}

void require_whole(const ObservedSource& source) {
  const SourceSettings& settings = source.settings;
  for (const auto& [value, option] :
       {std::pair{&settings.repo, "--repo OWNER/NAME"}, std::pair{&settings.token_file, "--token-file FILE"}}) {
    if (value->empty()) {
      throw Error(ErrorKind::usage, fmt::format("the source '{}' of '{}' needs {}", settings.name, source.app, option));
    }
  }
  static_cast<void>(source.hook_url());
}

/// Keys and values of the source as app.yml has them.
std::vector<std::pair<std::string, std::string>> keys_of(const SourceSettings& source, const std::string& forge_name) {
  return {{"name", source.name},
          {"kind", "webhook"},
          {"forge", forge_name},
          {"repo", source.repo},
          {"url", source.url},
          {"branch", source.branch},
          {"secret_file", source.secret_file},
          {"token_file", source.token_file},
          {"api", source.api},
          {"public_url", source.public_url}};
}

/// app.yml with the source as it is to be.
SettingsText edited(SettingsText text, const SourceSettings& before, const SourceSettings& source, std::size_t index,
                    bool is_new, const std::string& forge_name) {
  const auto keys = keys_of(source, forge_name);
  if (is_new) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : keys) {
      if (!value.empty()) {
        pairs.push_back(fmt::format("{}: {}", key, yaml_scalar(value)));
      }
    }
    text.text = edit_settings(text, SettingPath{"sources", "+"}, fmt::format("{{{}}}", join(pairs, ", ")));
  } else {
    const auto old = keys_of(before, forge_name);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].second != old[i].second) {
        text.text = edit_settings(text, SettingPath{"sources", std::to_string(index), keys[i].first},
                                  yaml_scalar(keys[i].second));
      }
    }
  }
  static_cast<void>(parse_app_settings(text, std::nullopt));
  return text;
}

} // namespace

std::string ObservedSource::hook_url() const {
  if (public_url.empty()) {
    throw Error(ErrorKind::settings,
                fmt::format("nobody said how a forge reaches us: set serve.public_url in tealhook.yml, or give --url, "
                            "such as https://hooks.example.com, for the source '{}' of '{}'",
                            settings.name, app));
  }
  return fmt::format("{}/hook/{}/{}", public_url, app, settings.name);
}

std::vector<ObservedSource> observed_sources(const Home& home, const std::string& app) {
  const std::string server_url = load_server_settings(home).serve.public_url;
  std::vector<ObservedSource> found;
  for (const SourceSettings& source : load_app_settings(home, app).sources) {
    if (!source.repo.empty()) {
      found.push_back({app, source, source.public_url.empty() ? server_url : source.public_url});
    }
  }
  return found;
}

ObservedSource find_observed(const Home& home, const std::string& app, const std::string& source) {
  std::vector<ObservedSource> all = observed_sources(home, app);
  if (!source.empty()) {
    std::erase_if(all, [&](const ObservedSource& one) { return one.settings.name != source; });
  }
  if (all.empty()) {
    throw Error(ErrorKind::usage, source.empty()
                                      ? fmt::format("nothing is observed for '{}'", app)
                                      : fmt::format("'{}' has no source '{}' that is observed", app, source));
  }
  if (all.size() > 1) {
    std::vector<std::string> names;
    std::transform(all.begin(), all.end(), std::back_inserter(names),
                   [](const ObservedSource& one) { return "'" + one.settings.name + "'"; });
    throw Error(ErrorKind::usage, fmt::format("say which with --source: {}", in_words(names, "or")));
  }
  return std::move(all.front());
}

std::unique_ptr<forge::ForgeApi> api_of(const Home& home, const ObservedSource& source, forge::CallOptions options,
                                        const Clock& clock) {
  const SourceSettings& settings = source.settings;
  return forge::make_api(settings.forge,
                         {.api = settings.api,
                          .repo = settings.repo,
                          .token = forge::read_token(file_of_app(home.app(source.app), settings.token_file))},
                         std::move(options), clock);
}

Configured configure(const Home& home, const ObserveWish& wish, const forge::CallOptions& options, const Clock& clock) {
  require_app(home, wish.app);
  const fs::path file = home.app(wish.app).settings();
  const SettingsText text{file.string(), read_file(file)};
  const AppSettings settings = parse_app_settings(text, std::nullopt);
  const std::string server_url = load_server_settings(home).serve.public_url;
  const SourceSettings before = source_meant(settings, wish);
  Configured result{.source = {wish.app, before, {}}};
  SourceSettings& source = result.source.settings;
  const std::size_t index = index_of(settings, before.name);
  const bool is_new = index == settings.sources.size();
  require_fitting(before, wish, is_new);
  if (is_new && (!wish.forge || before.name.empty())) {
    throw Error(ErrorKind::usage,
                fmt::format("'{}' observes nothing yet: give --forge, --repo OWNER/NAME, --token-file "
                            "FILE, and --url where serve.public_url is not set",
                            wish.app));
  }
  apply(wish, home, server_url, source);
  result.source.public_url = source.public_url.empty() ? server_url : source.public_url;
  require_whole(result.source);
  if (!wish.token.empty()) {
    write_file(home.app(wish.app).root / source.token_file, wish.token + "\n", k_private);
  }
  const auto api = api_of(home, result.source, options, clock);
  if (source.url.empty()) {
    source.url = api->clone_url();
  }
  if (!before.repo.empty()) {
    const std::string url =
        ObservedSource{wish.app, before, before.public_url.empty() ? server_url : before.public_url}.hook_url();
    result.former_url = url == result.source.hook_url() ? "" : url;
  }
  const SettingsText fresh = edited(text, before, source, index, is_new,
                                    wish.forge_name.empty() ? std::string(name_of(source.forge)) : wish.forge_name);
  result.fresh_secret = make_secret_where_missing(secret_file(home, result.source));
  if (fresh.text != text.text) {
    write_file(file, fresh.text, static_cast<mode_t>(files::permissions_of(file)));
    result.changed = true;
  }
  return result;
}

std::string_view to_string(Registration::Outcome outcome) noexcept {
  constexpr std::array<std::string_view, 3> k_names{"created", "mended", "unchanged"};
  return k_names.at(static_cast<std::size_t>(outcome));
}

Registration register_hook(const Home& home, const ObservedSource& source, forge::ForgeApi& api, bool sets_secret,
                           const std::string& former_url) {
  const forge::WantedHook wanted = wanted_hook(home, source);
  const std::vector<forge::Hook> all = api.hooks();
  Registration result;
  const forge::Hook* ours = nullptr;
  for (const forge::Hook& one : all) {
    if (one.url == wanted.url && ours == nullptr) {
      ours = &one;
    } else if (one.url == wanted.url || (!former_url.empty() && one.url == former_url)) {
      static_cast<void>(api.delete_hook(one.id));
      result.mended.push_back(one.url == wanted.url ? "there was a second one" : "one delivered to " + former_url);
    }
  }
  if (ours == nullptr) {
    api.create_hook(wanted);
    result.outcome = Registration::Outcome::created;
    return result;
  }
  result.id = ours->id;
  result.mended.insert(result.mended.end(), ours->faults.begin(), ours->faults.end());
  // While two secrets are good, it is not known which one the forge has.
  if (sets_secret || read_secrets(secret_file(home, source)).size() > 1) {
    api.update_hook(ours->id, wanted);
    if (sets_secret) {
      result.mended.emplace_back("its secret is set anew");
    }
  } else if (!ours->faults.empty()) {
    api.update_hook(ours->id, wanted);
  }
  if (!result.mended.empty()) {
    result.outcome = Registration::Outcome::mended;
  }
  return result;
}

void rotate_secret(const Home& home, const ObservedSource& source, forge::ForgeApi& api) {
  const fs::path file = secret_file(home, source);
  static_cast<void>(register_hook(home, source, api, false)); // so that it has the first of ours
  write_secrets(file, {http::random_token(k_secret_bytes), read_secrets(file).front()});
  while_doing("changing the secret: both, the new one and the one before, are taken until that has been done",
              [&] { static_cast<void>(register_hook(home, source, api, false)); });
}

bool settle_rotation(const Home& home, const ObservedSource& source, forge::ForgeApi& api) {
  const fs::path file = secret_file(home, source);
  const webhook::Secrets secrets = read_secrets(file);
  struct stat facts {};
  if (secrets.size() < 2 || ::stat(file.c_str(), &facts) != 0) {
    return false;
  }
  const auto changed = std::chrono::system_clock::from_time_t(facts.st_mtim.tv_sec);
  if (std::chrono::system_clock::now() - changed < k_rotation) {
    return false;
  }
  static_cast<void>(register_hook(home, source, api, false)); // it may never have come to that
  write_secrets(file, {secrets.front()});
  return true;
}

int unregister_hook(const ObservedSource& source, forge::ForgeApi& api) {
  int count = 0;
  for (const forge::Hook& hook : hooks_at(api, source.hook_url())) {
    count += api.delete_hook(hook.id) ? 1 : 0;
  }
  return count;
}

void forget(const Home& home, const ObservedSource& source, SourceChecks& checks) {
  const AppFolder folder = home.app(source.app);
  const SettingsText text{folder.settings().string(), read_file(folder.settings())};
  const std::size_t index = index_of(parse_app_settings(text, std::nullopt), source.settings.name);
  const std::string fresh = edit_settings(text, SettingPath{"sources", std::to_string(index)}, std::nullopt);
  static_cast<void>(parse_app_settings({text.name, fresh}, std::nullopt));
  write_file(folder.settings(), fresh, static_cast<mode_t>(files::permissions_of(folder.settings())));
  for (const std::string& file :
       {source.settings.secret_file, source.settings.old_secret_file, token_file_name(source.settings.name)}) {
    if (!file.empty() && !fs::path(file).is_absolute()) {
      files::remove(folder.root / file);
    }
  }
  checks.forget(source.app, source.settings.name);
}

std::string_view to_string(HookState::Kind kind) noexcept {
  constexpr std::array<std::string_view, 4> k_names{"ok", "drifted", "missing", "unreachable"};
  return k_names.at(static_cast<std::size_t>(kind));
}

HookState state_of(const Home& home, const ObservedSource& source, const forge::CallOptions& options,
                   const Clock& clock) {
  using Kind = HookState::Kind;
  try {
    const std::string url = source.hook_url();
    const auto hooks = hooks_at(*api_of(home, source, options, clock), url);
    if (hooks.empty()) {
      return {Kind::missing, fmt::format("no webhook there delivers to {}", url)};
    }
    std::vector<std::string> faults = hooks.front().faults;
    if (hooks.size() > 1) {
      faults.emplace_back("there is a second one");
    }
    return faults.empty() ? HookState() : HookState{Kind::drifted, join(faults, ", ")};
  } catch (const Error& error) {
    return {Kind::unreachable, error.message()};
  }
}

std::string token_file_name(const std::string& source) {
  return source + ".token";
}

} // namespace teal::serve
