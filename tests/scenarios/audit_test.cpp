// Audit logs name what was changed: that is read at once, and the rest in its turn as before (ADR 0037).
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/grants.h"
#include "support/state_folder.h"

namespace twinlake::test {
namespace {

using namespace grants;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int last_in_turn = 99;  ///< what was read at one moment is read again in the order of the paths

/// Who edits workspaces, and is not the replicator.
const std::string eve = "eve@contoso.example";
const std::string eves_token = "dapi-eve";

json admins_of(Lab& lab) {
  const json listed = lab.primary("GET", "/api/2.0/preview/scim/v2/Groups");
  for (const json& group : listed["Resources"])
    if (group["displayName"] == "admins") return group["id"];
  throw std::runtime_error("no admins");
}

void let_eve_in(Lab& lab) {
  const json user = lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", eve}});
  json member = {{"value", user["id"]}};
  json operation = {{"op", "add"}, {"path", "members"}, {"value", json::array({member})}};
  lab.primary("PATCH", "/api/2.0/preview/scim/v2/Groups/" + admins_of(lab).get<std::string>(),
              {{"schemas", json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"})}, {"Operations", json::array({operation})}});
  lab.primary("POST", "/sim/credentials", {{"token", eves_token}, {"principal", eve}});
}

json change_audit(Lab& lab, const json& settings, bool on_primary = true) {
  return on_primary ? lab.primary("POST", "/sim/audit", settings) : lab.secondary("POST", "/sim/audit", settings);
}

/// Both logs are there, for us too, and at once; asked on any warehouse.
void use_audit(Lab& lab) {
  lab.rules.audit.primary.emplace();
  lab.rules.audit.secondary.emplace();
  for (const bool on_primary : {true, false})
    change_audit(lab, {{"enabled", true}, {"readers", json::array({"admins"})}, {"lag_millis", 0}, {"spread_millis", 0}}, on_primary);
}

std::string warehouse_of(Lab& lab, bool on_primary) {
  const json listed = on_primary ? lab.primary("GET", "/api/2.0/sql/warehouses") : lab.secondary("GET", "/api/2.0/sql/warehouses");
  return text_at(listed, "/warehouses/0/id");
}

/// Somebody's warehouse runs on both sides; 0: for ever.
void run_warehouses(Lab& lab, int stop_after_minutes = 0) {
  for (const bool on_primary : {true, false}) {
    const std::string path = "/api/2.0/sql/warehouses/" + warehouse_of(lab, on_primary);
    const json change = {{"auto_stop_mins", stop_after_minutes}};
    on_primary ? lab.primary("POST", path + "/edit", change) : lab.secondary("POST", path + "/edit", change);
  }
  pause(lab, minutes(2));
}

std::int64_t statements(Wire& wire) { return wire.log.by_route["POST /api/2.0/sql/statements"]; }

const state::AuditReading& told_of(const engine::SyncReport& report, std::string_view role) {
  const auto found = std::ranges::find(report.audit, role, &engine::AuditTold::role);
  if (found == report.audit.end()) throw std::runtime_error("nothing is told of that log");
  return found->reading;
}

/// A lab with grants that are equal, and were so an hour ago.
struct Quiet {
  Lab lab;
  explicit Quiet(Lab::Options options = {}) : lab(std::move(options)) {
    let_eve_in(lab);
    fill(lab);
    use_audit(lab);
    run_warehouses(lab);
    if (!lab.sync()) throw std::runtime_error("the first sync failed");
    pause(lab, hours(1));
  }
  std::string change(int folder, const std::string& level = "CAN_EDIT") {
    const std::string id = id_of(lab, path_of(folder));
    lab.as(eves_token, "PUT", "/api/2.0/permissions/directories/" + id, grants_of("readers", level));
    return id;
  }
  /// How many grants a sync wrote.
  std::int64_t updated_after(Micros how_long) { return sync_after(lab, how_long).kinds["permissions"].updated; }
};

TEST(Audit, AChangedGrantReachesTheStandbyInTheNextRunByOneStatement) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  EXPECT_EQ(sync_after(lab, minutes(5)).kinds["permissions"].updated, 0);
  quiet.change(last_in_turn);
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.kinds.at("permissions").updated, 1);
  EXPECT_EQ(statements(lab.primary_wire()), 1);
  EXPECT_EQ(statements(lab.secondary_wire()), 1);
  EXPECT_LE(grants_read(lab.primary_wire()), 4) << "what was named, and what had its turn";
  const state::AuditReading& told = told_of(report, "primary");
  EXPECT_EQ(told.changed, 1);
  EXPECT_EQ(told.events, 1);
  EXPECT_EQ(told.unknown + told.unnamed, 0);
  EXPECT_EQ(told.why_not, "");
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Audit, UnderstandsTheOtherFormsOfEvents) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  change_audit(lab, {{"ids_as_paths", true}, {"tree_in_resource_id", true}, {"old_warehouse_events", true}, {"workspace_id_is_number", true}});
  quiet.change(last_in_turn);
  EXPECT_EQ(quiet.updated_after(minutes(5)), 1);
}

TEST(Audit, WithoutItTheSameChangeWaitsForItsTurn) {
  Quiet quiet;
  quiet.lab.rules.audit = {};
  quiet.change(last_in_turn);
  const engine::SyncReport report = sync_after(quiet.lab, minutes(5));
  EXPECT_EQ(report.kinds.at("permissions").updated, 0);
  EXPECT_EQ(statements(quiet.lab.primary_wire()), 0);
  EXPECT_TRUE(report.audit.empty());
}

TEST(Audit, WhatTheReplicatorWroteItselfIsNotReadAgain) {
  Quiet quiet;
  const engine::SyncReport report = sync_after(quiet.lab, minutes(5));
  EXPECT_EQ(told_of(report, "secondary").events, 0);
  EXPECT_LE(report.ages.at("permissions").read, folders / 20) << "the hour's part of the day";
}

TEST(Audit, AnEditOnTheStandbyIsFoundByItsOwnLog) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  const std::string id = id_of(lab, path_of(last_in_turn), false);
  lab.secondary("POST", "/sim/credentials", {{"token", eves_token}, {"principal", eve}});
  lab.as_there(eves_token, "PUT", "/api/2.0/permissions/directories/" + id, grants_of("readers", "CAN_MANAGE"));
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.kinds.at("permissions").updated, 1);
  EXPECT_EQ(told_of(report, "secondary").changed, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Audit, AnEventThatComesLateIsNotMissed) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  constexpr std::int64_t three_hours = 3 * 3'600'000;
  change_audit(lab, {{"lag_millis", three_hours}});
  quiet.change(last_in_turn);
  change_audit(lab, {{"lag_millis", 0}});
  quiet.change(last_in_turn - 1);  // a later one is shown before it
  EXPECT_EQ(quiet.updated_after(minutes(5)), 1);
  for (int run = 0; run < 5; ++run) EXPECT_EQ(quiet.updated_after(minutes(30)), 0);
  EXPECT_EQ(quiet.updated_after(minutes(30)), 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Audit, TellsInNumbersWhatItDoesNotKnow) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", "/Twinlake/x"}});
  lab.as(eves_token, "PUT", "/api/2.0/permissions/directories/" + id_of(lab, "/Twinlake/x"), grants_of("readers", "CAN_EDIT"));
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.outcome, "complete");
  EXPECT_EQ(told_of(report, "primary").unknown, 1);
  EXPECT_EQ(told_of(report, "primary").changed, 0);
}

