#pragma once
// Objects that others refer to: warehouses, pipelines, queries, alerts, dashboards, notification
// destinations, connections and secret scopes.
//
// POST /sim/lookups/{kind} puts one there unchecked; kinds: warehouse, pipeline, query, alert,
// legacy_alert, dashboard, legacy_dashboard, notification_destination, connection, secret_scope.
#include <memory>
#include <string_view>
#include <vector>

#include "simulator/collection.h"
#include "simulator/service.h"

namespace twinlake::simulator {

class Warehouses;

class Lookups : public Service {
 public:
  explicit Lookups(Region& region);
  [[nodiscard]] json world() const override;

  /// Does an object of this kind exist? False for kinds that nobody knows.
  [[nodiscard]] bool exists(std::string_view kind, std::string_view id) const;
  /// The raw object; nullptr when it does not exist.
  [[nodiscard]] const json* find(std::string_view kind, std::string_view id) const;
  [[nodiscard]] Warehouses& warehouses() const { return *warehouses_; }

 private:
  [[nodiscard]] Collection* collection(std::string_view kind) const;
  std::vector<std::unique_ptr<Collection>> collections_;
  Warehouses* warehouses_;  ///< one of them
};

}  // namespace twinlake::simulator
