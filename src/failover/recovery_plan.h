#pragma once
// The recovery plan of a failover group: what is done, in which order, once the primary role has moved.
// Groups follow each other; the actions of a group run side by side.
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/loop.h"
#include "base/secret.h"
#include "model/kind.h"
#include "model/side.h"

namespace twinlake::failover {

enum class ActionType {
  release,  ///< triggers of some objects get back what they were
  canary,   ///< a job runs once on the new primary, and has to succeed
  command,  ///< a program of this machine, without a shell
  webhook,  ///< a POST to somebody else's service
  manual,   ///< waits for a person
};
[[nodiscard]] std::string_view name_of(ActionType type);  ///< "release", ...

/// When an action did not do what it should.
enum class OnFailure {
  stop,   ///< what runs beside it ends, nothing new begins
  go_on,  ///< it is told, and that is all
};
enum class When { failover, failback, both };  ///< home is where a failback leads to

/// Which objects a release is about.
struct Wave {
  std::string described;  ///< "tag tier=gold", "load, chain*", "the rest"
  /// By canonical form. Empty: everything that is not released yet.
  std::function<bool(const model::Kind& kind, const std::string& key, const nlohmann::json& definition)> takes;
};

/// Path and query of an address are often all the secret that there is: no more than its host is ever shown.
struct Webhook {
  Secret url;              ///< "https://host[:port]/..."; empty: see `url_from`
  std::string url_from;    ///< the variable of the environment that holds it
  std::string header;      ///< name; may be empty
  std::string value_from;  ///< the variable of the environment that holds the header's value
};

/// Without secrets: "https://host", "the address in VARIABLE".
[[nodiscard]] std::string shown(const Webhook& webhook);

/// An address as a request needs it.
struct Address {
  std::string base_url;  ///< "https://host[:port]"
  Secret target;         ///< path and query; "/" at least
};
[[nodiscard]] Address address_of(std::string_view url);

struct PlanAction {
  std::string name;  ///< unique in the plan
  ActionType type = ActionType::manual;
  Wave wave;                         ///< of a release
  std::string job;                   ///< of a canary: its name
  std::vector<std::string> command;  ///< of a command: program and arguments
  Webhook webhook;
  std::string text;  ///< of a manual action: what a person has to do
  Micros timeout = std::chrono::minutes(10);
  OnFailure on_failure = OnFailure::stop;
  When when = When::both;
  bool repeat = false;             ///< may be done again when nobody knows whether it was done
  std::vector<std::string> after;  ///< actions of the same group or of an earlier one
};

struct PlanGroup {
  std::string name;
  std::vector<PlanAction> actions;
};

struct RecoveryPlan {
  std::string name;  ///< told to commands and webhooks
  std::vector<PlanGroup> groups;
};

[[nodiscard]] bool applies(const PlanAction& action, model::Side to);
/// What a plan does when the role moves there, an entry for each action, without secrets.
[[nodiscard]] std::vector<std::string> described_actions(const RecoveryPlan& plan, model::Side to);
/// What a person must not be able to forget: groups, actions and what each does, one action a line, without secrets.
/// Equal for plans that do the same in the same order. Empty when there is nothing to do.
[[nodiscard]] std::string described(const RecoveryPlan& plan);
/// "a -> b -> a" where `after` leads back to where it began; empty when it never does.
[[nodiscard]] std::string circle_in(const std::vector<PlanAction>& actions);
/// What it does, in a few words and without secrets.
[[nodiscard]] std::string described(const PlanAction& action);
[[nodiscard]] bool runs_jobs(const RecoveryPlan& plan);
/// How many releases it has in that direction.
[[nodiscard]] int count_waves(const RecoveryPlan& plan, model::Side to);

}  // namespace twinlake::failover