TEST(Audit, AnEventWithoutItsParametersIsCountedAndTheTurnFindsTheChange) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  change_audit(lab, {{"longest_params", 20}});
  quiet.change(last_in_turn);
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.kinds.at("permissions").updated, 0);
  EXPECT_EQ(told_of(report, "primary").unnamed, 1);
  std::int64_t updated = 0;
  for (int run = 0; run < 24; ++run) updated += quiet.updated_after(hours(1));
  EXPECT_EQ(updated, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Audit, WhereItMayNotBeReadTheTurnsGoOnAndTheRunSaysSo) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  change_audit(lab, {{"readers", json::array()}});
  quiet.change(last_in_turn);
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.outcome, "complete");
  const state::AuditReading& told = told_of(report, "primary");
  EXPECT_NE(told.why_not.find("Insufficient privileges"), std::string::npos) << told.why_not;
  EXPECT_NE(told.what_to_do.find("SELECT on `system.access.audit`"), std::string::npos) << told.what_to_do;
  EXPECT_EQ(told_of(report, "secondary").why_not, "");
  change_audit(lab, {{"readers", json::array({"admins"})}});
  EXPECT_EQ(quiet.updated_after(minutes(5)), 1) << "what was not read is still there to be read";
}

TEST(Audit, ASchemaThatIsNotEnabledIsNamedWithItsRemedy) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  change_audit(lab, {{"enabled", false}});
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.outcome, "complete");
  EXPECT_NE(told_of(report, "primary").why_not.find("system.access.audit is not there"), std::string::npos);
  EXPECT_NE(told_of(report, "primary").what_to_do.find("enables the schema"), std::string::npos);
}

TEST(Audit, AStatementThatFailsForNowIsToldAndMadeUpFor) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  quiet.change(last_in_turn);
  simulator::FaultRule refused;
  refused.method = "POST";
  refused.path = "/api/2.0/sql/statements";
  refused.status = 400;
  refused.times = 0;
  lab.home().faults().add(refused);
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(report.outcome, "complete");
  EXPECT_NE(told_of(report, "primary").why_not, "");
  EXPECT_TRUE(told_of(report, "primary").read) << "what was known before stays known";
  lab.home().faults().clear();
  EXPECT_EQ(quiet.updated_after(minutes(5)), 1);
}

