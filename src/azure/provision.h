#pragma once
// Making the twin: what Azure says about the place, the plan in order, and carrying it out so that
// a run that is killed at any point goes on where it was.
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "azure/arm.h"
#include "azure/provider.h"
#include "azure/twin.h"
#include "state/store.h"

namespace twinlake::azure {

inline constexpr const char* databricks_version = "2026-01-01";  ///< newest one known to us
inline constexpr const char* network_version = "2025-01-01";
inline constexpr const char* storage_version = "2025-08-01";
inline constexpr const char* locations_version = "2022-12-01";

/// Asked for in this order.
enum class StepKind {
  register_provider,
  resource_group,
  security_group,
  network,
  connector,
  remove,     ///< of a workspace whose creation failed
  workspace,  ///< its first PUT, or a wait for one that is under way
  update,     ///< settings that changed since
  tags,
  grant,       ///< a person lets the workspace's identity to the key
  encryption,  ///< the second PUT, with the key of the DBFS root
};
[[nodiscard]] std::string_view name_of(StepKind kind);

struct ProvisionStep {
  StepKind kind = StepKind::workspace;
  std::string title;                        ///< "create the workspace adb-dr in northeurope"
  http::Method method = http::Method::put;  ///< GET: only wait until it is ready
  std::string path;                         ///< ARM id
  std::string api_version;
  nlohmann::json body;     ///< null: none
  std::string what_to_do;  ///< of a step for people; else empty
};

struct ProvisionPlan {
  Twin twin;
  std::string api_version;  ///< of Microsoft.Databricks there
  bool exists = false;      ///< the workspace is there already
  std::string state;        ///< its provisioningState
  std::string host;         ///< its workspaceUrl, when it has one
  int salt = 0;
  std::vector<ProvisionStep> steps;
  std::vector<TwinFinding> findings;  ///< of the twin and of the checks
  std::vector<TwinDifference> differences;
  [[nodiscard]] bool is_blocked() const;
};

struct PlanOptions {
  bool replace_failed = false;  ///< remove a workspace whose creation failed
  bool keys_granted = false;    ///< the identity may use the key of the DBFS root
};

/// The workspace as ARM describes it, in the newest api-version there: an older one leaves out what
/// it does not know.
[[nodiscard]] Task<Result<nlohmann::json>> read_workspace(Arm& arm, std::string id);
/// The workspace that answers at this host, among all that the principal sees. Absent:
/// Fault::not_found.
[[nodiscard]] Task<Result<nlohmann::json>> find_workspace(Arm& arm, std::string host);

/// Reads only. What it is not allowed to see becomes a finding; what a run has begun is known from
/// the state.
[[nodiscard]] Task<Result<ProvisionPlan>> plan_provision(Arm& arm, const state::Store& store,
                                                         nlohmann::json primary,
                                                         TwinSettings settings,
                                                         PlanOptions options);

/// The plan as of nothing being there, without Azure being asked: for a template on paper.
[[nodiscard]] Result<ProvisionPlan> plan_on_paper(const nlohmann::json& primary,
                                                  const TwinSettings& settings,
                                                  const PlanOptions& options);

struct ProvisionProgress {
  std::size_t number = 0;  ///< from 1
  std::size_t total = 0;
  const ProvisionStep& step;
  std::string state;    ///< "begins", "under way", "done", "waits for you"
  double percent = -1;  ///< negative: not known
};

struct ApplyOptions {
  std::function<void(const ProvisionProgress&)> progress = {};
  std::function<bool()> stop = {};
  Micros limit = std::chrono::minutes(60);  ///< of one step
};

struct ProvisionOutcome {
  std::vector<std::string> done;  ///< titles
  std::string waits_for;          ///< what a person has to do before it goes on; empty: nothing
  nlohmann::json workspace;       ///< as it is now; null when it was not reached
};

/// Carries the steps out. An error says what exists already and how to go on.
[[nodiscard]] Task<Result<ProvisionOutcome>> apply_provision(Arm& arm, state::Store& store,
                                                             ProvisionPlan plan,
                                                             ApplyOptions options);

/// What to change when a step was refused or failed; names the setting. Empty: nothing better to
/// say than the service.
[[nodiscard]] std::string remedy_for(const Error& error, const ProvisionStep& step);

}  // namespace twinlake::azure
