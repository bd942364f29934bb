#pragma once
#include <nlohmann/json.hpp>

#include "simulator/region.h"

namespace twinlake::simulator {

/// One family of endpoints with its data. Registers its routes with the region's router when made.
class Service {
 public:
  virtual ~Service() = default;
  /// Its whole content for GET /sim/world, as an object {"jobs": [...], ...}; stable order.
  [[nodiscard]] virtual json world() const = 0;
  /// Nothing runs between requests: before each one, what has come due since happens in its order.
  virtual void catch_up() {}
};

template <class T>
T& Region::get() {
  for (auto& service : services_)
    if (auto* found = dynamic_cast<T*>(service.get())) return *found;
  throw std::logic_error("this region lacks a service [bug]");
}

}  // namespace twinlake::simulator
