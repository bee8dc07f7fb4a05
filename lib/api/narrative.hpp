/// @file
/// Narrative: what a response tells that has no end yet, piece by piece, as fast as its reader takes it.
#pragma once

#include "store/store.hpp"

#include <string>

namespace teal::api {

class Narrative {
public:
  /// Of a piece, in bytes; what one event comes to may be more.
  static constexpr std::size_t k_piece = std::size_t{16} << 10U;

  Narrative() = default;
  Narrative(const Narrative&) = delete;
  Narrative& operator=(const Narrative&) = delete;
  virtual ~Narrative() = default;

  /// What is new; empty where nothing is. Throws Error where that cannot be told.
  [[nodiscard]] virtual std::string next(const Store& store) = 0;
  /// Nothing more will be.
  [[nodiscard]] virtual bool is_over() const = 0;
  /// What its reader gets where there is nothing for long; empty: nothing.
  [[nodiscard]] virtual std::string heartbeat() const = 0;
};

} // namespace teal::api
