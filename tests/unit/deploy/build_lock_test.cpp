#include "deploy/build_lock.hpp"
#include "support/scripted_home.hpp"
#include "support/wait_until.hpp"

#include <thread>

using namespace teal;

namespace {

class BuildLockTest : public ScriptedHome {
protected:
  BuildLockTest() : ScriptedHome("none", "limits: {builds: 2}\n") {}

  [[nodiscard]] FileLock acquire() { return acquire_build_lock(*m_services, m_log); }
  [[nodiscard]] std::string told() const { return read_file(m_file); }

  std::filesystem::path m_file = m_folder.path() / "log";
  DeploymentLog m_log{m_file};
};

} // namespace

TEST_CASE_METHOD(BuildLockTest, "as many builds as the limit says run at once and none of them waits or says so") {
  std::filesystem::remove_all(m_home.build_locks());
  const FileLock first = acquire();
  const FileLock second = acquire();
  CHECK(told().empty());
  CHECK(FileLock::is_held(m_home.build_locks() / "build-0.lock"));
  CHECK(FileLock::is_held(m_home.build_locks() / "build-1.lock"));
}

TEST_CASE_METHOD(BuildLockTest, "one more build waits, says for what, and begins with the first that ends") {
  const FileLock first = acquire();
  std::optional<FileLock> second(acquire());
  std::optional<FileLock> third;
  std::jthread waiting([&] { third = acquire(); });
  wait_until([&] { return told() == "waiting for another app's build to end: limits.builds is 2\n"; },
             std::chrono::seconds(20), "the third to wait");
  second.reset();
  waiting.join();
  CHECK(third);
  CHECK(FileLock::is_held(m_home.build_locks() / "build-1.lock"));
}
