#include "engine/registry_process.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

using namespace teal;
using namespace teal::engine;

namespace {

RegistryServerSettings settings_in(const std::filesystem::path& folder) {
  RegistryServerSettings settings;
  settings.address = "localhost:5000";
  settings.listen = "127.0.0.1";
  settings.folder = folder;
  return settings;
}

void write_pid_file(const std::filesystem::path& folder, const ProcessId& process) {
  write_file(folder / "registry.pid",
             fmt::format(R"({{"pid": {}, "start_ticks": {}}})", process.pid, process.start_ticks));
}

} // namespace

TEST_CASE("a running program that is no registry is never taken for ours") {
  const TempFolder folder;
  const auto self = identify(::getpid());
  REQUIRE(self);
  write_pid_file(folder.path(), *self);
  RegistryProcess process({}, settings_in(folder.path()));
  CHECK_FALSE(process.find());
  CHECK_FALSE(process.stop());
  CHECK(is_alive(*self));
}

TEST_CASE("a number that was given away since is never taken for ours") {
  const TempFolder folder;
  write_pid_file(folder.path(), {.pid = ::getpid(), .start_ticks = 1});
  CHECK_FALSE(RegistryProcess({}, settings_in(folder.path())).find());
}

TEST_CASE("a damaged or missing pid file means that none of ours runs") {
  const TempFolder folder;
  RegistryProcess process({}, settings_in(folder.path()));
  CHECK_FALSE(process.find());
  for (const char* text : {"", "812", "{\"pid\": ", "{\"pid\": -1, \"start_ticks\": 3}", "[]"}) {
    write_file(folder.path() / "registry.pid", text);
    CHECK_FALSE(process.find());
    CHECK_FALSE(process.is_as_wanted());
  }
}

TEST_CASE("a host without docker-registry on its path cannot run one") {
  const TempFolder folder;
  CHECK_FALSE(RegistryProcess({{"PATH", folder.path().string()}}, settings_in(folder.path())).is_possible());
  write_file(folder.path() / "docker-registry", "#!/bin/sh\n", 0755);
  CHECK(RegistryProcess({{"PATH", folder.path().string()}}, settings_in(folder.path())).is_possible());
}
