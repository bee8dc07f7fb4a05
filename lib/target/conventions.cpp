#include "target/conventions.hpp"

#include "config/app_json.hpp"
#include "config/procfile.hpp"
#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace teal {

namespace {

class Conventions {
public:
  Conventions(AppSettings& settings, const SettingsText& own, const CommitFiles& files)
      : m_settings(settings), m_files(files) {
    for (const SettingValue& value : describe_app_settings(own, files.settings)) {
      if (value.origin != "default") {
        m_given.insert(value.key);
      }
    }
  }

  std::vector<std::string> follow() {
    const AppJson app = m_files.app_json ? parse_app_json(*m_files.app_json) : AppJson();
    if (m_files.procfile) {
      take_processes(parse_procfile(*m_files.procfile), app);
    }
    if (app.web) {
      take_check(*app.web);
    }
    for (const std::string& name : app.ignored) {
      note("{} of app.json is not heeded", name);
    }
    return std::move(m_notes);
  }

private:
  template <class... Words>
  void note(fmt::format_string<Words...> format, Words&&... words) {
    m_notes.push_back(fmt::format(format, std::forward<Words>(words)...));
  }

  void take_processes(const std::vector<ProcfileEntry>& entries, const AppJson& app) {
    bool has_web = false;
    for (const ProcfileEntry& entry : entries) {
      const std::string origin = fmt::format("Procfile:{}", entry.line);
      const auto found = app.quantities.find(entry.name);
      const std::int64_t quantity = found == app.quantities.end() ? 1 : found->second;
      has_web = has_web || entry.name == k_web_process;
      if (quantity > 1) {
        note("formation.{}.quantity of app.json is {}: {}", entry.name, quantity,
             entry.name == k_web_process ? "tealhook scale says how many are run" : "one is run");
      }
      if (entry.name == k_web_process) {
        take_web(entry, origin);
      } else if (entry.name == k_release_process) {
        take_release(entry, origin);
      } else if (quantity == 0) {
        note("{} is not run: formation.{}.quantity of app.json is 0", entry.name, entry.name);
      } else if (m_settings.run.processes.contains(entry.name)) {
        note("{} is run.processes' and not {}'s", entry.name, origin);
      } else {
        m_settings.run.processes.emplace(entry.name, entry.command);
        note("{} is {}", entry.name, origin);
      }
    }
    if (!has_web) {
      note("Procfile has no web: the image's own command answers requests");
    }
  }

  void take_web(const ProcfileEntry& entry, const std::string& origin) {
    if (m_given.contains("run.args")) {
      note("web is the image's with run.args and not {}'s", origin);
    } else {
      m_settings.run.web = entry.command;
      note("web is {}", origin);
    }
  }

  void take_release(const ProcfileEntry& entry, const std::string& origin) {
    if (m_given.contains("deploy.before_switch")) {
      note("deploy.before_switch is run first and not {}", origin);
    } else {
      m_settings.deploy.before_switch = {entry.command};
      note("{} is run first", origin);
    }
  }

  void take_check(const AppJson::Check& check) {
    HealthSettings& health = m_settings.health;
    if (health.is_told) {
      note("the health check is the settings' and not app.json's");
      return;
    }
    health.kind = check.asks.kind;
    health.path = check.asks.path;
    health.command = check.asks.command;
    health.is_told = true;
    take_time("health.timeout", check.timeout, health.timeout);
    take_time("health.deadline", check.deadline, health.deadline);
    take_time("health.settle", check.settle, health.settle);
    note("the health check is app.json's");
  }

  void take_time(const std::string& key, const std::optional<Milliseconds>& time, Milliseconds& member) const {
    if (time && !m_given.contains(key)) {
      member = *time;
    }
  }

  AppSettings& m_settings;
  const CommitFiles& m_files;
  std::set<std::string> m_given; ///< keys that the settings have
  std::vector<std::string> m_notes;
};

void require_within(const AppJson::Check& check, const std::optional<Milliseconds>& asked, Milliseconds most,
                    std::string_view limit) {
  if (asked && *asked > most) {
    throw Error(ErrorKind::settings,
                fmt::format("{}: the check may take {}: a pushed file may give at most {} ({}); app.yml on the server "
                            "may give more",
                            check.origin, format_duration(*asked), format_duration(most), limit));
  }
}

} // namespace

std::vector<std::string> follow_conventions(AppSettings& settings, const SettingsText& own, const CommitFiles& files) {
  return files.procfile || files.app_json ? Conventions(settings, own, files).follow() : std::vector<std::string>();
}

void require_patience(const CommitFiles& files, const ServerSettings::Limits& limits) {
  if (files.settings) {
    require_patience(*files.settings, limits);
  }
  const auto check = files.app_json ? parse_app_json(*files.app_json).web : std::nullopt;
  if (check) {
    require_within(*check, check->timeout, limits.health_timeout, "limits.health_timeout");
    require_within(*check, check->deadline, limits.health_deadline, "limits.health_deadline");
    require_within(*check, check->settle, limits.health_settle, "limits.health_settle");
  }
}

} // namespace teal
