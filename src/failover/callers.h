#pragma once
// Who starts runs on the primary from outside: Data Factory, Airflow, scripts. After a failover they still ask
// the old workspace, and still for the ids of there. Pure.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/world.h"
#include "model/object.h"
#include "workspace/run_history.h"

namespace twinlake::failover {

struct Caller {
  std::string who;               ///< user name or application id; empty: that principal is no more
  bool submits = false;          ///< sends whole definitions (runs/submit) instead of naming a job (run-now)
  bool is_data_factory = false;  ///< the names of its runs say so
  std::size_t runs = 0;
  std::map<std::string, std::size_t> jobs;  ///< how many of each, by id on the primary
  std::string run_name;                     ///< of the newest of what it submitted
};

/// Callers of the history, whoever has most runs first. Left out is what starts by itself, people who start
/// jobs that they made themselves, and runs of our own drills.
/// `creators`: who made a job, by its id on the primary.
[[nodiscard]] std::vector<Caller> callers_in(const workspace::RunHistory& history, const engine::World& world,
                                             const std::map<std::string, std::string>& creators);

/// One for each caller, with what has to be done there. `standby_host` may be empty.
[[nodiscard]] std::vector<model::Finding> tell_callers(const std::vector<Caller>& callers, const engine::World& world,
                                                       const std::string& standby_host);

}  // namespace twinlake::failover
