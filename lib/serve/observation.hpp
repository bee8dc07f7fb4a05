/// @file
/// Observation: a source of ours, and the webhook at its forge that delivers to it, kept in step.
///
/// The caller's sequence: configure() makes the source in app.yml and its secret, register_hook() the webhook;
/// unregister_hook() and forget() take them away again, in that order, so that nothing is lost while the forge is away.
///
/// Invariant: a secret that the forge may have is one that we take: while one is changed, both are.
#pragma once

#include "config/settings.hpp"
#include "forge/forge_api.hpp"
#include "model/home.hpp"
#include "store/source_checks.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace teal::serve {

/// One whose forge's API is asked: its settings have a `repo`.
struct ObservedSource {
  std::string app;
  SourceSettings settings;
  std::string public_url; ///< as the forge reaches us; empty: nobody said

  /// "https://hooks.example.com/hook/shop/hub". Throws Error(settings) where nobody said how we are reached.
  [[nodiscard]] std::string hook_url() const;
  /// Whether the forge is to be told what becomes of commits.
  [[nodiscard]] bool reports() const { return settings.statuses && !settings.token_file.empty(); }
};

/// Of an app. Throws Error(settings) as loading does.
[[nodiscard]] std::vector<ObservedSource> observed_sources(const Home& home, const std::string& app);
/// Of several, the one of that name; where no name is given, the only one. Throws Error(usage) if there is none, or it
/// cannot be told which.
[[nodiscard]] ObservedSource find_observed(const Home& home, const std::string& app, const std::string& source);
/// Throws Error(settings) if its token cannot be used.
[[nodiscard]] std::unique_ptr<forge::ForgeApi> api_of(const Home& home, const ObservedSource& source,
                                                      forge::CallOptions options, const Clock& clock);

/// What is to be observed. What is empty stays as the source has it.
struct ObserveWish {
  std::string app;
  std::string source; ///< empty: the one of that repo, or one called like its forge
  std::optional<SourceSettings::Forge> forge;
  std::string forge_name; ///< as it was given: "forgejo"
  std::string repo;
  std::string public_url;
  std::filesystem::path token_file; ///< absolute
  std::string token;                ///< in place of a file: one is made for it in the app's folder
  std::string api;
  std::string branch;
};

struct Configured {
  ObservedSource source;
  std::string former_url;    ///< of the webhook, before it was configured anew; empty: the same, or none
  bool changed = false;      ///< app.yml is another one than before
  bool fresh_secret = false; ///< the forge cannot have it yet
};
/// Makes or changes the source in app.yml, with its comments kept, and a secret where there is none. Of a new one the
/// forge is asked where it is cloned from. Throws Error(usage) for what is missing, Error(settings), or
/// forge::ApiError; app.yml is as it was then.
[[nodiscard]] Configured configure(const Home& home, const ObserveWish& wish, const forge::CallOptions& options,
                                   const Clock& clock);

struct Registration {
  enum class Outcome { created, mended, unchanged };
  Outcome outcome = Outcome::unchanged;
  std::vector<std::string> mended; ///< what was not as it should be
  std::string id;                  ///< of the webhook; empty: it was only just made
};
[[nodiscard]] std::string_view to_string(Registration::Outcome outcome) noexcept;

/// The webhook of the source's url is there as it should be; of several, all but one go, and so does that of
/// `former_url`. `sets_secret`: whatever secret it has, it gets ours.
[[nodiscard]] Registration register_hook(const Home& home, const ObservedSource& source, forge::ForgeApi& api,
                                         bool sets_secret, const std::string& former_url = {});
/// A new secret, here and there. The one before is taken until settle_rotation().
void rotate_secret(const Home& home, const ObservedSource& source, forge::ForgeApi& api);
/// A day after it was changed, the secret before is good no more. Whether it was dropped now.
bool settle_rotation(const Home& home, const ObservedSource& source, forge::ForgeApi& api);

/// How many there were.
int unregister_hook(const ObservedSource& source, forge::ForgeApi& api);
/// The source goes from app.yml, and its secret with it; a token only where it was made for it.
void forget(const Home& home, const ObservedSource& source, SourceChecks& checks);

struct HookState {
  enum class Kind { ok, drifted, missing, unreachable };
  Kind kind = Kind::ok;
  std::string text; ///< what is not as it should be, or why the forge cannot be asked
};
[[nodiscard]] std::string_view to_string(HookState::Kind kind) noexcept;
/// As the forge says it is.
[[nodiscard]] HookState state_of(const Home& home, const ObservedSource& source, const forge::CallOptions& options,
                                 const Clock& clock);

/// The name of the file in an app's folder that a token of `source` is put into, where it came without one.
[[nodiscard]] std::string token_file_name(const std::string& source);

} // namespace teal::serve
