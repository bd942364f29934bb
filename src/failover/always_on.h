#pragma once
// What shall run on the new primary from a failover on, because the operator says so: clusters and warehouses
// that people or tools expect to find up. Nothing starts them by itself, so they have no trigger to give back.
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "model/kind.h"
#include "model/object.h"
#include "workspace/inventory.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

/// One rule of the operator.
struct AlwaysOn {
  std::string text;  ///< as it is written, for messages
  std::function<bool(const model::Kind& kind, const std::string& key)> matches;
};

/// Something that a rule matches and that does not run.
struct AtRest {
  const model::Kind* kind = nullptr;
  std::string id;
  std::string key;
  bool is_going_down = false;  ///< it can be started a little later
  [[nodiscard]] std::string address() const { return model::address_of(kind->name, key); }
};

struct StartPlan {
  std::vector<AtRest> down;
  std::vector<model::Finding> findings;  ///< rules that match nothing
};

/// Looks at what can be started on that side. An error: a listing could not be had, so nobody knows.
[[nodiscard]] Task<Result<StartPlan>> plan_start(workspace::Workspace& side, std::span<const model::Kind* const> kinds, workspace::InScope in_scope,
                                                 std::vector<AlwaysOn> rules);

}  // namespace twinlake::failover
