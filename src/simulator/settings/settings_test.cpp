#include "simulator/settings/settings.h"

#include <gtest/gtest.h>

#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

std::string route_of(const std::string& type) {
  return "/api/2.0/settings/types/" + type + "/names/default";
}
/// The etag in the details of a refusal.
std::string etag_in(const http::Response& refused) {
  const json body = body_of(refused);
  if (count_of(body, "details") == 0) return "";
  return text_of(body.at("details").at(0).at("metadata"), "etag");
}

class SettingsTest : public testing::Test {
 protected:
  http::Response set(const std::string& type, const std::string& payload, const json& value,
                     const std::string& etag, std::string mask = "") {
    if (mask.empty()) mask = payload + "." + value.items().begin().key();
    json setting = json::object({{"setting_name", "default"}, {"etag", etag}, {payload, value}});
    return probe.patch(route_of(type), json::object({{"allow_missing", true},
                                                     {"setting", std::move(setting)},
                                                     {"field_mask", mask}}));
  }
  http::Response restrict_admins(const char* status, const std::string& etag) {
    return set("restrict_workspace_admins", "restrict_workspace_admins", {{"status", status}},
               etag);
  }
  Probe probe;
};

TEST_F(SettingsTest, AnUnsetOneTellsTheEtagToSetItWith) {
  const auto unset = probe.get(route_of("restrict_workspace_admins"));
  EXPECT_EQ(unset.status, 404);
  EXPECT_FALSE(etag_in(unset).empty());
  const auto blind = restrict_admins("ALLOW_ALL", "");
  EXPECT_EQ(blind.status, 404) << "also a write without it";
  EXPECT_EQ(etag_in(blind), etag_in(unset));
  const auto made = restrict_admins("RESTRICT_TOKENS_AND_JOB_RUN_AS", etag_in(blind));
  ASSERT_EQ(made.status, 200);
  EXPECT_EQ(body_of(probe.get(route_of("restrict_workspace_admins"))), body_of(made));
  EXPECT_EQ(body_of(made).at("restrict_workspace_admins").at("status"),
            "RESTRICT_TOKENS_AND_JOB_RUN_AS");
}

TEST_F(SettingsTest, AStaleEtagIsRefusedWithTheNewOne) {
  const std::string first = etag_in(probe.get(route_of("restrict_workspace_admins")));
  const std::string second = text_of(body_of(restrict_admins("ALLOW_ALL", first)), "etag");
  EXPECT_NE(first, second);
  for (const std::string& stale : {first, std::string()}) {
    const auto refused = restrict_admins("RESTRICT_TOKENS_AND_JOB_RUN_AS", stale);
    EXPECT_EQ(refused.status, 409);
    EXPECT_EQ(etag_in(refused), second);
  }
  EXPECT_EQ(restrict_admins("RESTRICT_TOKENS_AND_JOB_RUN_AS", second).status, 200);
  RegionOptions options;
  options.workspace_id = 2;
  Probe elsewhere(options);
  EXPECT_NE(etag_in(elsewhere.get(route_of("restrict_workspace_admins"))), first)
      << "an etag of one workspace is none of another";
}

TEST_F(SettingsTest, AreUnsetWithTheirEtag) {
  const std::string path = route_of("default_namespace_ws");
  EXPECT_EQ(probe.del(path).status, 404);
  set("default_namespace_ws", "namespace", {{"value", "main"}}, etag_in(probe.get(path)));
  const auto refused = probe.del(path + "?etag=stale");
  EXPECT_EQ(refused.status, 409);
  const auto removed = probe.del(path + "?etag=" + http::percent_encode(etag_in(refused)));
  EXPECT_EQ(removed.status, 200);
  EXPECT_EQ(probe.get(path).status, 404);
  EXPECT_EQ(etag_in(probe.get(path)), text_of(body_of(removed), "etag"));
}

