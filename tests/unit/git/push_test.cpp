#include "core/error.hpp"
#include "git/kept_commits.hpp"
#include "git/push.hpp"
#include "git_fixture.hpp"
#include "support/catch.hpp"

using namespace teal;
using namespace teal::git;

namespace {

/// Commits of ours, and a bare remote with a hook.
class PushFixture : public GitFixture {
protected:
  PushFixture() { git({"init", "--quiet", "--bare", m_remote.string()}); }

  /// Of a commit that was made last.
  std::optional<std::string> push(const std::string& commit, const std::optional<std::string>& lease = {},
                                  bool dry_run = false) {
    m_kept.keep(Repository::open(source()), commit);
    return push_commit(remote(), m_kept.repository(),
                       {.commit = commit,
                        .ref = "refs/heads/main",
                        .lease = lease,
                        .dry_run = dry_run,
                        .on_output = [this](std::string_view text) { m_told += text; }},
                       {.environment = environment()});
  }
  [[nodiscard]] std::optional<std::string> there() const {
    return read_remote_ref(remote(), "refs/heads/main", m_kept.repository(), {.environment = environment()});
  }
  [[nodiscard]] Remote remote() const {
    return {.url = m_remote.string(), .key = {}, .known_hosts = {}, .authorization = {}};
  }
  void set_hook(const std::string& name, const std::string& script) const {
    write_text(m_remote / "hooks" / name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(m_remote / "hooks" / name, std::filesystem::perms(0755));
  }
  std::string make(const std::string& text) const {
    write("file", text);
    return commit(text);
  }

  std::filesystem::path m_remote = folder() / "remote.git";
  KeptCommits m_kept{folder() / "kept.git", environment()};
  std::string m_told;
};

} // namespace

TEST_CASE_METHOD(PushFixture, "a commit is pushed to a branch, and what the branch is there is told") {
  CHECK_FALSE(there());
  const std::string first = make("1");
  CHECK_FALSE(push(first));
  CHECK(there() == first);
  const std::string second = make("2");
  CHECK_FALSE(push(second));
  CHECK(there() == second);
}

TEST_CASE_METHOD(PushFixture, "what the remote says is told as it says it") {
  set_hook("post-receive", "echo '-----> Building'");
  CHECK_FALSE(push(make("1")));
  CHECK_THAT(m_told, ContainsSubstring("remote: -----> Building"));
}

TEST_CASE_METHOD(PushFixture, "a remote that refuses is told with its reason, and has what it had") {
  const std::string first = make("1");
  CHECK_FALSE(push(first));
  set_hook("pre-receive", "echo 'no Procfile' >&2; exit 1");
  CHECK(push(make("2")) == "[remote rejected] (pre-receive hook declined)");
  CHECK_THAT(m_told, ContainsSubstring("no Procfile"));
  CHECK(there() == first);
}

TEST_CASE_METHOD(PushFixture, "what the branch has is given up with a lease alone, and only what was seen there") {
  const std::string first = make("1");
  const std::string second = make("2");
  CHECK_FALSE(push(second));
  CHECK(push(first).has_value());
  CHECK(push(first, std::string(40, '1')).has_value());
  CHECK(there() == second);
  CHECK_FALSE(push(first, second));
  CHECK(there() == first);
}

TEST_CASE_METHOD(PushFixture, "a dry run moves nothing") {
  CHECK_FALSE(push(make("1"), "", true));
  CHECK_FALSE(there());
}

TEST_CASE_METHOD(PushFixture, "a remote that is away is told with git's last lines") {
  const std::string first = make("1");
  m_remote = folder() / "gone.git";
  CHECK_THROWS_WITH(push(first),
                    ContainsSubstring("cannot push to '" + m_remote.string() + "': git exited with 128:") &&
                        ContainsSubstring("does not appear to be a git repository"));
  CHECK_THROWS_WITH(there(), ContainsSubstring("cannot read '" + m_remote.string() + "': git exited with 128:"));
}

TEST_CASE_METHOD(PushFixture, "a remote that never ends is given up") {
  set_hook("pre-receive", "exec sleep 600");
  const std::string first = make("1");
  m_kept.keep(Repository::open(source()), first);
  CHECK_THROWS_WITH(push_commit(remote(), m_kept.repository(), {.commit = first, .ref = "refs/heads/main"},
                                {.environment = environment(), .deadline = Milliseconds(300)}),
                    ContainsSubstring("did not end within 300ms"));
}
