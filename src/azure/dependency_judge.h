#pragma once
// How one dependency is judged: shared by the files that know the services.
#include <string>
#include <string_view>
#include <vector>

#include "azure/dependencies.h"

namespace twinlake::azure {

class DependencyJudge {
 public:
  DependencyJudge(const DependencySight& sight, const Evidence& evidence, Dependency& verdict)
      : sight_(sight), evidence_(evidence), verdict_(verdict) {}
  void run();

 private:
  void add(Gravity gravity, std::string message, std::string what_to_do);
  [[nodiscard]] bool has_twin() const { return !verdict_.twin.empty(); }
  /// The region of the standby, for messages.
  [[nodiscard]] std::string there() const;
  /// Is this region that of the standby? False as long as nobody knows that one.
  [[nodiscard]] bool is_there(std::string_view region) const;
  [[nodiscard]] const std::vector<nlohmann::json>& part(const char* name) const;
  void tell_refused(const char* name);

  void judge_unseen();
  void judge_by_service();
  void judge_vault();
  void judge_vault_firewall();
  void judge_sql();
  void judge_failover_group(const nlohmann::json& group);
  [[nodiscard]] bool judge_links();
  void judge_replicas();
  void judge_event_hubs();
  void judge_cosmos();
  void judge_registry();
  void judge_regional(std::string_view what_to_do);
  void judge_retired();
  void judge_other();

  const DependencySight& sight_;
  const Evidence& evidence_;
  Dependency& verdict_;
};

/// "a, b and c"
[[nodiscard]] std::string joined(const std::vector<std::string>& words);

}  // namespace twinlake::azure
