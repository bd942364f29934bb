// Pools, policies and clusters: the special ones by hand, then as many regular ones as wanted.
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
constexpr const char* node_types[] = {"Standard_DS3_v2", "Standard_E8ds_v5", "Standard_D16ads_v5",
                                      "Standard_F8s_v2"};
constexpr const char* spark = "15.4.x-scala2.12";

json fixed(json value) { return json::object({{"type", "fixed"}, {"value", std::move(value)}}); }

void add_pool(Estate& estate, const json& pool) {
  const json made = estate.primary.post("/api/2.0/instance-pools/create", pool);
  estate.pools.push_back(made.at("instance_pool_id").get<std::string>());
  const std::size_t number = estate.pools.size();
  grant(estate, "instance-pools", estate.pools.back(),
        json::array({group_entry("data-platform", "CAN_MANAGE"),
                     group_entry(estate.group(number), "CAN_ATTACH_TO"),
                     service_principal_entry(estate.service_principal(number), "CAN_ATTACH_TO")}));
}

/// Four of different kinds, then numbered ones.
json pool_of(int number) {
  json pool = json::object(
      {{"node_type_id", node_types[static_cast<std::size_t>(number) % std::size(node_types)]},
       {"idle_instance_autotermination_minutes", 15 + 5 * number % 45},
       {"max_capacity", 20}});
  if (number == 0) {
    pool["instance_pool_name"] = "shared workers";
    pool["min_idle_instances"] = 2;  // costs money as long as the pool stands
    pool["preloaded_spark_versions"] = json::array({spark});
  } else if (number == 1) {
    pool["instance_pool_name"] = "drivers (memory)";
    pool["min_idle_instances"] = 1;
  } else if (number == 2) {
    pool["instance_pool_name"] = "spot-batch";
    pool["azure_attributes"] =
        json::object({{"availability", "SPOT_AZURE"}, {"spot_bid_max_price", 0.4}});
    pool["enable_elastic_disk"] = false;
  } else if (number == 3) {
    pool["instance_pool_name"] = "scoring";
    pool["disk_spec"] = json::object({{"disk_count", 2}, {"disk_size", 256}});
    pool["disk_spec"]["disk_type"]["azure_disk_volume_type"] = "PREMIUM_LRS";
    pool["custom_tags"] = json::object({{"team", "risk"}, {"cost-centre", "4711"}});
  } else {
    pool["instance_pool_name"] = "workers " + two_digits(number);
  }
  return pool;
}

/// Definitions are JSON in a text, with ids and paths inside.
json definition_of(const Estate& estate, int number) {
  json rules = json::object();
  rules["spark_version"] =
      json::object({{"type", "allowlist"}, {"values", json::array({spark, "14.3.x-scala2.12"})}});
  rules["autotermination_minutes"] =
      json::object({{"type", "range"}, {"maxValue", 120}, {"defaultValue", 30 + number}});
  rules["custom_tags.team"] =
      fixed(teams[static_cast<std::size_t>(number) % std::size(teams)].name);
  switch (number % 5) {
    case 0:
      rules["instance_pool_id"] = fixed(estate.pools.front());
      rules["driver_instance_pool_id"] = json::object(
          {{"type", "allowlist"}, {"values", estate.pools}, {"defaultValue", estate.pools.back()}});
      break;
    case 1:
      rules["init_scripts.0.workspace.destination"] =
          fixed("/Teams/finance/ledger/init/install-agent.sh");
      rules["data_security_mode"] = fixed("USER_ISOLATION");
      break;
    case 2:
      rules["spark_conf.fs.azure.account.key.stlake.dfs.core.windows.net"] =
          fixed("{{secrets/platform-secrets/stlake-key}}");
      rules["cluster_log_conf.path"] = fixed("dbfs:/cluster-logs");
      break;
    case 3:
      rules["node_type_id"] = json::object({{"type", "allowlist"}, {"values", node_types}});
      rules["spark_env_vars.STAGE"] = fixed("prod");
      break;
    default:
      rules["cluster_type"] = fixed("job");
      rules["num_workers"] = json::object({{"type", "range"}, {"minValue", 1}, {"maxValue", 20}});
      break;
  }
  return rules;
}

void add_policy(Estate& estate, int number) {
  json policy = json::object();
  const std::string team = teams[static_cast<std::size_t>(number) % std::size(teams)].name;
  if (number == 1) {
    policy["name"] = "risk jobs (from the family)";
    policy["policy_family_id"] = "job-cluster";
    const json overrides = json::object(
        {{"instance_pool_id", fixed(estate.pools.back())}, {"custom_tags.team", fixed("risk")}});
    policy["policy_family_definition_overrides"] = overrides.dump();
  } else {
    policy["name"] = team + (number < 6 ? "" : " " + std::to_string(number / 6 + 1)) + " compute";
    policy["definition"] = definition_of(estate, number).dump(number % 2 == 0 ? -1 : 2);
    policy["description"] = "What " + team + " may start. Questions: on-call";
  }
  if (number % 3 == 0) policy["max_clusters_per_user"] = 3;
  if (number % 4 == 2)
    policy["libraries"] = json::array(
        {json::object({{"pypi", json::object({{"package", "great-expectations==0.18.12"}})}}),
         json::object(
             {{"whl", "/Workspace/Teams/finance/ledger/dist/helpers-1.4.2-py3-none-any.whl"}})});
  const json made = estate.primary.post("/api/2.0/policies/clusters/create", policy);
  estate.policies.push_back(made.at("policy_id").get<std::string>());
  const auto index = static_cast<std::size_t>(number);
  grant(estate, "cluster-policies", estate.policies.back(),
        json::array({group_entry(estate.group(index + 2), "CAN_USE"),
                     user_entry(estate.user(index), "CAN_USE"),
                     service_principal_entry(estate.service_principal(index), "CAN_USE")}));
}

