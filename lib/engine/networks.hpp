/// @file
/// Networks: one bridge an app, and who is attached to it.
#pragma once

#include "engine/containers.hpp"
#include "engine/engine.hpp"
#include "engine/subnet.hpp"

#include <optional>
#include <string>

namespace teal::engine {

class Networks {
public:
  explicit Networks(Engine& engine) : m_engine(engine) {}

  enum class Reach {
    outside,  ///< also beyond the host, and published ports are open
    internal, ///< its own containers only, and published ports stay closed
  };
  /// Makes the bridge network where it is missing. Throws Error(environment) if one of that name lacks `labels`: it is
  /// somebody else's.
  /// One that it makes leaves the lower half of its addresses to us.
  void ensure(const std::string& name, const Labels& labels, Reach reach = Reach::outside);
  /// The addresses of a network that ensure() made; nothing for one that leaves us none.
  [[nodiscard]] std::optional<Subnet> addresses(const std::string& name);
  /// Fine if it is not there.
  void remove(const std::string& name);
  /// Only if it has `labels`: one of that name may be somebody else's.
  void remove_labelled(const std::string& name, const Labels& labels);
  /// Attach a container (by id), also while it runs; its published ports come to be with its first network.
  void connect(const std::string& network, const std::string& container, const std::string& alias);
  /// Detach it, also while it runs. Its published ports are free as soon as it is on no bridge network any more; until
  /// then the engine moves them to one that is left. Fine if it is not attached.
  void disconnect(const std::string& network, const std::string& container);

private:
  void create(const std::string& name, const Labels& labels, Reach reach);

  Engine& m_engine;
};

} // namespace teal::engine
