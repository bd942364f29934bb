#pragma once
// The Azure around the demo estate: what its mounts, paths and scopes name, and a region beside it
// that has room, but not without end.
#include <string>

#include "simulator/azure/cloud.h"
#include "simulator/estate/estate.h"

namespace twinlake::simulator {

struct DemoPlaces {
  std::string primary = "westeurope";
  std::string secondary = "northeurope";
};

/// Ids of the two workspaces of the demo; the second is what a twin would be called.
[[nodiscard]] std::string demo_workspace_id(const Cloud& cloud, bool primary);
/// Accounts, vaults, databases, networks and quotas. The workspaces are added by the caller.
/// `now_micros` as of fill_estate(): one account's copy stands hours before it.
void fill_demo_cloud(Cloud& cloud, const DemoPlaces& places = {},
                     std::int64_t now_micros = estate_finished_micros);
/// The body of the demo's workspaces: each in a network of its own, the primary's root is GRS.
[[nodiscard]] json demo_workspace_body(const Cloud& cloud, const DemoPlaces& places, bool primary);
/// A region as one of these two, by its place; without `whole` it is a plain workspace.
void add_demo_workspace(Cloud& cloud, Region& region, const Seat& seat, const DemoPlaces& places,
                        bool whole);

}  // namespace twinlake::simulator
