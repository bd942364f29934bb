#include "simulator/compute/clusters.h"

#include <gtest/gtest.h>

#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string clusters = "/api/2.1/clusters/";
constexpr std::int64_t day = 24LL * 3600 * 1000;

class ClustersTest : public testing::Test {
 protected:
  static json small(const std::string& name = "c") {
    return json::object({{"cluster_name", name},
                         {"spark_version", "15.4.x-scala2.12"},
                         {"node_type_id", "Standard_DS3_v2"},
                         {"num_workers", 1}});
  }
  http::Response create(const json& body) { return probe.post(clusters + "create", body); }
  std::string made(const json& body = small()) {
    return text_of(body_of(create(body)), "cluster_id");
  }
  http::Response act(const std::string& verb, const std::string& id) {
    return probe.post(clusters + verb, json::object({{"cluster_id", id}}));
  }
  json get(const std::string& id) { return body_of(probe.get(clusters + "get?cluster_id=" + id)); }
  std::string state(const std::string& id) { return text_of(get(id), "state"); }
  std::string running() {
    const std::string id = made();
    probe.wait_millis(cluster_start_millis);
    return id;
  }
  std::string terminated() {
    const std::string id = made();
    act("delete", id);
    probe.wait_millis(cluster_stop_millis);
    return id;
  }
  Probe probe;
};

TEST_F(ClustersTest, CreateStartsItAndTheClockDoesTheRest) {
  const std::string id = made();
  EXPECT_EQ(state(id), "PENDING");
  probe.wait_millis(cluster_start_millis - 1);
  EXPECT_EQ(state(id), "PENDING");
  probe.wait_millis(1);
  EXPECT_EQ(state(id), "RUNNING");
  ASSERT_EQ(act("delete", id).status, 200);
  EXPECT_EQ(state(id), "TERMINATING");
  probe.wait_millis(cluster_stop_millis);
  EXPECT_EQ(state(id), "TERMINATED");
  EXPECT_EQ(text_of(get(id).at("termination_reason"), "code"), "USER_REQUEST");
}

TEST_F(ClustersTest, MayBeTerminatedWhilePending) {
  const std::string id = made();
  ASSERT_EQ(act("delete", id).status, 200);
  probe.wait_millis(cluster_start_millis + cluster_stop_millis);
  EXPECT_EQ(state(id), "TERMINATED") << "it never runs";
}

