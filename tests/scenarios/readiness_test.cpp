// What stands in the way of a failover, beside what the objects of both sides say.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/json_path.h"
#include "simulator/faults.h"
#include "support/estate.h"
#include "support/lab.h"
#include "support/metastore.h"

namespace twinlake::test {
namespace {

using failover::Check;
using failover::Level;
using nlohmann::json;

Check checked(Lab& lab, const std::string& name) {
  for (Check& check : lab.readiness())
    if (check.name == name) return std::move(check);
  throw std::runtime_error("no check is called " + name);
}

Task<void> let_days_pass(Loop* loop, Micros duration) { co_await loop->sleep(duration); }

/// Whoever asks the primary with that token is this principal.
void let_in(Lab& lab, const std::string& principal, const std::string& token, bool is_application) {
  if (is_application)
    lab.primary("POST", "/api/2.0/preview/scim/v2/ServicePrincipals", {{"applicationId", principal}, {"displayName", "app " + token}});
  else
    lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", principal}});
  lab.primary("POST", "/sim/credentials", {{"token", token}, {"principal", principal}});
}

const std::string factory = "7b1c5a52-2f6e-4e0d-9a3b-0c5d8e1f2a34";
const std::string airflow = "0d4c3b2a-1111-4222-8333-444455556666";

json id_of(simulator::Region& region, const std::string& name) {
  const json world = region.world();
  for (const json& job : world.at("jobs"))
    if (text_at(job, "/settings/name") == name) return {{"job_id", job.at("job_id")}};
  throw std::runtime_error("no job " + name);
}

void grant_run(Lab& lab, const std::string& job, const std::string& application) {
  lab.primary("PATCH", "/api/2.0/permissions/jobs/" + text_at(id_of(lab.home(), job), "/job_id"),
              {{"access_control_list", {{{"service_principal_name", application}, {"permission_level", "CAN_MANAGE_RUN"}}}}});
}

json submitted(const std::string& name) {
  return {{"run_name", name}, {"tasks", {{{"task_key", "main"}, {"notebook_task", {{"notebook_path", "/Shared/etl/load"}}}}}}};
}

TEST(Readiness, NamesWhoStartsRunsFromOutside) {
  Lab lab;
  fill_small_estate(lab);
  let_in(lab, factory, "dapi-factory", true);
  let_in(lab, airflow, "dapi-airflow", true);
  ASSERT_TRUE(lab.sync());
  EXPECT_EQ(checked(lab, "callers").level, Level::good);
  EXPECT_EQ(checked(lab, "callers").findings.size(), 0U);

  grant_run(lab, "load", airflow);
  for (int i = 0; i < 2; ++i) lab.as("dapi-airflow", "POST", "/api/2.2/jobs/run-now", id_of(lab.home(), "load"));
  lab.as("dapi-factory", "POST", "/api/2.2/jobs/runs/submit", submitted("ADF_adf-weu_nightly_Load_0001"));
  const Check check = checked(lab, "callers");
  EXPECT_EQ(check.level, Level::warning);
  ASSERT_EQ(check.findings.size(), 2U) << check.message;
  const model::Finding& runs = check.findings[0];
  EXPECT_EQ(runs.address, "service_principal:\"" + airflow + "\"");
  EXPECT_NE(runs.message.find("started 2 runs of 1 job: job:\"load\", id " + text_at(id_of(lab.home(), "load"), "/job_id")), std::string::npos)
      << runs.message;
  EXPECT_NE(runs.message.find("on the standby " + text_at(id_of(lab.away(), "load"), "/job_id")), std::string::npos) << runs.message;
  EXPECT_NE(runs.what_to_do.find("twinlake ids --kind job"), std::string::npos);
  const model::Finding& submits = check.findings[1];
  EXPECT_EQ(submits.address, "service_principal:\"" + factory + "\"");
  EXPECT_NE(submits.message.find("1 run from Data Factory"), std::string::npos) << submits.message;
  EXPECT_NE(submits.what_to_do.find("linked service"), std::string::npos);
}

TEST(Readiness, WhoTriesTheirOwnJobIsNoCallerFromOutside) {
  Lab lab;
  fill_small_estate(lab);
  let_in(lab, "eve@contoso.com", "dapi-eve", false);
  lab.primary("POST", "/api/2.2/jobs/run-now", id_of(lab.home(), "load"));
  EXPECT_EQ(checked(lab, "callers").findings.size(), 0U) << "whoever made the job";
  lab.primary("PATCH", "/api/2.0/permissions/jobs/" + text_at(id_of(lab.home(), "load"), "/job_id"),
              {{"access_control_list", {{{"user_name", "eve@contoso.com"}, {"permission_level", "CAN_MANAGE_RUN"}}}}});
  lab.as("dapi-eve", "POST", "/api/2.2/jobs/run-now", id_of(lab.home(), "load"));
  const Check check = checked(lab, "callers");
  ASSERT_EQ(check.findings.size(), 1U);
  EXPECT_EQ(check.findings[0].address, "user:\"eve@contoso.com\"");
}

TEST(Readiness, AsksTheHistoryForAWhileOnlyAndSaysSo) {
  Lab lab;
  fill_small_estate(lab);
  lab.primary("POST", "/api/2.2/jobs/runs/submit", submitted("long ago"));
  lab.loop().run(let_days_pass(&lab.loop(), std::chrono::days(8)));
  EXPECT_EQ(checked(lab, "callers").findings.size(), 0U) << "older than the window";
  for (int i = 0; i < 60; ++i) lab.primary("POST", "/api/2.2/jobs/runs/submit", submitted("run " + std::to_string(i)));
  Check check = checked(lab, "callers");
  ASSERT_EQ(check.findings.size(), 1U);
  EXPECT_NE(check.findings[0].message.find("60 runs"), std::string::npos) << check.findings[0].message;
  EXPECT_EQ(check.message.find("not read"), std::string::npos) << check.message;
  lab.surroundings.most_pages = 2;
  check = checked(lab, "callers");
  EXPECT_NE(check.findings[0].message.find("50 runs"), std::string::npos) << check.findings[0].message;
  EXPECT_NE(check.message.find("which were not read"), std::string::npos) << check.message;
}

TEST(Readiness, AHistoryThatIsRefusedIsAWarning) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  simulator::FaultRule rule;
  rule.path = "/api/2.2/jobs/runs/list";
  rule.status = 403;
  lab.home().faults().add(rule);
  const Check check = checked(lab, "callers");
  EXPECT_EQ(check.level, Level::warning);
  EXPECT_NE(check.message.find("could not be read"), std::string::npos) << check.message;
}

TEST(Readiness, SeesTablesThatLieInTheStorageOfTheWorkspace) {
  Lab lab;
  fill_small_estate(lab);
  EXPECT_EQ(checked(lab, "table data").level, Level::good);
  lab.primary("POST", "/api/2.0/dbfs/put", {{"path", "/user/hive/warehouse/sales.db/orders/part-0"}, {"contents", "QQ=="}});
  const Check check = checked(lab, "table data");
  EXPECT_EQ(check.level, Level::warning);
  ASSERT_EQ(check.findings.size(), 1U);
  EXPECT_EQ(check.findings[0].address, "dbfs:/user/hive/warehouse/sales.db");
  EXPECT_NE(check.what_to_do.find("metastore"), std::string::npos);
}

TEST(Readiness, NamesManagedTablesWithoutACopy) {
  Lab lab;
  fill_small_estate(lab);
  hive::plant(lab);
  hive::sql(lab, "CREATE TABLE sales.kept (id BIGINT) USING delta");
  hive::sql(lab, "CREATE TABLE sales.cloned (id BIGINT) USING delta");
  hive::use_metastore(lab);
  ASSERT_TRUE(lab.sync());
  hive::sql_there(lab, "CREATE TABLE sales.cloned (id BIGINT) USING delta");
  hive::look_always(lab);
  ASSERT_TRUE(lab.sync());
  const Check check = checked(lab, "table data");
  EXPECT_EQ(check.level, Level::warning);
  ASSERT_EQ(check.findings.size(), 1U) << check.message;
  EXPECT_EQ(check.findings[0].address, "hive_table:\"hive_metastore.sales.kept\"");
  EXPECT_NE(check.findings[0].what_to_do.find("DEEP CLONE"), std::string::npos) << check.findings[0].what_to_do;
  EXPECT_NE(check.message.find("1 has a copy"), std::string::npos) << check.message;
}

void admit(Lab& lab, const std::string& label, const std::string& type, std::vector<std::string> addresses) {
  lab.secondary("POST", "/api/2.0/ip-access-lists", {{"label", label}, {"list_type", type}, {"ip_addresses", addresses}});
}

TEST(Readiness, SaysFromWhereTheStandbyCannotBeReached) {
  Lab lab;
  fill_small_estate(lab);
  EXPECT_EQ(checked(lab, "access").level, Level::good);
  admit(lab, "here", "ALLOW", {"192.0.2.10"});
  EXPECT_EQ(checked(lab, "access").level, Level::good) << "the lists do not count yet";
  lab.secondary("PATCH", "/api/2.0/workspace-conf", {{"enableIpAccessLists", "true"}});
  EXPECT_NE(checked(lab, "access").what_to_do.find("own_addresses"), std::string::npos) << "nobody said from where";
  lab.surroundings.own_addresses = {"192.0.2.10", "203.0.113.9"};
  const Check check = checked(lab, "access");
  EXPECT_EQ(check.level, Level::warning);
  ASSERT_EQ(check.findings.size(), 1U);
  EXPECT_EQ(check.findings[0].address, "203.0.113.9");
  admit(lab, "elsewhere", "ALLOW", {"203.0.113.0/24"});
  EXPECT_EQ(checked(lab, "access").level, Level::good);
}

TEST(Readiness, WantsAMirrorThatIsCurrent) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  EXPECT_NE(checked(lab, "mirror").message.find("no mirror"), std::string::npos);
  lab.write_mirror();
  EXPECT_EQ(checked(lab, "mirror").level, Level::good);
  lab.store().set_replication_point(lab.loop().now());
  lab.store().put_holds("00000000-0000-0000-0000-000000000000", {{"", "/schedule/pause_status", "\"UNPAUSED\"", lab.loop().now()}});
  EXPECT_NE(checked(lab, "mirror").message.find("older"), std::string::npos);
}

