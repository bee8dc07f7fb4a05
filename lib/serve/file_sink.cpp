#include "serve/file_sink.hpp"

#include "core/glob.hpp"
#include "core/text.hpp"
#include "model/event.hpp"
#include "trigger/trigger_name.hpp"

#include <fmt/format.h>

namespace teal::serve {

namespace {

constexpr std::string_view k_branches = "refs/heads/";

/// For people who look into the folder, and for the log of whoever follows it.
std::string line_of(const webhook::Delivery& delivery) {
  return printable(fmt::format("{} {} {} by {}, delivery {}", delivery.ref,
                               delivery.new_commit.empty() ? "-" : delivery.new_commit, delivery.repository,
                               delivery.pusher.empty() ? "-" : delivery.pusher, delivery.id));
}

} // namespace

bool FileSink::take(const VerifiedHook& hook, Answer answer) {
  try {
    const Result result = put_files(hook);
    m_is_sound = true;
    answer(result);
  } catch (const Error& error) {
    m_is_sound = false;
    answer(error);
  }
  return true;
}

HookSink::Result FileSink::put_files(const VerifiedHook& hook) const {
  const ReceiverBook::Naming naming = m_book.naming(hook.source);
  if (naming.pattern.empty()) {
    return Declined{"there is no such source any more"};
  }
  std::string why;
  bool has_put = false;
  for (const webhook::Delivery& one : hook.asked) {
    const std::string name(printable(short_ref(one.ref)));
    if (!one.ref.starts_with(k_branches)) {
      why = fmt::format("'{}' is a tag: trigger files are for branches", name);
      continue;
    }
    const std::string_view branch = std::string_view(one.ref).substr(k_branches.size());
    if (!naming.branch.empty() && !matches_glob(naming.branch, branch)) {
      why = fmt::format("'{}' is none of the branches '{}' of the source", name, naming.branch);
      continue;
    }
    try {
      const std::string file = trigger_file_name(
          naming.pattern,
          {.app = hook.source.app, .source = hook.source.name, .repository = one.repository, .branch = branch});
      m_drop.put(file, line_of(one));
      m_log.info("a trigger file was written",
                 {{"app", hook.source.app}, {"source", hook.source.name}, {"file", file}});
      has_put = true;
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::usage) {
        throw;
      }
      why = error.message();
    }
  }
  if (has_put) {
    return Taken{};
  }
  m_log.info(why, {{"app", hook.source.app}, {"source", hook.source.name}});
  return Declined{why};
}

} // namespace teal::serve