TEST_F(ClustersTest, UnknownClusterIs400WithItsSentence) {
  const auto answer = probe.get(clusters + "get?cluster_id=0101-000000-gone1");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(code_of(answer), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(message_of(answer), "Cluster 0101-000000-gone1 does not exist");
  for (const char* verb : {"delete", "start", "restart", "pin", "unpin", "permanent-delete",
                           "events", "edit", "update", "resize", "change-owner"})
    EXPECT_EQ(act(verb, "gone").status, 400) << verb;
}

TEST_F(ClustersTest, ShowsWhatTheServerAddsAndKeepsTheSpec) {
  json body = small();
  body["unknown_field"] = json::array({1, 2});
  body["apply_policy_default_values"] = true;
  const json shown = get(made(body));
  EXPECT_EQ(shown.at("driver_node_type_id"), "Standard_DS3_v2");
  EXPECT_EQ(shown.at("enable_elastic_disk"), true);
  EXPECT_EQ(shown.at("azure_attributes").at("availability"), "ON_DEMAND_AZURE");
  EXPECT_EQ(shown.at("default_tags").at("ClusterName"), "c");
  EXPECT_EQ(shown.at("unknown_field"), json::array({1, 2}));
  EXPECT_FALSE(shown.contains("apply_policy_default_values"));
  EXPECT_EQ(shown.at("spec"), body) << "as it was sent, without defaults";
  const json listed = body_of(probe.get(clusters + "list")).at("clusters")[0];
  EXPECT_FALSE(listed.contains("spec"));
}

TEST_F(ClustersTest, RefusesDefinitionsThatAreIncomplete) {
  const auto without = [](const char* key) {
    json body = small();
    body.erase(key);
    return body;
  };
  EXPECT_EQ(create(without("spark_version")).status, 400);
  EXPECT_EQ(create(without("node_type_id")).status, 400);
  EXPECT_EQ(create(without("num_workers")).status, 400);
  json both = small();
  both["autoscale"] = json::object({{"min_workers", 1}, {"max_workers", 2}});
  EXPECT_EQ(create(both).status, 400);
  json idle = small();
  idle["autotermination_minutes"] = 5;
  EXPECT_EQ(create(idle).status, 400);
  idle["autotermination_minutes"] = 0;
  EXPECT_EQ(create(idle).status, 200);
}

TEST_F(ClustersTest, RefusesUnknownReferences) {
  for (const char* key :
       {"policy_id", "instance_pool_id", "driver_instance_pool_id", "single_user_name"}) {
    json body = small();
    body[key] = "no-such";
    const auto answer = create(body);
    EXPECT_EQ(answer.status, 400) << key;
    EXPECT_EQ(code_of(answer), "INVALID_PARAMETER_VALUE") << key;
  }
  json clone = small();
  clone["clone_from"] = json::object({{"source_cluster_id", "gone"}});
  EXPECT_EQ(create(clone).status, 400);
}

TEST_F(ClustersTest, RefusesTooManyTags) {
  json body = small();
  for (int i = 0; i < 46; ++i) body["custom_tags"]["t" + std::to_string(i)] = "v";
  EXPECT_EQ(create(body).status, 400);
  body["custom_tags"].erase("t0");
  EXPECT_EQ(create(body).status, 200);
}

TEST_F(ClustersTest, SingleUserIsTheCallerUnlessNamed) {
  json body = small();
  body["data_security_mode"] = "SINGLE_USER";
  EXPECT_EQ(text_of(get(made(body)), "single_user_name"), "replicator@twinlake.example");
}

TEST_F(ClustersTest, NamesRepeatAndDefaultToTheId) {
  EXPECT_NE(made(), made());
  json unnamed = small();
  unnamed.erase("cluster_name");
  const std::string id = made(unnamed);
  EXPECT_EQ(text_of(get(id), "cluster_name"), id);
}

TEST_F(ClustersTest, EditOnlyInRunningOrTerminated) {
  const std::string id = made();
  json edit = small("edited");
  edit["cluster_id"] = id;
  const auto refused = probe.post(clusters + "edit", edit);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "INVALID_STATE");
  probe.wait_millis(cluster_start_millis);
  ASSERT_EQ(probe.post(clusters + "edit", edit).status, 200);
  EXPECT_EQ(state(id), "RESTARTING") << "an edit restarts what runs";
  EXPECT_EQ(code_of(probe.post(clusters + "edit", edit)), "INVALID_STATE");
  const std::string stopped = terminated();
  edit["cluster_id"] = stopped;
  ASSERT_EQ(probe.post(clusters + "edit", edit).status, 200);
  EXPECT_EQ(state(stopped), "TERMINATED") << "and leaves alone what does not";
  EXPECT_EQ(text_of(get(stopped), "cluster_name"), "edited");
}

TEST_F(ClustersTest, UpdateTakesOnlyWhatTheMaskNames) {
  const std::string id = terminated();
  const auto update = [&](const std::string& mask, const json& changes) {
    return probe.post(
        clusters + "update",
        json::object({{"cluster_id", id}, {"update_mask", mask}, {"cluster", changes}}));
  };
  const json scale = json::object({{"min_workers", 1}, {"max_workers", 3}});
  ASSERT_EQ(update("autoscale", json::object({{"autoscale", scale}, {"cluster_name", "not this"}}))
                .status,
            200);
  EXPECT_EQ(get(id).at("autoscale"), scale);
  EXPECT_FALSE(get(id).contains("num_workers"));
  EXPECT_EQ(get(id).at("cluster_name"), "c");
  EXPECT_EQ(update("", json::object()).status, 400);
  EXPECT_EQ(update("spark_version", json::object()).status, 400)
      << "what is left must still be complete";
  EXPECT_EQ(update("policy_id", json::object({{"policy_id", "gone"}})).status, 400);
}

