#include "program_log.hpp"

#include "color_option.hpp"
#include "core/text.hpp"
#include "leave_watch.hpp"
#include "report/json.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <functional>
#include <iostream>

namespace teal::tool {

namespace {

constexpr int k_interrupted = 130;
constexpr int k_usual_lines = 100;
constexpr std::chrono::hours k_for_ever(24 * 365);
constexpr Milliseconds k_pause(300); ///< between looks for what takes an ended program's place
constexpr std::size_t k_longest_line = std::size_t{64} << 10U;

/// Whole lines of what comes in pieces.
class Lines {
public:
  explicit Lines(std::function<void(const std::string&)> tell) : m_tell(std::move(tell)) {}

  void add(std::string_view text) {
    m_rest += text;
    std::size_t from = 0;
    for (auto end = m_rest.find('\n'); end != std::string::npos; end = m_rest.find('\n', from)) {
      m_tell(m_rest.substr(from, end - from));
      from = end + 1;
    }
    m_rest.erase(0, from);
    if (m_rest.size() > k_longest_line) {
      finish();
    }
  }
  void finish() {
    if (!m_rest.empty()) {
      m_tell(std::exchange(m_rest, {}));
    }
  }

private:
  std::function<void(const std::string&)> m_tell;
  std::string m_rest;
};

class Show {
public:
  Show(Context& context, const ProgramLogOptions& options, Services& services, Store& store)
      : m_context(context), m_options(options), m_services(services), m_output(context.output()),
        m_slot(slot_of(services, store, options)) {}

  void run() {
    LogOrder order{.since = since(), .lines = lines(), .follow = m_options.follow};
    auto log = find(order);
    if (!log) {
      throw Error(ErrorKind::usage, fmt::format("there is no '{}': {}", m_slot.current_name(),
                                                m_slot.process.empty() ? "nothing was deployed to it"
                                                                       : "see tealhook status for its processes"));
    }
    while (log) {
      print(*log);
      order = {.since = m_context.clock().now(), .lines = std::nullopt, .follow = true};
      log = m_options.follow ? await_next(*log, order) : std::nullopt;
    }
    if (m_context.json && !m_options.follow) {
      m_context.print_json({{"app", m_slot.app},
                            {"color", to_string(m_slot.color)},
                            {"process", text_or_null(m_slot.process)},
                            {"container", m_name},
                            {"lines", std::move(m_lines)}});
    }
    m_context.exit_code = m_watch.was_interrupted() ? k_interrupted : 0;
  }

private:
  static Slot slot_of(Services& services, Store& store, const ProgramLogOptions& options) {
    const Slot web = services.slot(options.app, chosen_color(services, store, options.app, options.color));
    return options.process.empty() ? web.of_replica(options.replica) : web.of_process(options.process);
  }

  [[nodiscard]] std::optional<TimePoint> since() const {
    return m_options.since ? std::optional(m_context.clock().now() - *m_options.since) : std::nullopt;
  }
  [[nodiscard]] std::optional<int> lines() const {
    return m_options.lines || m_options.since ? m_options.lines : std::optional(k_usual_lines);
  }

  [[nodiscard]] std::optional<ProgramLog> find(const LogOrder& order) {
    return m_services.target(m_slot.app).program_log(m_slot, order);
  }

  void print(const ProgramLog& log) {
    m_name = log.name;
    Lines lines([this](const std::string& line) { tell(line); });
    Command command = log.command;
    command.deadline = k_for_ever;
    command.interrupt = m_watch.token();
    command.on_output = [&](std::string_view text) { lines.add(text); };
    const Outcome outcome = teal::run(command);
    lines.finish();
    if (!m_options.follow && !outcome.succeeded() && !outcome.interrupted) {
      throw Error(ErrorKind::environment,
                  fmt::format("the engine's command line {}", outcome.how_it_ended(k_for_ever)));
    }
  }

  void tell(const std::string& raw) {
    const std::string line = printable(raw.ends_with('\r') ? raw.substr(0, raw.size() - 1) : raw);
    if (!m_context.json) {
      m_output.write(line + "\n");
    } else if (m_options.follow) {
      m_context.print_json({{"container", m_name}, {"line", to_text(line)}});
      std::cout.flush();
    } else {
      m_lines.emplace_back(to_text(line));
    }
  }

  /// The same one in its next life, or, from its beginning, what took its place. Nothing once somebody left.
  std::optional<ProgramLog> await_next(const ProgramLog& ended, const LogOrder& order) {
    while (!m_watch.token().stop_requested()) {
      auto next = find(order);
      if (next && next->id != ended.id) {
        if (!m_context.json) {
          m_output.write(fmt::format("-- another container is '{}' now --\n", next->name));
        }
        return find({.since = std::nullopt, .lines = std::nullopt, .follow = true});
      }
      if (next && next->runs) {
        return next;
      }
      sleep_unless(m_watch.token(), k_pause);
    }
    return std::nullopt;
  }

  Context& m_context;
  const ProgramLogOptions& m_options;
  Services& m_services;
  Output m_output;
  Slot m_slot;
  std::string m_name;
  boost::json::array m_lines;
  LeaveWatch m_watch;
};

} // namespace

void show_program_log(Context& context, const ProgramLogOptions& options) {
  Services services = context.open_services();
  context.require(Verb::logs, services.home, options.app);
  Store store(services.home.store(), context.clock());
  Show(context, options, services, store).run();
}

} // namespace teal::tool
