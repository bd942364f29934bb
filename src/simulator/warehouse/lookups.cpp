#include "simulator/warehouse/lookups.h"

#include "simulator/jobs/pipelines.h"
#include "simulator/secrets/secret_scopes.h"
#include "simulator/settings/destinations.h"
#include "simulator/sql/objects.h"
#include "simulator/warehouse/alerts.h"
#include "simulator/warehouse/connections.h"
#include "simulator/warehouse/dashboards.h"
#include "simulator/warehouse/warehouses.h"

namespace twinlake::simulator {

Lookups::Lookups(Region& region) {
  auto warehouses = std::make_unique<Warehouses>(region);
  warehouses_ = warehouses.get();
  collections_.push_back(std::move(warehouses));
  collections_.push_back(std::make_unique<Pipelines>(region));
  collections_.push_back(std::make_unique<Queries>(region));
  collections_.push_back(std::make_unique<LegacyAlerts>(region));
  collections_.push_back(std::make_unique<Alerts>(region));
  collections_.push_back(std::make_unique<Dashboards>(region));
  collections_.push_back(std::make_unique<LegacyDashboards>(region));
  collections_.push_back(std::make_unique<Destinations>(region));
  collections_.push_back(std::make_unique<Connections>(region));
  collections_.push_back(std::make_unique<SecretScopes>(region));
  region.router().add(http::Method::post, "/sim/lookups/{kind}", [this, &region](Call& call) {
    Collection* found = collection(call.arguments.at("kind"));
    if (found == nullptr) return invalid("No kind " + call.arguments.at("kind") + " to plant.");
    const std::string creator = call.caller.empty() ? region.options().admin : call.caller;
    return answer(found->plant(call.body, creator));
  });
}

Collection* Lookups::collection(std::string_view kind) const {
  for (const auto& found : collections_)
    if (found->shape().kind == kind) return found.get();
  return nullptr;
}

bool Lookups::exists(std::string_view kind, std::string_view id) const {
  return find(kind, id) != nullptr;
}

const json* Lookups::find(std::string_view kind, std::string_view id) const {
  const Collection* found = collection(kind);
  return found == nullptr ? nullptr : found->find(id);
}

json Lookups::world() const {
  json all = json::object();
  for (const auto& each : collections_) all.update(each->world());
  return all;
}

}  // namespace twinlake::simulator
