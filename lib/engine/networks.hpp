/// @file
/// Networks: bridges of ours, the subnets they get, and who is attached to them.
///
/// Invariant: a network of ours is made whole by one call, with a subnet that no other network of the engine and no
/// route of its host shares; whoever is killed at it leaves one that is good, or none.
#pragma once

#include "core/subnet.hpp"
#include "engine/containers.hpp"
#include "engine/engine.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace teal::engine {

/// Where the subnets of our networks come from.
struct AddressPool {
  Subnet range;               ///< engine.address_pool, a /24 or wider
  std::filesystem::path lock; ///< held while one is made: the engine may make two networks of one name at once
};

/// How many subnets for apps a pool has, and who has the rest.
struct PoolUse {
  Subnet range;
  std::size_t size = 0;
  std::size_t left = 0;
  std::size_t of_networks = 0; ///< the engine's, ours among them
  std::size_t of_routes = 0;   ///< what else this host has routes to
};

/// "1003 of 1024 subnets for apps are left in 10.213.0.0/16".
[[nodiscard]] std::string describe(const PoolUse& use);
/// Who has the others, and what to do.
[[nodiscard]] std::string describe_shortage(const PoolUse& use);

class Networks {
public:
  Networks(Engine& engine, AddressPool pool) : m_engine(engine), m_pool(std::move(pool)) {}

  enum class Reach {
    outside,  ///< also beyond the host, and published ports are open; 64 addresses, the lower half is ours to give
    internal, ///< nobody, not even each other, and published ports stay closed; more addresses, where there are
    inside,   ///< each other alone, and published ports stay closed
  };
  /// Makes the bridge network where it is missing. Throws Error(environment) if one of that name lacks `labels`: it is
  /// somebody else's; or if no subnet is left. Returns its addresses().
  std::optional<Subnet> ensure(const std::string& name, const Labels& labels, Reach reach = Reach::outside);
  /// Nothing if there is no such network.
  [[nodiscard]] std::optional<Labels> labels(const std::string& name);
  /// The addresses of a network whose lower half is ours; nothing for another one.
  [[nodiscard]] std::optional<Subnet> addresses(const std::string& name);
  /// How many containers the engine can give an address of the network to, or of the one that ensure() would make.
  [[nodiscard]] std::uint64_t capacity(const std::string& name);
  [[nodiscard]] PoolUse pool_use();
  /// Fine if it is not there.
  void remove(const std::string& name);
  /// Only if it has `labels`: one of that name may be somebody else's.
  void remove_labelled(const std::string& name, const Labels& labels);
  struct Named {
    std::string name;
    Labels labels;
  };
  /// Those that have all of `labels`.
  [[nodiscard]] std::vector<Named> list(const Labels& labels);
  /// Attach a container (by id), also while it runs; its published ports come to be with its first network. `address`
  /// is its own there for ever; empty: any.
  void connect(const std::string& network, const std::string& container, const std::string& alias,
               const std::string& address = {});
  /// Detach it, also while it runs. Its published ports are free as soon as it is on no bridge network any more; until
  /// then the engine moves them to one that is left. Fine if it is not attached.
  void disconnect(const std::string& network, const std::string& container);

private:
  struct Taken {
    std::vector<Subnet> networks;
    std::vector<Subnet> routes;
  };

  void create(const std::string& name, const Labels& labels, Reach reach);
  [[nodiscard]] PoolUse use_of(const Taken& taken) const;
  [[nodiscard]] std::optional<Subnet> choose(const std::string& name, Reach reach, const Taken& taken) const;

  Engine& m_engine;
  AddressPool m_pool;
};

/// As Networks::connect(), which needs no pool.
void connect(Engine& engine, const std::string& network, const std::string& container, const std::string& alias,
             const std::string& address = {});

} // namespace teal::engine
