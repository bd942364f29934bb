#pragma once
// Reads the definitions and the code of one side as they are, without comparing them with the other
// side: what the estate names in Azure stands in them. Nothing is written.
#include <functional>
#include <span>
#include <vector>

#include "azure/estate_uses.h"
#include "model/kind.h"
#include "model/object.h"
#include "workspace/inventory.h"

namespace twinlake::azure {

struct EstateReading {
  workspace::Inventory inventory;
  std::vector<model::Finding> unread;  ///< what could not be read, so that names in it are missing
};

/// Lists these kinds and reads each definition that a listing does not show whole. Permissions and
/// contents are left out. What is only observed comes from the last observation (Session makes it
/// known).
[[nodiscard]] Task<EstateReading> read_definitions(workspace::Workspace& side,
                                                   std::vector<const model::Kind*> kinds,
                                                   workspace::InScope in_scope);

/// Looks at what Unity Catalog keeps in storage: external locations, catalogs and the metastore's
/// root, and the connectors that open it (facts, more 19). A workspace without it has none.
/// `reading`, `uses` must outlive the task.
[[nodiscard]] Task<void> look_at_unity_catalog(workspace::Workspace& side, EstateReading* reading,
                                               Of of, EstateUses* uses);

}  // namespace twinlake::azure
