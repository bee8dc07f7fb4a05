# Language level, warnings and sanitizers, carried by one interface target that every target of ours links.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# Links in half the time, which counts where there are many tests.
find_program(GOLD ld.gold)
if(GOLD AND CMAKE_BUILD_TYPE STREQUAL "Debug")
  add_link_options(-fuse-ld=gold)
endif()

# Catch2 and CLI11 are most of what there is to compile. Off where a compiler cache serves several clones: what it keeps
# of files with a precompiled header is of use to one clone only.
option(TEAL_PRECOMPILE "Precompile the headers of Catch2 and CLI11" ON)

set(TEAL_SANITIZE "" CACHE STRING "Sanitizers to build with, for -fsanitize=")

add_library(teal_options INTERFACE)
target_compile_options(teal_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wundef -Werror
  -Wno-missing-field-initializers) # what a designated initialiser leaves out has its default
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # gcc 12 reports these in its own headers and in Boost's once they are inlined into us.
  target_compile_options(teal_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-stringop-overflow
    -Wno-array-bounds -Wno-free-nonheap-object
    -Wno-tsan) # fences, of which Asio has some, are unknown to the thread sanitizer
endif()
if(TEAL_SANITIZE)
  target_compile_options(teal_options INTERFACE -fsanitize=${TEAL_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(teal_options INTERFACE -fsanitize=${TEAL_SANITIZE})
  if(TEAL_SANITIZE MATCHES "address")
    # Each variable is told of with its address: a start took a sixth of its time to write 70,000 of them anew.
    target_compile_options(teal_options INTERFACE -fno-pie)
    target_link_options(teal_options INTERFACE -no-pie)
  endif()
  if(TEAL_SANITIZE MATCHES "undefined")
    # What there is to say of each check is 120 MB of data, for which each start of a program took 0.3 s of a core. The
    # address sanitizer tells of the trap, and its line (ASAN_OPTIONS=handle_sigill=1).
    target_compile_options(teal_options INTERFACE -fsanitize-undefined-trap-on-error)
  endif()
endif()