TEST(Readiness, NamesWhatUsesAVersionThatTheStandbyDoesNotOffer) {
  Lab lab;
  fill_small_estate(lab);
  EXPECT_EQ(checked(lab, "runtimes").level, Level::good) << checked(lab, "runtimes").message;
  lab.secondary("POST", "/sim/node-types", {{"withdrawn", json::array({"15.4.x-scala2.12"})}});
  const Check check = checked(lab, "runtimes");
  EXPECT_EQ(check.level, Level::warning);
  EXPECT_TRUE(std::ranges::any_of(check.findings, [](const model::Finding& one) {
    return one.address.starts_with("cluster:") && one.message.find("15.4.x") != std::string::npos;
  }));
  lab.primary("POST", "/sim/node-types", {{"withdrawn", json::array({"15.4.x-scala2.12"})}});
  EXPECT_EQ(checked(lab, "runtimes").level, Level::good) << "the primary does not offer it either";
}

TEST(Readiness, TellsPrincipalsSecretsAndFilesApart) {
  Lab lab;
  fill_small_estate(lab);
  ASSERT_TRUE(lab.sync());
  for (const char* name : {"objects", "principals", "secrets", "files"})
    EXPECT_EQ(checked(lab, name).level, Level::good) << name << ": " << checked(lab, name).message;
  lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "new@contoso.com"}});
  lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", "fresh"}});
  lab.primary("POST", "/api/2.0/dbfs/put", {{"path", "/FileStore/jars/new.jar"}, {"contents", "QQ=="}});
  const Check others = checked(lab, "objects");
  EXPECT_TRUE(std::ranges::all_of(others.findings, [](const model::Finding& one) { return one.address.starts_with("directory:"); }))
      << "the home of the user";
  for (const auto& [name, address] : {std::pair("principals", "user:\"new@contoso.com\""), std::pair("secrets", "secret_scope:\"fresh\""),
                                      std::pair("files", "dbfs_file:\"dbfs:/FileStore/jars/new.jar\"")}) {
    const Check check = checked(lab, name);
    EXPECT_EQ(check.level, Level::warning) << name;
    EXPECT_TRUE(std::ranges::any_of(check.findings, [&](const model::Finding& one) {
      return one.address == address && one.message.starts_with("missing");
    })) << name;
  }
}

}  // namespace
}  // namespace twinlake::test
