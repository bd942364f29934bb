#pragma once
// system.access.audit: who did what in this workspace, as rows of a table that SQL reads. It is
// late: an event is shown some time after it happened, and not in the order in which they happened.
// Only the events of the services below are written. (Azure Databricks documentation, audit log
// system table reference.)
//
// POST /sim/audit changes what differs from place to place (AuditSettings).
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "simulator/service.h"
#include "simulator/sql/expression.h"

namespace twinlake::simulator {

struct AuditSettings {
  bool enabled = false;  ///< the schema `access` of the metastore; before that nothing is kept
  /// Users, groups and service principals that may read it besides the admins of the metastore.
  std::vector<std::string> readers;
  std::int64_t lag_millis = 300'000;      ///< at least so late
  std::int64_t spread_millis = 600'000;   ///< up to so much later, each event as it comes
  std::int64_t longest_params = 102'400;  ///< bytes of the parameters' JSON; longer ones are cut
  /// Where sources disagree or say nothing, a client has to live with both.
  bool ids_as_paths = false;  ///< resourceId is "/jobs/17", not "17"
  bool tree_in_resource_id =
      false;  ///< changeWorkspaceAcl says resourceId, not aclChangeResourceName
  bool old_warehouse_events = false;  ///< changeEndpointAcls, not changeWarehouseAcls
  bool workspace_id_is_number = false;
};

class AuditLog : public Service {
 public:
  explicit AuditLog(Region& region);
  [[nodiscard]] json world() const override;

  struct Event {
    std::string service;
    std::string action;
    std::string caller;
    json params = json::object();  ///< texts
    json result = nullptr;         ///< text of the response
    std::int64_t status = 200;
  };
  void record(Event event);
  /// The access list of an object was changed: by PUT as a whole, or by PATCH.
  void permissions_changed(const std::string& type, const std::string& id,
                           const std::string& caller, bool replaced);

  /// `table`: its whole name.
  SqlAnswer select(const SelectFrom& wanted, const SqlName& table, const std::string& caller) const;

 private:
  struct Kept {
    json row;
    std::int64_t shown_at = 0;  ///< milliseconds
  };
  http::Response change_settings(const json& body);
  [[nodiscard]] std::int64_t delay_of(std::size_t number) const;
  [[nodiscard]] json shortened(json params) const;
  [[nodiscard]] json blank_row() const;
  [[nodiscard]] bool may_read(const std::string& caller) const;

  Region& region_;
  AuditSettings settings_;
  std::deque<Kept> kept_;
};

}  // namespace twinlake::simulator