/// The service brings its own policies; companies change them instead of making new ones.
void edit_built_in_policies(Estate& estate) {
  const std::map<std::string, json> changes = {
      {"personal-vm",
       json::object({{"autotermination_minutes", json::object({{"type", "fixed"}, {"value", 45}})},
                     {"node_type_id", fixed("Standard_DS3_v2")}})},
      {"shared-compute", json::object({{"instance_pool_id", fixed(estate.pools.front())}})}};
  const json listed = estate.primary.get("/api/2.0/policies/clusters/list");
  for (const json& policy : listed.at("policies")) {
    const auto change = changes.find(policy.value("policy_family_id", ""));
    if (!policy.value("is_default", false) || change == changes.end()) continue;
    estate.primary.post(
        "/api/2.0/policies/clusters/edit",
        json::object({{"policy_id", policy.at("policy_id")},
                      {"name", policy.at("name")},
                      {"policy_family_id", change->first},
                      {"policy_family_definition_overrides", change->second.dump()}}));
    grant(estate, "cluster-policies", policy.at("policy_id").get<std::string>(),
          json::array({group_entry("users", "CAN_USE")}));
  }
}

json cluster_base(const std::string& name) {
  return json::object({{"cluster_name", name},
                       {"spark_version", spark},
                       {"node_type_id", node_types[0]},
                       {"autotermination_minutes", 60}});
}
json scale(int least, int most) {
  return json::object({{"min_workers", least}, {"max_workers", most}});
}

json single_node(const std::string& name) {
  json cluster = cluster_base(name);
  cluster["num_workers"] = 0;
  cluster["spark_conf"] = json::object(
      {{"spark.databricks.cluster.profile", "singleNode"}, {"spark.master", "local[*]"}});
  cluster["custom_tags"] = json::object({{"ResourceClass", "SingleNode"}});
  return cluster;
}

json pooled(const Estate& estate, const std::string& name) {
  json cluster = cluster_base(name);
  cluster.erase("node_type_id");
  cluster["instance_pool_id"] = estate.pools.front();
  cluster["driver_instance_pool_id"] = estate.pools.back();
  cluster["num_workers"] = 4;
  return cluster;
}

json tuned(const std::string& name) {
  json cluster = cluster_base(name);
  cluster["autoscale"] = scale(2, 12);
  cluster["runtime_engine"] = "PHOTON";
  cluster["spark_conf"] = json::object({{"spark.sql.shuffle.partitions", "auto"},
                                        {"fs.azure.account.key.stlake.dfs.core.windows.net",
                                         "{{secrets/platform-secrets/stlake-key}}"}});
  cluster["spark_env_vars"] =
      json::object({{"STAGE", "prod"}, {"PYSPARK_PYTHON", "/databricks/python3/bin/python3"}});
  cluster["init_scripts"] = json::array();
  cluster["init_scripts"].push_back(json::object(
      {{"workspace",
        json::object({{"destination", "/Teams/finance/ledger/init/install-agent.sh"}})}}));
  cluster["init_scripts"].push_back(json::object(
      {{"volumes", json::object({{"destination", "/Volumes/main/platform/init/certs.sh"}})}}));
  cluster["cluster_log_conf"]["dbfs"]["destination"] = "dbfs:/cluster-logs/finance";
  cluster["azure_attributes"] = json::object({{"availability", "SPOT_WITH_FALLBACK_AZURE"},
                                              {"first_on_demand", 2},
                                              {"spot_bid_max_price", -1}});
  return cluster;
}

json personal(const std::string& name, const std::string& owner) {
  json cluster = single_node(name);
  cluster["data_security_mode"] = "SINGLE_USER";
  cluster["single_user_name"] = owner;
  return cluster;
}

json new_style(const std::string& name) {
  json cluster = cluster_base(name);
  cluster["kind"] = "CLASSIC_PREVIEW";
  cluster["is_single_node"] = true;
  cluster["use_ml_runtime"] = true;
  cluster["data_security_mode"] = "DATA_SECURITY_MODE_AUTO";
  return cluster;
}

