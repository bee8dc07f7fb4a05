/// @file
/// Story: a deployment as server-sent events, from where its reader was left off to its end.
///
/// Events: `status` and `step` when one changes, `log` for each line, and at last `outcome`. A line's id is where the
/// next one begins, in bytes, so that a reader who comes back with it as Last-Event-ID misses nothing and hears nothing
/// twice; status and steps are told anew.
#pragma once

#include "api/log_file.hpp"
#include "api/narrative.hpp"
#include "model/deployment.hpp"
#include "model/home.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace teal::api {

/// One event, as it goes over the wire. `id` may be empty: then the reader's last one stays.
[[nodiscard]] std::string sse_event(std::string_view name, std::string_view id, std::string_view data);

class Story final : public Narrative {
public:
  static constexpr std::string_view k_end = "end"; ///< the id of the outcome

  /// From that byte of its log on.
  Story(const Home& home, const Deployment& deployment, std::uint64_t from);

  [[nodiscard]] std::string next(const Store& store) override;
  [[nodiscard]] bool is_over() const override { return m_is_over; }
  [[nodiscard]] std::string heartbeat() const override { return ": still there\n\n"; }

private:
  /// What changed since the last look.
  [[nodiscard]] std::string look(const Store& store);
  [[nodiscard]] std::string changes(const Deployment& deployment);
  [[nodiscard]] std::string lines();

  const std::int64_t m_id;
  LogFile m_log;
  std::uint64_t m_offset;
  std::optional<std::int64_t> m_version; ///< of the store, at the last look
  std::optional<Deployment> m_deployment;
  std::optional<Status> m_told_status;
  std::map<StepName, StepStatus> m_told_steps;
  bool m_is_over = false;
};

} // namespace teal::api
