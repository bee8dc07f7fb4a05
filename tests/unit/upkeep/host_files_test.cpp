#include "core/error.hpp"
#include "process/atomic_file.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "upkeep/host_files.hpp"

#include <map>

using namespace teal;

namespace {

namespace fs = std::filesystem;

class HostFilesFixture {
protected:
  HostFilesFixture() {
    fs::create_directories(m_installation.templates() / "systemd");
    fs::create_directories(m_installation.templates() / "logrotate");
    write_file(m_installation.templates() / "systemd/tealhook-serve.service",
               "User=root\nEnvironment=TEALHOOK_HOME=/srv/tealhook\nExecStart=tealhook serve\n");
    write_file(m_installation.templates() / "logrotate/tealhook", "/srv/tealhook/*.log {\n\tsu root root\n}\n");
  }

  std::map<std::string, HostFile::Fate> put(bool force = false) {
    std::map<std::string, HostFile::Fate> fates;
    for (const HostFile& file : put_host_files(m_installation, m_home, m_user,
                                               {.systemd = true, .logrotate = true, .root = root(), .force = force})) {
      fates[file.path.lexically_relative(root()).string()] = file.fate;
    }
    return fates;
  }
  [[nodiscard]] fs::path root() const { return m_temp.path() / "root"; }
  [[nodiscard]] fs::path unit() const { return root() / "etc/systemd/system/tealhook-serve.service"; }

  TempFolder m_temp;
  Installation m_installation{m_temp.path() / "opt"};
  Home m_home{"/home/ada/hook"};
  UserEntry m_user{.name = "ada", .uid = 4'000'000, .gid = 4'000'000, .folder = {}, .shell = {}};
};

} // namespace

TEST_CASE_METHOD(HostFilesFixture, "units and a configuration of logrotate are written for a home and its user") {
  const auto fates = put();
  CHECK(fates ==
        std::map<std::string, HostFile::Fate>{{"etc/systemd/system/tealhook-serve.service", HostFile::Fate::written},
                                              {"etc/logrotate.d/tealhook", HostFile::Fate::written}});
  CHECK(read_file(unit()).starts_with("User=ada\nEnvironment=TEALHOOK_HOME=/home/ada/hook\nExecStart=" +
                                      m_installation.tool().string() + " serve\n# as tealhook setup wrote it: "));
  CHECK_THAT(read_file(root() / "etc/logrotate.d/tealhook"),
             ContainsSubstring("/home/ada/hook/*.log {\n\tsu ada 4000000\n}\n"));
  CHECK(put().at("etc/systemd/system/tealhook-serve.service") == HostFile::Fate::same);
}

TEST_CASE_METHOD(HostFilesFixture, "what a person changed is kept unless it is forced, and what is ours is renewed") {
  static_cast<void>(put());
  m_home.root = "/srv/other";
  CHECK(put().at("etc/systemd/system/tealhook-serve.service") == HostFile::Fate::written);
  const std::string ours = read_file(unit());
  write_file(unit(), "Nice=5\n" + ours);
  CHECK(put().at("etc/systemd/system/tealhook-serve.service") == HostFile::Fate::kept);
  CHECK(read_file(unit()) == "Nice=5\n" + ours);
  write_file(unit(), ours + "Nice=5\n");
  CHECK(put().at("etc/systemd/system/tealhook-serve.service") == HostFile::Fate::kept);
  CHECK(put(true).at("etc/systemd/system/tealhook-serve.service") == HostFile::Fate::written);
  CHECK(read_file(unit()) == ours);
}

TEST_CASE_METHOD(HostFilesFixture, "a home that they could not name, and templates that are missing, are refused") {
  m_home.root = "/srv/100%";
  CHECK_THROWS_WITH(put(), ContainsSubstring("cannot be named"));
  CHECK_FALSE(fs::exists(root()));
  m_home.root = "/srv/tealhook";
  fs::remove_all(m_installation.templates());
  CHECK_THROWS_WITH(put(), ContainsSubstring("there are no templates in"));
}
