#include "target/compose/compose_render.hpp"

#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "process/files.hpp"

#include <fmt/format.h>

namespace teal {

namespace {

namespace fs = std::filesystem;

constexpr mode_t k_own = 0600;
constexpr Milliseconds k_deadline = std::chrono::minutes(1);
constexpr std::size_t k_most_printed = std::size_t{1} << 20U; ///< as Outcome::output keeps it

class ScratchFile {
public:
  ScratchFile(fs::path path, std::string_view text) : m_path(std::move(path)) { write_file(m_path, text, k_own); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code stays; // for its owner alone
    fs::remove(m_path, stays);
  }

  [[nodiscard]] std::string path() const { return m_path.string(); }

private:
  fs::path m_path;
};

/// What compose itself would take for its own settings is not given on.
bool is_of_compose(std::string_view name) {
  return name.starts_with("COMPOSE_") || name.starts_with("DOCKER_");
}

/// As both kinds of compose read it; in single quotes nothing stands for anything else.
std::string line_of(const std::string& name, const std::string& value) {
  if (value.find_first_of("'\\") == std::string::npos) {
    return fmt::format("{}='{}'\n", name, value);
  }
  return to_env_file({{name, value}});
}

/// The commit's own variables, and ours after them: by a file, for the environment of a program of the host is not for
/// whoever pushes to name.
std::string variables_of(const RenderOrder& order, const fs::path& folder) {
  std::string text;
  if (files::exists(folder / ".env")) {
    text = read_file(folder / ".env") + "\n";
  }
  std::map<std::string, std::string> variables = order.plan.env;
  variables[k_color_port_variable] = std::to_string(order.plan.settings.ports.at(order.slot.color));
  variables["TEALHOOK_APP"] = order.slot.app;
  variables["TEALHOOK_COLOR"] = to_string(order.slot.color);
  variables["TEALHOOK_COMMIT"] = order.commit;
  for (const auto& [name, value] : variables) {
    text += is_of_compose(name) ? "" : line_of(name, value);
  }
  return text;
}

} // namespace

const TargetSettings::Compose& compose_settings(const AppSettings& settings) {
  return settings.targets.at(settings.target).compose;
}

ComposeModel render(engine::ComposeCli& compose, const RenderOrder& order) {
  const AppSettings& settings = order.plan.settings;
  const ComposeSource source = ComposeSource::read(order.tree, compose_settings(settings).file);
  files::create_directories(order.folder);
  const ScratchFile variables(order.folder / "variables", variables_of(order, source.path().parent_path()));
  std::string printed;
  try {
    printed =
        compose.run({"-p", order.slot.app, "-f", source.path().string(), "--env-file", variables.path(), "config"},
                    fmt::format("read '{}'", source.name()), {}, k_deadline);
  } catch (const Error& error) {
    throw Error(error.kind() == ErrorKind::environment ? ErrorKind::settings : error.kind(), error.message());
  }
  if (printed.size() >= k_most_printed) {
    throw Error(ErrorKind::settings, fmt::format("'{}' is larger than 1 MiB once it is read", source.name()));
  }
  return read_compose_model({fmt::format("{} as compose reads it", source.name()), printed},
                            {.source = source,
                             .settings = compose_settings(settings),
                             .networks = settings.run.networks,
                             .tree = files::canonical(order.tree),
                             .rendered_as = order.slot.app,
                             .color_port = settings.ports.at(order.slot.color)});
}

} // namespace teal
