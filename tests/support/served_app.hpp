/// @file
/// ServedApp: an app whose first version serves on blue, to see what becomes of it when the next one is pushed.
#pragma once

#include "support/test_host.hpp"

#include <boost/json/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace teal {

class ServedApp {
public:
  /// Pushes v1, whose program gets `arguments`, with what `settings` say.
  explicit ServedApp(const std::vector<std::string>& arguments = {}, std::string_view settings = "");

  [[nodiscard]] const TestHost& host() const { return m_host; }
  [[nodiscard]] const Project& project() const { return m_project; }
  [[nodiscard]] const std::string& name() const { return m_name; }
  [[nodiscard]] std::filesystem::path settings_file() const { return m_host.home().app(m_name).settings(); }
  /// Writes app.yml anew: the ports it had, and this.
  void set_settings(std::string_view yaml) const;
  [[nodiscard]] std::string answer(Color color = Color::blue) const { return m_host.answer(m_name, color); }

  /// Commits and pushes; fails the test unless the deployment succeeded. Returns what the pusher saw.
  std::string push(const std::string& version, Color color = Color::blue) const;
  /// Commits and pushes; fails the test unless the deployment failed, said so last with what still runs, and blue
  /// answers as before. Returns what the pusher saw.
  std::string push_in_vain(const std::string& version, Color color = Color::blue) const;
  /// `history --json` of the newest deployment.
  [[nodiscard]] boost::json::value newest() const;
  /// The newest deployment's step of that name, once it has ended.
  [[nodiscard]] boost::json::value ended_step(std::string_view step) const;

private:
  TestHost m_host;
  std::string m_name = m_host.create_app();
  Project m_project;
};

/// What git shows of a push without its "remote: " and trailing blanks.
[[nodiscard]] std::string what_was_told(const Outcome& push);

/// A file's text with `from`, which must be there, replaced by `to`; put back at the end of its life.
class ChangedFile {
public:
  ChangedFile(std::filesystem::path file, std::string_view from, std::string_view to);
  ChangedFile(const ChangedFile&) = delete;
  ChangedFile& operator=(const ChangedFile&) = delete;
  ~ChangedFile();

private:
  std::filesystem::path m_file;
  std::string m_before;
};

} // namespace teal
