/// @file
/// FileSink: deliveries into trigger files, for a `tealhook serve` that watches the folder.
///
/// Nothing is remembered: what is sent twice gives the same file once more, and whoever follows it finds that the
/// commit was asked for.
#pragma once

#include "serve/hook_sink.hpp"
#include "serve/receiver_book.hpp"
#include "trigger/trigger_drop.hpp"

#include <atomic>

namespace teal::serve {

class FileSink : public HookSink {
public:
  FileSink(const TriggerDrop& drop, const ReceiverBook& book, const Log& log)
      : m_drop(drop), m_book(book), m_log(log) {}

  /// Waits for the disk, and answers before it returns. Tags and branches that do not count are declined.
  [[nodiscard]] bool take(const VerifiedHook& hook, Answer answer) override;
  [[nodiscard]] bool is_sound() const override { return m_is_sound; }

private:
  [[nodiscard]] Result put_files(const VerifiedHook& hook) const;

  const TriggerDrop& m_drop;
  const ReceiverBook& m_book;
  const Log& m_log;
  std::atomic<bool> m_is_sound = true;
};

} // namespace teal::serve
