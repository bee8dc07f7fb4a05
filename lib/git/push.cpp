#include "git/push.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "git/remote_command.hpp"

#include <fmt/format.h>

namespace teal::git {

namespace {

constexpr int k_no_such_ref = 2; ///< git-ls-remote(1), --exit-code

[[noreturn]] void fail(std::string_view doing, const Remote& remote, const Outcome& outcome, Milliseconds deadline) {
  const std::string words =
      fmt::format("cannot {} '{}': git {}", doing, printable(remote.url), outcome.how_it_ended(deadline));
  const std::string tail = printable(last_lines(outcome.tail, 5), true);
  throw Error(outcome.timed_out ? ErrorKind::timeout : ErrorKind::environment,
              tail.empty() ? words : words + ":\n" + tail);
}

/// Of git-push(1)'s porcelain lines, "FLAG TAB FROM:TO TAB SUMMARY", that of a ref that was refused.
std::optional<std::string> refusal_in(const std::string& output) {
  for (const std::string& line : split(output, '\n')) {
    const auto fields = split(line, '\t');
    if (fields.size() >= 3 && fields[0] == "!") {
      return printable(fields[2]);
    }
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> read_remote_ref(const Remote& remote, const std::string& ref,
                                           const std::filesystem::path& repository, const FetchOptions& options) {
  const Outcome asked =
      run(remote_command(remote, repository, options, {"ls-remote", "--exit-code", "--quiet", "--", remote.url, ref}));
  if (asked.exit_code == k_no_such_ref && !asked.signal && !asked.timed_out && !asked.interrupted) {
    return std::nullopt;
  }
  if (!asked.succeeded()) {
    fail("read", remote, asked, options.deadline);
  }
  for (const std::string& line : split(asked.output, '\n')) {
    const auto fields = split(line, '\t');
    if (fields.size() == 2 && fields[1] == ref) { // it may have others that only end so
      return fields[0];
    }
  }
  return std::nullopt;
}

std::optional<std::string> push_commit(const Remote& remote, const std::filesystem::path& repository,
                                       const PushOrder& order, const FetchOptions& options) {
  std::vector<std::string> arguments{"push", "--porcelain", "--no-verify", "--no-follow-tags",
                                     "--recurse-submodules=no"};
  if (order.lease) {
    arguments.push_back(fmt::format("--force-with-lease={}:{}", order.ref, *order.lease));
  }
  if (order.dry_run) {
    arguments.emplace_back("--dry-run");
  }
  arguments.insert(arguments.end(), {"--", remote.url, fmt::format("{}:{}", order.commit, order.ref)});
  const auto silence = std::chrono::ceil<std::chrono::seconds>(options.deadline); // it may be building
  Command command = remote_command(remote, repository, options, arguments, silence);
  command.on_output = order.on_output;
  const Outcome pushed = run(command);
  if (pushed.succeeded()) {
    return std::nullopt;
  }
  if (auto refusal = pushed.timed_out || pushed.interrupted ? std::nullopt : refusal_in(pushed.output)) {
    return refusal;
  }
  fail("push to", remote, pushed, options.deadline);
}

} // namespace teal::git
