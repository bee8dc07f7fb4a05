# Third-party libraries, all from the distribution. Each is linked by the one folder of lib/ that wraps it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(fmt REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(SQLiteCpp REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json url filesystem)
find_package(boost_process CONFIG QUIET) # compiled since Boost 1.86, header-only before
pkg_check_modules(LIBGIT2 REQUIRED IMPORTED_TARGET libgit2>=1.5)
pkg_check_modules(LIBCRYPT REQUIRED IMPORTED_TARGET libcrypt)

if(NOT TARGET yaml-cpp::yaml-cpp) # before yaml-cpp 0.8
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
