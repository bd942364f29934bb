#pragma once
// Failover groups of Managed Disaster Recovery, with what the service refuses.
// Source: facts, azure 14.1 and disaster recovery 1. Where no source names the code of a refusal, a
// comment says so.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "simulator/account/stable_urls.h"

namespace twinlake::simulator {

class FailoverGroups {
 public:
  FailoverGroups(const AccountWorkspaces& workspaces, StableUrls& urls, Ids& ids,
                 std::chrono::seconds step_time)
      : workspaces_(workspaces), urls_(urls), ids_(ids), step_time_(step_time) {}

  [[nodiscard]] http::Response serve(const AccountCall& call);
  /// Lets pass what was due.
  void catch_up(std::int64_t now_millis);
  /// The next creation ends in CREATION_FAILED, the next failover in FAILOVER_FAILED.
  void next_one_fails() { next_fails_ = true; }
  void set_step_time(std::chrono::seconds time) { step_time_ = time; }
  [[nodiscard]] json world() const;

 private:
  struct Group {
    std::string name;
    json given;  ///< what the client decides: regions, workspace_sets, unity_catalog_assets
    std::string state = "CREATING";
    std::string primary;  ///< region
    std::string target;   ///< of a failover under way
    std::string etag;
    std::int64_t created = 0, updated = 0;
    std::optional<std::int64_t> due;    ///< when the state passes by itself
    std::optional<std::int64_t> point;  ///< replicated until then; nothing: until now
    bool fails = false;
  };
  [[nodiscard]] http::Response create(const AccountCall& call);
  [[nodiscard]] http::Response list(const AccountCall& call) const;
  [[nodiscard]] http::Response update(const AccountCall& call, Group& group);
  [[nodiscard]] http::Response remove(const AccountCall& call, Group& group);
  [[nodiscard]] http::Response fail_over(const AccountCall& call, Group& group);
  [[nodiscard]] Refusal refuse(const json& given) const;
  [[nodiscard]] Refusal refuse_set(const json& set, const json& regions) const;
  [[nodiscard]] Refusal refuse_catalogs(const json& given) const;
  void begin(Group& group, const char* state, std::int64_t now_millis);
  void pass(Group& group);
  /// The stable URLs of the group lead to its primary.
  void lead_urls(const Group& group);
  [[nodiscard]] json shown(const Group& group, std::int64_t now_millis) const;

  const AccountWorkspaces& workspaces_;
  StableUrls& urls_;
  Ids& ids_;
  std::chrono::seconds step_time_;
  std::map<std::string, Group> groups_;  ///< by name
  bool next_fails_ = false;
};

}  // namespace twinlake::simulator