TEST(Audit, StartsNoWarehouse) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  lab.primary("POST", "/api/2.0/sql/warehouses/" + warehouse_of(lab, true) + "/stop", json::object());
  pause(lab, minutes(2));
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(told_of(report, "primary").why_not, "no SQL warehouse runs there");
  EXPECT_EQ(statements(lab.primary_wire()), 0);
  EXPECT_EQ(text_at(lab.primary("GET", "/api/2.0/sql/warehouses"), "/warehouses/0/state"), "STOPPED");
  lab.rules.audit.primary->warehouse = warehouse_of(lab, true);
  EXPECT_NE(told_of(sync_after(lab, minutes(5)), "primary").why_not.find("does not run"), std::string::npos);
  EXPECT_EQ(text_at(lab.primary("GET", "/api/2.0/sql/warehouses"), "/warehouses/0/state"), "STOPPED");
}

TEST(Audit, KeepsNoWarehouseRunning) {
  Quiet quiet;
  Lab& lab = quiet.lab;
  run_warehouses(lab, 20);
  std::int64_t asked = 0;
  for (int run = 0; run < 12; ++run) {
    const engine::SyncReport report = sync_after(lab, minutes(5));
    asked += statements(lab.primary_wire());
    if (run == 1) EXPECT_NE(told_of(report, "primary").why_not.find("asked again from"), std::string::npos);
  }
  EXPECT_EQ(asked, 1);
  EXPECT_EQ(text_at(lab.primary("GET", "/api/2.0/sql/warehouses"), "/warehouses/0/state"), "STOPPED");
  lab.rules.audit.primary->warehouse = warehouse_of(lab, true);
  run_warehouses(lab, 20);
  for (int run = 0; run < 12; ++run) (void)sync_after(lab, minutes(5));
  EXPECT_EQ(text_at(lab.primary("GET", "/api/2.0/sql/warehouses"), "/warehouses/0/state"), "RUNNING") << "who names one has it asked in each run";
}

TEST(Audit, TellsWhoAJobRunsAsAndWhoMaySeeSecrets) {
  Lab lab;
  let_eve_in(lab);
  fill_small_estate(lab);
  lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "night@contoso.example"}});
  // Read in its turn: its listing does not tell who it runs as.
  const json far = lab.primary("POST", "/api/2.2/jobs/create", {{"name", "far"}});
  use_audit(lab);
  run_warehouses(lab);
  ASSERT_TRUE(lab.sync());
  pause(lab, hours(1));
  ASSERT_EQ(sync_after(lab, minutes(5)).outcome, "complete");
  lab.as(eves_token, "POST", "/api/2.2/jobs/update", {{"job_id", far["job_id"]}, {"new_settings", {{"run_as", {{"user_name", "night@contoso.example"}}}}}});
  const json scopes = lab.primary("GET", "/api/2.0/secrets/scopes/list");
  lab.as(eves_token, "POST", "/api/2.0/secrets/acls/put",
         {{"scope", scopes["scopes"][0]["name"]}, {"principal", "night@contoso.example"}, {"permission", "READ"}});
  const engine::SyncReport report = sync_after(lab, minutes(5));
  EXPECT_EQ(told_of(report, "primary").changed, 2);
  EXPECT_EQ(report.kinds.at("job").updated, 1);
  EXPECT_EQ(report.kinds.at("secret_acl").updated, 1);
  EXPECT_EQ(lab.not_in_sync(), "");
}

TEST(Audit, AKillAfterAnyExchangeLosesNoChange) {
  const StateFolder folder;
  Lab lab(folder.options());
  let_eve_in(lab);
  for (int i = 0; i < 4; ++i) lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", path_of(i)}});
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", "readers"}});
  use_audit(lab);
  run_warehouses(lab);
  ASSERT_TRUE(lab.sync());
  bool ended = false;
  for (int exchanges = 1; !ended; exchanges += sweep_step(2, 9)) {
    pause(lab, minutes(10));
    ASSERT_EQ(sync_after(lab, minutes(10)).outcome, "complete");
    const std::string id = id_of(lab, path_of(exchanges % 4));
    lab.as(eves_token, "PUT", "/api/2.0/permissions/directories/" + id, grants_of("readers", exchanges % 8 < 4 ? "CAN_EDIT" : "CAN_MANAGE"));
    ended = lab.sync_killed_after(exchanges);
    const engine::SyncReport report = sync_after(lab, minutes(1));
    ASSERT_EQ(report.outcome, "complete");
    ASSERT_EQ(lab.not_in_sync(), "") << "killed after " << exchanges;
  }
}

}  // namespace
}  // namespace twinlake::test