TEST_F(ClustersTest, JobClustersAreNotEdited) {
  json body = small("job-1-run-1");
  body["cluster_source"] = "JOB";
  const std::string id = text_of(body_of(probe.post("/sim/clusters", body)), "cluster_id");
  json edit = small();
  edit["cluster_id"] = id;
  EXPECT_EQ(code_of(probe.post(clusters + "edit", edit)), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(
      count_of(body_of(probe.get(clusters + "list?filter_by.cluster_sources=UI")), "clusters"), 0U);
  EXPECT_EQ(
      count_of(body_of(probe.get(clusters + "list?filter_by.cluster_sources=JOB")), "clusters"),
      1U);
}

TEST_F(ClustersTest, VerbsNeedTheirState) {
  const std::string id = made();
  const auto pending = act("start", id);
  EXPECT_EQ(code_of(pending), "INVALID_STATE");
  EXPECT_EQ(message_of(pending), "Cluster " + id + " is in unexpected state Pending.");
  json resize = json::object({{"cluster_id", id}, {"num_workers", 4}});
  EXPECT_EQ(message_of(probe.post(clusters + "resize", resize)), "Cluster is not running");
  EXPECT_EQ(code_of(act("restart", id)), "INVALID_STATE");
  probe.wait_millis(cluster_start_millis);
  ASSERT_EQ(probe.post(clusters + "resize", resize).status, 200);
  EXPECT_EQ(state(id), "RESIZING");
  probe.wait_millis(cluster_start_millis);
  EXPECT_EQ(get(id).at("num_workers"), 4);
  EXPECT_EQ(act("restart", id).status, 200);
  const std::string stopped = terminated();
  ASSERT_EQ(act("start", stopped).status, 200);
  EXPECT_EQ(state(stopped), "PENDING");
}

TEST_F(ClustersTest, IdleClustersStopByThemselves) {
  json body = small();
  body["autotermination_minutes"] = 10;
  const std::string id = made(body);
  probe.wait_millis(cluster_start_millis);
  ASSERT_EQ(state(id), "RUNNING");
  probe.wait_millis(10 * 60 * 1000);
  EXPECT_EQ(state(id), "TERMINATED");
  EXPECT_EQ(text_of(get(id).at("termination_reason"), "code"), "INACTIVITY");
}

TEST_F(ClustersTest, OneHundredPinsAndNotMore) {
  std::string last;
  for (std::size_t i = 0; i < pin_limit; ++i) {
    last = made();
    ASSERT_EQ(act("pin", last).status, 200);
  }
  EXPECT_EQ(act("pin", last).status, 200) << "again is no more";
  const std::string one_more = made();
  const auto refused = act("pin", one_more);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "QUOTA_EXCEEDED");
  act("unpin", last);
  EXPECT_EQ(act("pin", one_more).status, 200);
  const std::string by = text_of(get(one_more), "pinned_by_user_name");
  EXPECT_FALSE(by.empty());
  EXPECT_EQ(by.find_first_not_of("0123456789"), std::string::npos) << "the number of the user";
  EXPECT_FALSE(get(last).contains("pinned_by_user_name"));
}

TEST_F(ClustersTest, UnpinBeforeDeletingForGood) {
  const std::string id = terminated();
  act("pin", id);
  const auto refused = act("permanent-delete", id);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(message_of(refused).find("unpin the cluster first"), std::string::npos);
  act("unpin", id);
  ASSERT_EQ(act("permanent-delete", id).status, 200);
  EXPECT_EQ(probe.get(clusters + "get?cluster_id=" + id).status, 400);
}

TEST_F(ClustersTest, UnpinnedTerminatedClustersVanish) {
  const std::string id = terminated();
  const std::string pinned = terminated();
  act("pin", pinned);
  ASSERT_EQ(state(id), "TERMINATED");
  ASSERT_EQ(state(pinned), "TERMINATED");
  probe.wait_millis(31 * day);
  const json listed = body_of(probe.get(clusters + "list"));
  ASSERT_EQ(count_of(listed, "clusters"), 1U);
  EXPECT_EQ(listed.at("clusters")[0].at("cluster_id"), pinned);
  EXPECT_EQ(probe.get(clusters + "get?cluster_id=" + id).status, 200) << "get knows it longer";
  probe.wait_millis(31 * day);
  EXPECT_EQ(code_of(probe.get(clusters + "get?cluster_id=" + id)), "INVALID_STATE");
}

