#include <gtest/gtest.h>

#include "simulator/compute/compute.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string policies = "/api/2.0/policies/clusters/";
const std::string pools = "/api/2.0/instance-pools/";

class PoliciesTest : public testing::Test {
 protected:
  http::Response create(const json& body) { return probe.post(policies + "create", body); }
  std::string made(const json& body) { return text_of(body_of(create(body)), "policy_id"); }
  json get(const std::string& id) { return body_of(probe.get(policies + "get?policy_id=" + id)); }
  json policy_named(const std::string& name) {
    const json all = body_of(probe.get(policies + "list"));
    for (const json& policy : list_of(all, "policies"))
      if (text_of(policy, "name") == name) return policy;
    return json();
  }
  std::string pool(const std::string& name) {
    const json body =
        json::object({{"instance_pool_name", name}, {"node_type_id", "Standard_DS3_v2"}});
    return text_of(body_of(probe.post(pools + "create", body)), "instance_pool_id");
  }
  Probe probe;
};

json simple(const std::string& name) {
  return json::object({{"name", name}, {"definition", "{}"}});
}

TEST_F(PoliciesTest, FreshWorkspaceHasTheDefaultPolicies) {
  const std::pair<const char*, const char*> defaults[] = {{"Personal Compute", "personal-vm"},
                                                          {"Job Compute", "job-cluster"}};
  for (const auto& [name, family] : defaults) {
    const json policy = policy_named(name);
    EXPECT_TRUE(flag_of(policy, "is_default")) << name;
    EXPECT_EQ(text_of(policy, "policy_family_id"), family);
    EXPECT_FALSE(text_of(policy, "definition").empty()) << "a GET shows the merged definition";
  }
  EXPECT_FALSE(policy_named("Shared Compute").is_null());
  EXPECT_FALSE(policy_named("Power User Compute").is_null());
}

TEST_F(PoliciesTest, DefaultPoliciesStayAndKeepTheirFamily) {
  const json policy = policy_named("Personal Compute");
  const std::string id = text_of(policy, "policy_id");
  EXPECT_EQ(probe.post(policies + "delete", json::object({{"policy_id", id}})).status, 400);
  json edit = json::object({{"policy_id", id}, {"name", "Personal Compute"}});
  edit["policy_family_id"] = "job-cluster";
  EXPECT_EQ(probe.post(policies + "edit", edit).status, 400);
  edit["policy_family_id"] = "personal-vm";
  edit["policy_family_definition_overrides"] = R"({"num_workers":{"type":"fixed","value":1}})";
  ASSERT_EQ(probe.post(policies + "edit", edit).status, 200);
  const auto merged = parse_object(text_of(get(id), "definition"));
  ASSERT_TRUE(merged);
  EXPECT_EQ(merged->at("num_workers").at("value"), 1);
  EXPECT_TRUE(merged->contains("autotermination_minutes")) << "of the family";
  EXPECT_TRUE(flag_of(get(id), "is_default"));
}