/// The special ones; null when there are no more.
json special_cluster(const Estate& estate, int number) {
  switch (number) {
    case 0: return tuned("finance close");
    case 1: return pooled(estate, "shared analytics");
    case 2: return personal("notebook of data-eng-01", estate.user(1));
    case 3: return single_node("small experiments");
    case 4: return new_style("ML workbench");
    case 5: return personal("deployment checks", estate.service_principal(2));
    case 6: {
      json cluster = cluster_base("legacy reports");
      cluster["num_workers"] = 2;
      cluster["autotermination_minutes"] = 0;  // never stops by itself
      cluster["spark_version"] = "14.3.x-scala2.12";
      cluster["docker_image"]["url"] = "registry.lakeside.example/reports:2.3";
      cluster["workload_type"]["clients"] = json::object({{"notebooks", false}, {"jobs", true}});
      return cluster;
    }
    case 7: {
      json cluster = cluster_base("by policy");
      cluster["policy_id"] = estate.policies.front();
      cluster["apply_policy_default_values"] = true;
      return cluster;
    }
    case 8: {
      json cluster = cluster_base("shared analytics");  // the second of this name
      cluster["autoscale"] = scale(1, 3);
      cluster["driver_node_type_id"] = node_types[1];
      cluster["enable_local_disk_encryption"] = true;
      return cluster;
    }
    default: return nullptr;
  }
}

json regular_cluster(const Estate& estate, int number) {
  const auto index = static_cast<std::size_t>(number);
  const Team& team = teams[index % std::size(teams)];
  json cluster =
      cluster_base(std::string(team.name) + " " + team.domains[index / std::size(teams) % 4] +
                   (number < 24 ? "" : " " + std::to_string(number / 24 + 1)));
  cluster["node_type_id"] = node_types[index % std::size(node_types)];
  if (number % 2 == 0)
    cluster["autoscale"] = scale(1, 2 + number % 7);
  else
    cluster["num_workers"] = 1 + number % 5;
  if (number % 3 == 0) cluster["policy_id"] = estate.policies[index % estate.policies.size()];
  cluster["data_security_mode"] = number % 4 == 1 ? "NONE" : "USER_ISOLATION";
  cluster["custom_tags"] =
      json::object({{"team", team.name}, {"cost-centre", std::to_string(4700 + number % 9)}});
  return cluster;
}

json libraries_of(int number) {
  json libraries = json::array();
  libraries.push_back(json::object(
      {{"pypi", json::object({{"package", "simplejson==3.19." + std::to_string(number % 3)}})}}));
  if (number % 3 == 0)
    libraries.push_back(
        json::object({{"maven", json::object({{"coordinates", "com.example:lake-connector:2.1.0"},
                                              {"exclusions", json::array({"org.slf4j:*"})}})}}));
  if (number % 4 == 0)
    libraries.push_back(json::object(
        {{"whl", "/Workspace/Teams/finance/ledger/dist/helpers-1.4.2-py3-none-any.whl"}}));
  if (number % 5 == 0)
    libraries.push_back(json::object({{"jar", "dbfs:/FileStore/jars/scoring.jar"}}));
  if (number % 7 == 0)
    libraries.push_back(json::object(
        {{"cran", json::object({{"package", "forecast"}, {"repo", "https://cran.example"}})}}));
  if (number % 8 == 0)
    libraries.push_back(
        json::object({{"requirements", "/Workspace/Teams/finance/ledger/requirements.txt"}}));
  return libraries;
}

void add_cluster(Estate& estate, int number) {
  json cluster = special_cluster(estate, number);
  if (cluster.is_null()) cluster = regular_cluster(estate, number);
  const std::string id =
      estate.primary.post("/api/2.1/clusters/create", cluster).at("cluster_id").get<std::string>();
  estate.clusters.push_back(id);
  const json named = json::object({{"cluster_id", id}});
  if (number % 2 == 0)
    estate.primary.post("/api/2.0/libraries/install",
                        json::object({{"cluster_id", id}, {"libraries", libraries_of(number)}}));
  if (number < 6 && number % 2 == 0) estate.primary.post("/api/2.1/clusters/pin", named);
  // A few are at work when the region is looked at, most have been stopped.
  if (number % 6 != 1) estate.primary.post("/api/2.1/clusters/delete", named);
  const auto index = static_cast<std::size_t>(number);
  json entries = json::array(
      {group_entry(estate.group(index + 1), number % 2 == 0 ? "CAN_RESTART" : "CAN_ATTACH_TO"),
       user_entry(estate.user(index + 3), "CAN_MANAGE")});
  if (number % 3 == 0)
    entries.push_back(service_principal_entry(estate.service_principal(index), "CAN_RESTART"));
  grant(estate, "clusters", id, std::move(entries));
}
}  // namespace

void fill_compute(Estate& estate) {
  for (int i = 0; i < estate.size.pools; ++i) add_pool(estate, pool_of(i));
  for (int i = 0; i < estate.size.policies; ++i) add_policy(estate, i);
  edit_built_in_policies(estate);
  for (int i = 0; i < estate.size.clusters; ++i) add_cluster(estate, i);
  estate.primary.wait(10);
}

}  // namespace twinlake::simulator