TEST_F(SettingsTest, AChangeNamesItsFields) {
  const std::string type = "automatic_cluster_update";
  const std::string payload = "automatic_cluster_update_workspace";
  const json both = {{"enabled", true}, {"restart_even_if_no_updates_available", true}};
  const std::string etag = etag_in(probe.get(route_of(type)));
  EXPECT_EQ(set(type, payload, both, etag, "enabled").status, 400);
  const auto made = set(type, payload, both, etag, payload + ".enabled");
  EXPECT_EQ(body_of(made).at(payload), json::object({{"enabled", true}}));
  EXPECT_EQ(probe.patch(route_of(type), {{"setting", json::object()}}).status, 400)
      << "without allow_missing";
  EXPECT_EQ(probe.del(route_of(type)).status, 404) << "there is no such call";
}

TEST_F(SettingsTest, SomeHaveNoEtagAndSomeCannotBeSwitchedOff) {
  const std::string plain = "enable-export-notebook";
  EXPECT_EQ(body_of(probe.get(route_of(plain))).at("boolean_val").at("value"), true);
  EXPECT_EQ(set(plain, "boolean_val", {{"value", false}}, "").status, 200);
  EXPECT_FALSE(body_of(probe.get(route_of(plain))).contains("etag"));
  const std::string shield = "shield_csp_enablement_ws_db";
  const std::string payload = "compliance_security_profile_workspace";
  const auto on =
      set(shield, payload, {{"is_enabled", true}}, etag_in(probe.get(route_of(shield))));
  ASSERT_EQ(on.status, 200);
  EXPECT_EQ(set(shield, payload, {{"is_enabled", false}}, text_of(body_of(on), "etag")).status,
            400);
}

TEST_F(SettingsTest, ADefaultWarehouseMustExist) {
  const std::string type = "default_warehouse_id";
  const std::string etag = etag_in(probe.get(route_of(type)));
  EXPECT_EQ(set(type, "string_val", {{"value", "gone"}}, etag).status, 400);
  const json warehouses = body_of(probe.get("/api/2.0/sql/warehouses"));
  EXPECT_EQ(
      set(type, "string_val", {{"value", warehouses.at("warehouses").at(0).at("id")}}, etag).status,
      200);
}

TEST_F(SettingsTest, TheNewerApiShowsTheSameByName) {
  std::vector<std::string> names;
  std::string token;
  do {
    const json page =
        body_of(probe.get("/api/2.1/settings-metadata?page_size=5&page_token=" + token));
    for (const json& row : list_of(page, "settings_metadata"))
      names.push_back(text_of(row, "name"));
    token = http::percent_encode(text_of(page, "next_page_token"));
  } while (!token.empty());
  EXPECT_EQ(names.size(), 16U);
  const std::string one = "/api/2.1/settings/sql_results_download";
  EXPECT_EQ(body_of(probe.get(one)), json::object({{"name", "sql_results_download"},
                                                   {"effective_boolean_val", {{"value", true}}}}));
  ASSERT_EQ(probe.patch(one, {{"boolean_val", {{"value", false}}}}).status, 200);
  EXPECT_EQ(body_of(probe.get(one)).at("boolean_val").at("value"), false);
  EXPECT_EQ(body_of(probe.get(route_of("sql_results_download"))).at("boolean_val").at("value"),
            false);
  EXPECT_EQ(probe.patch(one, {{"effective_boolean_val", {{"value", true}}}}).status, 400);
  EXPECT_EQ(probe.get("/api/2.1/settings/none").status, 404);
  EXPECT_EQ(probe.get(route_of("none")).status, 404);
  EXPECT_EQ(probe.region().world().at("settings").size(), 1U);
}

TEST_F(SettingsTest, AreForAdmins) {
  probe.region().get<Identity>().ensure_user("ana@contoso.example", false);
  probe.post("/sim/credentials", {{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}});
  probe.use_token("dapi-ana");
  EXPECT_EQ(probe.get(route_of("sql_results_download")).status, 403);
  EXPECT_EQ(probe.get("/api/2.1/settings/sql_results_download").status, 403);
}

}  // namespace
}  // namespace twinlake::simulator
