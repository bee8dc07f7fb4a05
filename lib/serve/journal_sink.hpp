/// @file
/// JournalSink: deliveries into the store, without what proves who sent them.
#pragma once

#include "serve/hook_sink.hpp"
#include "serve/journal.hpp"

namespace teal::serve {

class JournalSink : public HookSink {
public:
  JournalSink(Journal& journal, const Clock& clock) : m_journal(journal), m_clock(clock) {}

  [[nodiscard]] bool take(const VerifiedHook& hook, Answer answer) override;
  [[nodiscard]] bool is_sound() const override { return !m_journal.fault(); }

private:
  Journal& m_journal;
  const Clock& m_clock;
};

} // namespace teal::serve