TEST_F(ClustersTest, OwnerChangesOnlyWhenTerminatedAndByAdmins) {
  const std::string id = running();
  const auto change = [&](const std::string& owner) {
    return probe.post(clusters + "change-owner",
                      json::object({{"cluster_id", id}, {"owner_username", owner}}));
  };
  probe.region().get<Identity>().ensure_user("ana@contoso.com", false);
  EXPECT_EQ(code_of(change("ana@contoso.com")), "INVALID_STATE");
  act("delete", id);
  probe.wait_millis(cluster_stop_millis);
  EXPECT_EQ(change("nobody@contoso.com").status, 400);
  ASSERT_EQ(change("ana@contoso.com").status, 200);
  EXPECT_EQ(text_of(get(id), "creator_user_name"), "ana@contoso.com");
}

TEST_F(ClustersTest, ListComesInPages) {
  for (int i = 0; i < 7; ++i) made(small("c" + std::to_string(i)));
  std::vector<std::string> names;
  std::string token;
  do {
    const json page =
        body_of(probe.get(clusters + "list?page_size=3&sort_by.field=CLUSTER_NAME&page_token=" +
                          http::percent_encode(token)));
    EXPECT_LE(count_of(page, "clusters"), 3U);
    for (const json& cluster : list_of(page, "clusters"))
      names.push_back(text_of(cluster, "cluster_name"));
    token = text_of(page, "next_page_token");
  } while (!token.empty());
  EXPECT_EQ(names, (std::vector<std::string>{"c0", "c1", "c2", "c3", "c4", "c5", "c6"}));
  EXPECT_EQ(probe.get(clusters + "list?page_size=101").status, 400);
  EXPECT_EQ(probe.get(clusters + "list?page_token=guess").status, 400);
  EXPECT_EQ(count_of(body_of(probe.get("/api/2.0/clusters/list")), "clusters"), 7U)
      << "the old list has no pages";
}

TEST_F(ClustersTest, FiltersByStateAndPin) {
  const std::string id = made();
  terminated();
  act("pin", id);
  for (const char* yes : {"true", "True"}) {  // the second is how the Python SDK writes it
    const json found = body_of(probe.get(clusters + "list?filter_by.is_pinned=" + yes));
    ASSERT_EQ(count_of(found, "clusters"), 1U) << yes;
    EXPECT_EQ(text_of(found.at("clusters")[0], "cluster_id"), id) << yes;
  }
  EXPECT_EQ(count_of(body_of(probe.get(clusters + "list?filter_by.cluster_states=TERMINATED")),
                     "clusters"),
            1U);
}

TEST_F(ClustersTest, EventsTellWhatHappened) {
  const std::string id = terminated();
  const json events = body_of(
      probe.post(clusters + "events", json::object({{"cluster_id", id}, {"order", "ASC"}})));
  EXPECT_EQ(text_of(events.at("events")[0], "type"), "CREATING");
  EXPECT_EQ(events.at("total_count"), count_of(events, "events"));
  EXPECT_EQ(text_of(events.at("events").back(), "type"), "TERMINATING")
      << "clients know no event for being terminated";
}

TEST_F(ClustersTest, EventsComeInPagesThatNameTheNextRequest) {
  const std::string id = terminated();
  const std::size_t all = count_of(
      body_of(probe.post(clusters + "events", json::object({{"cluster_id", id}}))), "events");
  json request = json::object({{"cluster_id", id}, {"page_size", 2}});
  std::size_t seen = 0;
  while (request.is_object()) {
    const json page = body_of(probe.post(clusters + "events", request));
    ASSERT_LE(count_of(page, "events"), 2U);
    seen += count_of(page, "events");
    ASSERT_LE(seen, all);
    request = page.value("next_page", json());
  }
  EXPECT_EQ(seen, all);
  EXPECT_GT(seen, 2U);
}

