/// @file
/// ReportHome: a home with settings, a store and an engine that is away.
#pragma once

#include "model/home.hpp"
#include "process/atomic_file.hpp"
#include "store/store.hpp"
#include "unit/store/store_fixture.hpp"

#include <filesystem>
#include <string>

namespace teal {

inline constexpr const char* k_some_ports = "colors: {blue: {port: 50101}, green: {port: 50100}}\n";

class ReportHome : public StoreFixture {
protected:
  ReportHome() {
    write_file(m_home.settings(), "engine: {host: 'unix://" + (m_folder.path() / "no.sock").string() + "'}\n");
  }

  void make_app(const std::string& name, const std::string& settings) const {
    std::filesystem::create_directories(m_home.app(name).root);
    write_file(m_home.app(name).settings(), settings);
  }

  Home m_home{m_folder.path()};
  Store m_store{m_file, m_clock};
};

} // namespace teal
