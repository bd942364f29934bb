#pragma once
// A believable data platform to try things on: what a company would have in its primary workspace,
// and in the secondary what must be there before jobs and clusters can be replicated.
#include <cstdint>

#include "simulator/region.h"

namespace twinlake::simulator {

/// How much of each. The defaults are those of the demo; benches ask for more, tests for less.
struct EstateSize {
  int users = 34;
  int service_principals = 8;
  int groups = 24;  ///< some of them inside others
  int notebooks = 470;
  int files = 130;
  int policies = 10;  ///< own ones; two built-in ones are edited beside them
  int pools = 5;
  int clusters = 25;
  int jobs = 120;  ///< the first 45 or so have every type of task and of trigger
  int tasks_of_largest_job = 130;
  bool grants = true;   ///< access control lists on all kinds of objects
  bool storage = true;  ///< files in DBFS and in a volume
  bool mounts = false;  ///< mounts, and what lies on them
  /// What is of the workspace rather than of its teams: secrets and who may read them, init
  /// scripts, settings, IP access lists, git folders, tokens.
  bool platform = true;
  /// What nobody can copy without being told more: a vault, webhooks, lists of addresses that
  /// count.
  bool needs_people = false;
  /// Names of services around the workspace, as fill_demo_cloud() has them: databases, a vault,
  /// streams. Only a login of Entra ID opens the vault.
  bool azure = false;
  bool metastore = false;  ///< schemas, tables, views, functions and grants of the hive_metastore
};

/// Everything, but only one or two of most: for tests that look at each single request.
[[nodiscard]] EstateSize small_estate();

/// When the demo estate was finished, unless the caller says otherwise: 2026-01-01T00:00:00Z.
constexpr std::int64_t estate_finished_micros = 1'767'225'600'000'000;

/// Fills both regions through their own REST API; throws std::runtime_error with status and answer
/// when a request is refused, because what the service refuses cannot be in an estate.
/// The same regions, size and time give the same content. `finished_micros` is the moment after the
/// last change; servers pass the real clock, or stopped clusters would be forgotten after 30 days.
void fill_estate(Region& primary, Region& secondary, EstateSize size = {},
                 std::int64_t finished_micros = estate_finished_micros);

}  // namespace twinlake::simulator
