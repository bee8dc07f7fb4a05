#include "git/hook.hpp"

#include "commands/commands.hpp"
#include "config/load.hpp"
#include "process/files.hpp"
#include "report/json.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace teal::tool {

namespace {

namespace json = boost::json;

struct HookOptions {
  std::string repository;
  std::string app;
  std::string color;
  bool gate = false;
};

/// As the user whose files the repository's are.
git::Repository open_repository(Context& context, const std::string& path) {
  const auto folder = files::absolute(path).lexically_normal();
  context.become_owner_of(folder);
  return git::Repository::open(folder);
}

/// As a repository is remembered: absolute, without a slash at its end.
std::filesystem::path plain(const std::filesystem::path& path) {
  const auto normal = files::absolute(path).lexically_normal();
  return normal.has_filename() ? normal : normal.parent_path();
}

bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& path) {
  const auto relative = path.lexically_relative(folder);
  return !relative.empty() && *relative.begin() != "..";
}

/// Nothing where there is no home any more: a hook is removed all the same.
std::unique_ptr<Store> open_store(const Context& context) {
  const auto file = context.home().store();
  return files::exists(file) ? std::make_unique<Store>(file, context.clock()) : nullptr;
}

void install(Context& context, const HookOptions& options) {
  const Home home = context.home();
  static_cast<void>(load_app_settings(home, options.app));
  context.require(Verb::manage, home, options.app);
  Store store(home.store(), context.clock()); // while we may: the repository may be another user's
  auto repository = open_repository(context, options.repository);
  const git::HookBinding binding{.home = home.root,
                                 .app = options.app,
                                 .destination = Destination::parse(options.color).value(),
                                 .gate = options.gate};
  git::install_hooks(repository, binding, Installation::of_this_program().hooks());
  if (!is_inside(home.apps(), repository.path())) {
    store.repositories.add(plain(repository.path()), options.app);
  }
  json::array kept;
  for (const char* name : {git::k_pre_receive, git::k_post_receive}) {
    if (const auto hook = git::kept_hook(repository, name)) {
      kept.emplace_back(to_text(hook->string()));
    }
  }
  if (context.json) {
    context.print(json::serialize(json::value{{"repository", to_text(repository.path().string())},
                                              {"app", options.app},
                                              {"color", options.color},
                                              {"gate", options.gate},
                                              {"kept_hooks", kept}}));
    return;
  }
  context.print(
      fmt::format("a push to '{}' now deploys {} of '{}'", repository.path().string(), options.color, options.app));
  if (options.gate) {
    context.print("what does not build is refused");
  }
  for (const json::value& hook : kept) {
    context.print(fmt::format("the hook that was there runs first: {}", std::string_view(hook.as_string())));
  }
}

void tell_removed(const Context& context, const std::filesystem::path& repository, bool removed) {
  if (context.json) {
    context.print_json({{"repository", to_text(repository.string())}, {"removed", removed}});
    return;
  }
  context.print(removed ? fmt::format("a push to '{}' deploys nothing any more", repository.string())
                        : fmt::format("'{}' had no hook of tealhook", repository.string()));
}

void remove(Context& context, const std::string& path) {
  const auto store = open_store(context);
  const auto folder = plain(path);
  if (store && !files::exists(folder) && store->repositories.forget(folder)) {
    tell_removed(context, folder, true);
    return;
  }
  auto repository = open_repository(context, path);
  const bool removed = git::remove_hooks(repository);
  if (store) {
    store->repositories.forget(plain(repository.path()));
  }
  tell_removed(context, plain(repository.path()), removed);
}

} // namespace

void add_hook(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("hook", "make a bare repository deploy what is pushed to it");
  group->require_subcommand(1);
  group->footer("Examples:\n  tealhook hook install /srv/git/shop.git --app shop --color blue\n  tealhook hook remove "
                "/srv/git/shop.git");
  const auto options = std::make_shared<HookOptions>();

  CLI::App* install_command =
      group->add_subcommand("install", "install the hook; one that is there is kept, and called first");
  install_command->add_option("REPO", options->repository, "a bare repository")->required();
  install_command->footer("Examples:\n  tealhook hook install /srv/git/shop.git --app shop --color blue --gate");
  install_command->add_option("--app", options->app, "the app that a push deploys")->type_name("NAME")->required();
  install_command->add_option("--color", options->color, "blue, green, or live: the idle one, and live traffic follows")
      ->type_name("COLOR")
      ->required()
      ->check(CLI::IsMember({"blue", "green", "live"}));
  install_command->add_flag("--gate", options->gate,
                            "build what is pushed before git takes it, and refuse it if that fails");
  install_command->callback([&context, options] { install(context, *options); });

  CLI::App* remove_command = group->add_subcommand("remove", "remove the hook, and put back the one that was there");
  remove_command->footer("Examples:\n  tealhook hook remove /srv/git/shop.git");
  remove_command->add_option("REPO", options->repository, "a bare repository")->required();
  remove_command->callback([&context, options] { remove(context, options->repository); });
}

} // namespace teal::tool
