#include "workspace/audit_log.h"

#include <gtest/gtest.h>

namespace twinlake::workspace {
namespace {

AuditQuestion question() {
  AuditQuestion asked;
  asked.services = {"jobs", "workspace"};
  asked.actions = {"changeJobAcl"};
  asked.parameters = {"resourceId", "it's"};
  asked.since = time_from_rfc3339("2026-01-31T23:59:00.5Z");
  return asked;
}

using std::chrono::minutes;

Time after(Micros since) { return Time(std::chrono::hours(10'000)) + since; }

TEST(AuditStatement, AsksOnceOfEachObjectInItsWindow) {
  EXPECT_EQ(audit_statement(question(), "111"),
            "SELECT service_name, action_name, try_element_at(request_params, 'resourceId'), "
            "try_element_at(request_params, 'it\\'s'), unix_micros(max(event_time)), count(*) "
            "FROM system.access.audit WHERE event_date >= DATE '2026-01-31' "
            "AND event_time >= TIMESTAMP '2026-01-31T23:59:00.500Z' "
            "AND CAST(workspace_id AS STRING) IN ('111', '0') "
            "AND service_name IN ('jobs', 'workspace') AND action_name IN ('changeJobAcl') "
            "AND coalesce(response.status_code, 200) BETWEEN 200 AND 299 GROUP BY 1, 2, 3, 4");
}

TEST(AuditStatement, LeavesOutWhoIsToBeLeftOut) {
  AuditQuestion asked = question();
  asked.not_by = {"o'neil@contoso.example", "17"};
  EXPECT_NE(audit_statement(asked, "111")
                .find(" AND coalesce(user_identity.email, '') NOT IN "
                      "('o\\'neil@contoso.example', '17') GROUP BY"),
            std::string::npos);
}

TEST(WarehouseChoice, NeverKeepsAWarehouseRunningUnlessItIsNamed) {
  const std::vector<RunningWarehouse> running{{"w1", "shared", minutes(10)},
                                              {"w2", "slow", minutes(45)}};
  const AuditPlace any;
  EXPECT_EQ(choose_warehouse(running, any, std::nullopt, after(minutes(0))).one->id, "w1");
  const WarehouseChoice early =
      choose_warehouse(running, any, after(minutes(0)), after(minutes(10)));
  EXPECT_FALSE(early.one);
  EXPECT_NE(early.why_not.find("asked again from"), std::string::npos);
  EXPECT_EQ(choose_warehouse(running, any, after(minutes(0)), after(minutes(11))).one->id, "w1")
      << "it would have stopped, but for somebody";
  const AuditPlace named{"slow"};
  EXPECT_EQ(choose_warehouse(running, named, after(minutes(0)), after(minutes(1))).one->id, "w2");
  EXPECT_EQ(choose_warehouse(running, {"w1"}, after(minutes(0)), after(minutes(1))).one->id, "w1");
}

TEST(WarehouseChoice, PrefersOneThatRunsForEver) {
  const std::vector<RunningWarehouse> running{
      {"w1", "shared", minutes(10)}, {"w2", "always", minutes(0)}, {"w3", "slow", minutes(45)}};
  EXPECT_EQ(choose_warehouse(running, {}, std::nullopt, after(minutes(0))).one->id, "w2");
  EXPECT_EQ(choose_warehouse(running, {}, after(minutes(0)), after(minutes(1))).one->id, "w2");
}

TEST(WarehouseChoice, StartsNone) {
  const WarehouseChoice none = choose_warehouse({}, {}, std::nullopt, after(minutes(0)));
  EXPECT_FALSE(none.one);
  EXPECT_EQ(none.why_not, "no SQL warehouse runs there");
  const WarehouseChoice other =
      choose_warehouse({{"w1", "shared", minutes(10)}}, {"mine"}, std::nullopt, after(minutes(0)));
  EXPECT_FALSE(other.one);
  EXPECT_EQ(other.why_not, "the warehouse mine does not run");
}

}  // namespace
}  // namespace twinlake::workspace
