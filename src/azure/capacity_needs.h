#pragma once
// How many machines of which sort the estate needs at once when it runs elsewhere: what is released
// by a failover, what is always on, and what pools keep ready. Pure. Facts, azure 11.4.
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "model/object.h"
#include "workspace/inventory.h"

namespace twinlake::azure {

struct NodeCount {
  std::int64_t on_demand = 0;
  std::int64_t spot = 0;
};

/// Machines that one cluster needs at its largest, or that one pool keeps idle.
struct Need {
  enum class Why {
    trigger,    ///< a trigger of the object starts it
    always_on,  ///< the operator says that it always runs
    used,       ///< something that is started by itself runs on it, or starts it
    idle,       ///< a pool keeps them ready
  };
  std::string address;
  std::string place;  ///< of the cluster within the definition; empty: the object itself
  Why why = Why::trigger;
  std::map<std::string, NodeCount> nodes;  ///< by node type

  [[nodiscard]] std::int64_t count() const;  ///< of machines
};
[[nodiscard]] std::string_view name_of(Need::Why why);  ///< one clause: "started by a trigger", ...

struct Needs {
  std::vector<Need> needs;
  std::vector<model::Finding> unknown;  ///< whose machines only a policy or the service knows
};

/// What the configuration replaces in a definition on its way to the standby.
using OnTheWay = std::function<void(const model::Kind& kind, nlohmann::json& definition)>;

/// `primary`: with definitions as read_definitions() gives them; `rewrite` may be empty. One run of
/// each job counts. SQL warehouses are not counted but told: no API says what these are made of.
[[nodiscard]] Needs needs_of(
    const workspace::Inventory& primary, Time now,
    const std::function<bool(const model::Kind&, const std::string& key)>& is_always_on,
    const OnTheWay& rewrite = {});

}  // namespace twinlake::azure
