#pragma once
// What decides about a failover beside the objects of both sides: who asks for runs, who is let in, and which
// data is nowhere else.
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/report.h"
#include "failover/always_on.h"
#include "failover/check.h"
#include "state/store.h"
#include "workspace/run_history.h"
#include "workspace/workspace.h"

namespace twinlake::failover {

/// What only definitions tell, which a reading does not keep.
struct Glimpse {
  std::map<std::string, std::string> creators;            ///< of what has runs, by id on the primary
  std::map<std::string, std::set<std::string>> runtimes;  ///< versions that something names, by uuid
  std::set<std::string> own_data;                         ///< uuids of what has its data where only the primary can read it
};
[[nodiscard]] Glimpse glimpse_of(const engine::World& world);

/// Whom the IP access lists of a workspace let in.
struct Admission {
  bool counts = false;                ///< the lists are switched on
  std::vector<std::string> kept_out;  ///< of our own addresses
};

struct Surroundings {
  Result<workspace::RunHistory> history;         ///< of the primary
  Result<Admission> admission;                   ///< to the standby
  Result<std::vector<std::string>> own_storage;  ///< what lies where the primary keeps tables without a location
  Result<std::set<std::string>> runtimes;        ///< versions that the primary offers
  Result<std::set<std::string>> runtimes_there;  ///< and the standby
  Glimpse glimpse;                               ///< as Session::read() showed it
  std::optional<std::int64_t> mirrored;          ///< generation of the mirror; nothing: there is none to read
};

struct SurroundingsOptions {
  Micros history = std::chrono::days(7);
  int most_pages = 40;                     ///< of the history of each sort of run, 25 runs each
  bool knows_tables = false;               ///< the Hive metastore is looked at
  std::vector<std::string> own_addresses;  ///< from where the workspaces are managed
  std::string standby_host;                ///< for messages
  std::vector<AlwaysOn> always_on;         ///< what a failover will start
};

/// Asks both sides at once. A refusal is kept in its place: it is a finding too. `glimpse` and `mirrored` are
/// left to the caller.
[[nodiscard]] Task<Surroundings> look_around(workspace::Workspace& primary, workspace::Workspace& secondary, SurroundingsOptions options);

/// Pure.
[[nodiscard]] std::vector<Check> check_surroundings(const Surroundings& seen, const engine::Reading& reading, const state::Store& store,
                                                    const SurroundingsOptions& options);

}  // namespace twinlake::failover