TEST_F(ClustersTest, CataloguesAnswer) {
  EXPECT_GT(count_of(body_of(probe.get(clusters + "list-node-types")), "node_types"), 0U);
  EXPECT_GT(count_of(body_of(probe.get(clusters + "spark-versions")), "versions"), 0U);
  EXPECT_EQ(body_of(probe.get(clusters + "list-zones")).at("default_zone"), "1");
}

TEST_F(ClustersTest, MachinesThatTheRegionDoesNotOfferAreNotListed) {
  EXPECT_EQ(probe.post("/sim/node-types", json::object({{"withdrawn", "x"}})).status, 400);
  const json gone = json::array({"Standard_DS3_v2"});
  EXPECT_EQ(probe.post("/sim/node-types", json::object({{"withdrawn", gone}})).status, 200);
  const json types = body_of(probe.get(clusters + "list-node-types")).at("node_types");
  EXPECT_GT(types.size(), 1U);
  for (const json& type : types) EXPECT_NE(type.at("node_type_id"), "Standard_DS3_v2");
  const json without = json::array({"Standard_DS5_v2"});
  EXPECT_EQ(probe.post("/sim/node-types", json::object({{"unavailable", without}})).status, 200);
  const json now = body_of(probe.get(clusters + "list-node-types")).at("node_types");
  for (const json& type : now)
    if (type.at("node_type_id") == "Standard_DS5_v2")
      EXPECT_EQ(type.at("node_info").at("status"), json::array({"NotAvailableInRegion"}));
}

class LibrariesTest : public ClustersTest {
 protected:
  http::Response change(const std::string& verb, const std::string& id, const json& libraries) {
    return probe.post("/api/2.0/libraries/" + verb,
                      json::object({{"cluster_id", id}, {"libraries", libraries}}));
  }
  json status(const std::string& id) {
    return body_of(probe.get("/api/2.0/libraries/cluster-status?cluster_id=" + id));
  }
  const json one =
      json::array({json::object({{"pypi", json::object({{"package", "simplejson"}})}})});
};

TEST_F(LibrariesTest, WaitOnTerminatedClustersWithoutStartingThem) {
  const std::string id = terminated();
  ASSERT_EQ(change("install", id, one).status, 200);
  ASSERT_EQ(change("install", id, one).status, 200) << "twice is once";
  ASSERT_EQ(count_of(status(id), "library_statuses"), 1U);
  EXPECT_EQ(status(id).at("library_statuses")[0].at("status"), "PENDING");
  EXPECT_EQ(state(id), "TERMINATED");
  act("start", id);
  probe.wait_millis(cluster_start_millis);
  EXPECT_EQ(status(id).at("library_statuses")[0].at("status"), "INSTALLED");
  ASSERT_EQ(change("uninstall", id, one).status, 200);
  EXPECT_EQ(status(id).at("library_statuses")[0].at("status"), "UNINSTALL_ON_RESTART");
  act("restart", id);
  EXPECT_EQ(count_of(status(id), "library_statuses"), 0U);
}

TEST_F(LibrariesTest, RefuseWhatIsWrong) {
  EXPECT_EQ(message_of(change("install", "gone", one)), "Cluster gone does not exist");
  EXPECT_EQ(probe.get("/api/2.0/libraries/cluster-status?cluster_id=gone").status, 400);
  const std::string id = made();
  EXPECT_EQ(change("install", id, json::array()).status, 400);
  EXPECT_EQ(change("install", id, json::array({json::object({{"jarr", "x"}})})).status, 400);
  EXPECT_EQ(change("install", id, json::array({json::object({{"jar", "x"}, {"whl", "y"}})})).status,
            400);
}

TEST_F(LibrariesTest, AllStatusesIncludeClustersThatAreGone) {
  const std::string id = terminated();
  change("install", id, one);
  act("permanent-delete", id);
  const json all = body_of(probe.get("/api/2.0/libraries/all-cluster-statuses"));
  ASSERT_EQ(count_of(all, "statuses"), 1U);
  EXPECT_EQ(all.at("statuses")[0].at("cluster_id"), id);
}

}  // namespace
}  // namespace twinlake::simulator
