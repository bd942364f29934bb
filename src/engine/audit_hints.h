#pragma once
// What an audit log tells of changes that no listing shows: hints of what to read now, and nothing else. What it does not
// name is no less in doubt than before (ADR 0037).
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/sweep.h"
#include "model/kind.h"
#include "state/store.h"
#include "workspace/audit_log.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

/// Where the log of a side is asked; nothing: it is not. Nothing is ever started for that.
struct AuditRules {
  using Where = workspace::AuditPlace;
  std::optional<Where> primary;
  std::optional<Where> secondary;
};

/// All events of which these kinds say that they speak of them.
[[nodiscard]] workspace::AuditQuestion audit_question(std::span<const model::Kind* const> kinds);

/// What rows of the log come to.
struct NamedObjects {
  using Names = std::vector<std::pair<const model::Kind*, std::string>>;  ///< kind and id
  struct Object {
    Names names;  ///< one of these it is: a bare id does not say of which kind
    Time last;    ///< of the newest event
  };
  std::vector<Object> objects;
  std::int64_t events = 0;
  std::int64_t unnamed = 0;  ///< events that do not say which object, also because their parameters were cut
};
[[nodiscard]] NamedObjects objects_named(std::span<const model::Kind* const> kinds, const workspace::AuditQuestion& question,
                                         const std::vector<workspace::AuditRow>& rows);

/// The uuids among `swept` that these objects make due: their own, and those of their children, unless they were read
/// since. Those that are bound nowhere are counted in `unknown`.
struct DueByAudit {
  std::vector<std::string> uuids;
  std::int64_t objects = 0;
  std::int64_t unknown = 0;
};
[[nodiscard]] DueByAudit due_by_audit(const NamedObjects& named, const std::vector<state::Binding>& bindings, model::Side side,
                                      std::span<const model::Kind* const> kinds, const std::map<std::string, Time>& swept);

/// What is known of the log of one side.
struct AuditTold {
  std::string role;  ///< "primary", "secondary"
  state::AuditReading reading;
};

/// Asks the logs of both sides, and makes due what they name.
class AuditReader {
 public:
  AuditReader(workspace::Workspace& primary, workspace::Workspace& secondary, state::Store& store, AuditRules rules);

  /// `kinds`: of this run. `digest`: of the rules under which readings are believed. Never fails: what could not be
  /// read is kept, for whoever tells it.
  [[nodiscard]] Task<void> refresh(std::vector<const model::Kind*> kinds, SweepRules sweep, std::string digest);
  /// Of those sides whose log is read at all, the primary first.
  [[nodiscard]] std::vector<AuditTold> told() const;

 private:
  struct Round {
    std::vector<const model::Kind*> kinds;
    Micros longest{0};  ///< maximum age: what is older is read anyway
    std::string digest;
  };
  [[nodiscard]] Task<void> refresh_side(workspace::Workspace* side, AuditRules::Where where, const Round* round);
  [[nodiscard]] Task<Result<void>> ask(workspace::Workspace* side, std::string runner, const Round* round,
                                       state::AuditReading* reading);
  [[nodiscard]] workspace::AuditQuestion question_for(const workspace::Workspace& side, const Round& round,
                                                      const state::AuditReading& last, Time now) const;
  [[nodiscard]] state::AuditReading last_of(model::Side side) const;

  workspace::Workspace& primary_;
  workspace::Workspace& secondary_;
  state::Store& store_;
  AuditRules rules_;
};

}  // namespace twinlake::engine