TEST_F(PoliciesTest, NamesAreUnique) {
  ASSERT_EQ(create(simple("team")).status, 200);
  EXPECT_EQ(code_of(create(simple("team"))), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(create(simple("Team")).status, 200) << "case-sensitive";
  EXPECT_EQ(create(simple("")).status, 400);
  EXPECT_EQ(create(simple(std::string(101, 'x'))).status, 400);
}

TEST_F(PoliciesTest, DefinitionAndFamilyExcludeEachOther) {
  json both = simple("x");
  both["policy_family_id"] = "personal-vm";
  EXPECT_EQ(create(both).status, 400);
  EXPECT_EQ(create(json::object({{"name", "x"}})).status, 400);
  EXPECT_EQ(create(json::object({{"name", "x"}, {"policy_family_id", "no-such"}})).status, 400);
}

TEST_F(PoliciesTest, RefusesDefinitionsThatAreWrong) {
  EXPECT_EQ(create(json::object({{"name", "x"}, {"definition", "{oops"}})).status, 400);
  EXPECT_EQ(create(json::object({{"name", "x"}, {"definition", "[]"}})).status, 400);
  json few = simple("x");
  few["max_clusters_per_user"] = 0;
  EXPECT_EQ(create(few).status, 400);
  few["max_clusters_per_user"] = 3;
  EXPECT_EQ(create(few).status, 200);
}

TEST_F(PoliciesTest, FixedPoolMustExist) {
  const auto with_pool = [&](const std::string& type, const std::string& id) {
    const json rule =
        json::object({{"instance_pool_id", json::object({{"type", type}, {"value", id}})}});
    return json::object({{"name", type + id}, {"definition", rule.dump()}});
  };
  EXPECT_EQ(create(with_pool("fixed", "gone")).status, 400);
  EXPECT_EQ(create(with_pool("fixed", pool("p"))).status, 200);
}

TEST_F(PoliciesTest, EditReplacesEverything) {
  json body = simple("team");
  body["description"] = "for the team";
  body["unknown_field"] = "kept";
  const std::string id = made(body);
  EXPECT_EQ(text_of(get(id), "unknown_field"), "kept");
  json edit = simple("team");
  edit["policy_id"] = id;
  ASSERT_EQ(probe.post(policies + "edit", edit).status, 200);
  EXPECT_FALSE(get(id).contains("description"));
  EXPECT_EQ(text_of(get(id), "creator_user_name"), "replicator@twinlake.example");
  edit["policy_id"] = "0000000000000000";
  EXPECT_EQ(probe.post(policies + "edit", edit).status, 404);
  ASSERT_EQ(probe.post(policies + "delete", json::object({{"policy_id", id}})).status, 200);
  EXPECT_EQ(probe.get(policies + "get?policy_id=" + id).status, 404);
}

TEST_F(PoliciesTest, FamiliesComeInPages) {
  std::vector<std::string> ids;
  std::string token;
  do {
    const json page = body_of(probe.get("/api/2.0/policy-families?max_results=3&page_token=" +
                                        http::percent_encode(token)));
    for (const json& family : list_of(page, "policy_families"))
      ids.push_back(text_of(family, "policy_family_id"));
    token = text_of(page, "next_page_token");
  } while (!token.empty());
  EXPECT_EQ(ids.size(), 4U);
  EXPECT_EQ(probe.get("/api/2.0/policy-families/personal-vm").status, 200);
  EXPECT_EQ(probe.get("/api/2.0/policy-families/none").status, 404);
}

TEST_F(PoliciesTest, PoolsHaveDefaultsAndFourCounters) {
  const std::string id = pool("p");
  EXPECT_TRUE(id.find("-pool-") != std::string::npos) << id;
  const json shown = body_of(probe.get(pools + "get?instance_pool_id=" + id));
  EXPECT_EQ(shown.at("stats").size(), 4U);
  EXPECT_EQ(shown.at("idle_instance_autotermination_minutes"), 60);
  EXPECT_EQ(shown.at("enable_elastic_disk"), true);
  EXPECT_EQ(shown.at("state"), "ACTIVE");
  EXPECT_EQ(text_of(shown.at("default_tags"), "DatabricksInstancePoolId"), id);
}

TEST_F(PoliciesTest, PoolsAreRefusedForTheDocumentedReasons) {
  const auto with = [](const std::string& name, const char* key, const json& value) {
    json body = json::object({{"instance_pool_name", name}, {"node_type_id", "Standard_DS3_v2"}});
    body["max_capacity"] = 5;
    body[key] = value;
    return body;
  };
  pool("p");
  EXPECT_EQ(probe.post(pools + "create", with("p", "x", 1)).status, 400) << "the name is taken";
  EXPECT_EQ(probe.post(pools + "create", with("q", "min_idle_instances", 6)).status, 400);
  EXPECT_EQ(probe.post(pools + "create", with("q", "node_type_id", "")).status, 400);
  EXPECT_EQ(probe.post(pools + "create", with("", "x", 1)).status, 400);
  json tags = json::object();
  for (int i = 0; i < 46; ++i) tags["tag" + std::to_string(i)] = "v";
  EXPECT_EQ(probe.post(pools + "create", with("q", "custom_tags", tags)).status, 400);
  EXPECT_EQ(probe.post(pools + "create", with("q", "min_idle_instances", 5)).status, 200);
}

TEST_F(PoliciesTest, PoolEditChangesOnlySomeFieldsAndResetsTheRest) {
  json body = json::object({{"instance_pool_name", "p"}, {"node_type_id", "Standard_DS3_v2"}});
  body["min_idle_instances"] = 2;
  body["preloaded_spark_versions"] = json::array({"15.4.x-scala2.12"});
  const std::string id = text_of(body_of(probe.post(pools + "create", body)), "instance_pool_id");
  json edit = json::object({{"instance_pool_id", id},
                            {"instance_pool_name", "renamed"},
                            {"node_type_id", "Standard_DS3_v2"},
                            {"preloaded_spark_versions", json::array()}});
  const auto answer = probe.post(pools + "edit", edit);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}") << "the old command line parses every answer";
  const json shown = body_of(probe.get(pools + "get?instance_pool_id=" + id));
  EXPECT_EQ(shown.at("instance_pool_name"), "renamed");
  EXPECT_EQ(shown.at("min_idle_instances"), 0) << "left out: back to its default";
  EXPECT_EQ(count_of(shown, "preloaded_spark_versions"), 1U) << "not editable";
  edit["node_type_id"] = "Standard_DS4_v2";
  EXPECT_EQ(probe.post(pools + "edit", edit).status, 400);
  ASSERT_EQ(probe.post(pools + "delete", json::object({{"instance_pool_id", id}})).status, 200);
  EXPECT_EQ(probe.get(pools + "get?instance_pool_id=" + id).status, 404);
  EXPECT_EQ(probe.get(pools + "list").body, "{}");
}

}  // namespace
}  // namespace twinlake::simulator
