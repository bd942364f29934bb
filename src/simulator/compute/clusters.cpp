#include "simulator/compute/clusters.h"

#include "simulator/collection.h"
#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"
#include "simulator/identity/permissions.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t purge_days = 60;
/// Of a body that came from a GET or from another call, these are not what the user specifies.
constexpr const char* not_specified[] = {"cluster_id",
                                         "creator_user_name",
                                         "cluster_source",
                                         "state",
                                         "state_message",
                                         "start_time",
                                         "terminated_time",
                                         "termination_reason",
                                         "last_restarted_time",
                                         "last_activity_time",
                                         "default_tags",
                                         "driver",
                                         "executors",
                                         "spark_context_id",
                                         "jdbc_port",
                                         "cluster_cores",
                                         "cluster_memory_mb",
                                         "cluster_log_status",
                                         "spec",
                                         "effective_spark_version",
                                         "pinned_by_user_name",
                                         "disk_spec",
                                         "init_scripts_safe_mode",
                                         "idempotency_token",
                                         "clone_from",
                                         "last_state_loss_time"};

/// One name of an update mask: what the changes do not hold is removed.
void take_field(json& attributes, const json& changes, const std::string& name) {
  apply_mask(attributes, changes, name);
  // The two ways to give a size replace each other.
  if (name == "autoscale" && changes.contains(name)) attributes.erase("num_workers");
  if (name == "num_workers" && changes.contains(name)) attributes.erase("autoscale");
}
}  // namespace

http::Response no_cluster(std::string_view id) {
  return invalid("Cluster " + std::string(id) + " does not exist");
}

void add_cluster_defaults(json& definition) {
  json& azure = definition["azure_attributes"];
  if (!azure.is_object()) azure = json::object();
  fill(azure, json::object({{"first_on_demand", 1},
                            {"availability", "ON_DEMAND_AZURE"},
                            {"spot_bid_max_price", -1.0}}));
  fill(definition, json::object({{"enable_elastic_disk", true}}));
}

Clusters::Clusters(Region& region, Compute& compute, Libraries& libraries)
    : region_(region), compute_(compute), libraries_(libraries) {
  add_routes("2.1");
  add_routes("2.0");
  region.router().add(http::Method::post, "/sim/node-types",
                      [this](Call& call) { return change_node_types(call); });
  region.router().add(http::Method::post, "/sim/clusters",
                      [this](Call& call) { return plant(call); });
  Permissions::TypeHooks hooks;
  hooks.exists = [this](const std::string& id) { return clusters_.find(id) != nullptr; };
  hooks.refuse = [this](const std::string& id) -> Refusal {
    const Cluster* cluster = clusters_.find(id);
    if (cluster == nullptr || !purged(*cluster, purge_days)) return std::nullopt;
    return invalid_state("Cannot access cluster " + id +
                         " that was terminated or unpinned more than 30 days ago.");
  };
  region.get<Permissions>().register_type("clusters", std::move(hooks));
}

void Clusters::add_routes(const std::string& version) {
  using http::Method;
  Router& router = region_.router();
  const std::string root = "/api/" + version + "/clusters/";
  const bool paged = version == "2.1";
  const auto post = [&](const char* name, http::Response (Clusters::*handler)(Call&)) {
    router.add(Method::post, root + name,
               [this, handler](Call& call) { return (this->*handler)(call); });
  };
  post("create", &Clusters::create);
  post("edit", &Clusters::edit);
  post("update", &Clusters::update);
  post("delete", &Clusters::terminate);
  post("permanent-delete", &Clusters::permanent_delete);
  post("start", &Clusters::start);
  post("restart", &Clusters::restart);
  post("resize", &Clusters::resize);
  post("pin", &Clusters::pin);
  post("unpin", &Clusters::unpin);
  post("change-owner", &Clusters::change_owner);
  post("events", &Clusters::events);
  router.add(Method::get, root + "get", [this](Call& call) { return get(call); });
  router.add(Method::get, root + "list",
             [this, paged](Call& call) { return paged ? list(call) : list_unpaged(call); });
  router.add(Method::get, root + "list-node-types", [this](Call&) { return node_types(); });
  router.add(Method::get, root + "spark-versions", [this](Call&) { return spark_versions(); });
  router.add(Method::get, root + "list-zones", [](Call&) { return zones(); });
}

json Clusters::specified(const json& body) {
  json attributes = body.is_object() ? body : json::object();
  for (const char* key : not_specified) attributes.erase(key);
  return attributes;
}

Refusal Clusters::check(const json& attributes) const {
  if (text_of(attributes, "spark_version").empty())
    return invalid("Missing required field: spark_version");
  const bool by_policy = flag_of(attributes, "apply_policy_default_values");
  const bool single = flag_of(attributes, "is_single_node");
  const bool fixed = field(attributes, "num_workers") != nullptr;
  const bool scaled = field(attributes, "autoscale") != nullptr;
  if (fixed && scaled) return invalid("Only one of num_workers and autoscale can be given.");
  if (!fixed && !scaled && !single && !by_policy)
    return invalid("Exactly one of num_workers and autoscale must be given.");
  if (text_of(attributes, "node_type_id").empty() &&
      text_of(attributes, "instance_pool_id").empty() && !by_policy)
    return invalid("Missing required field: node_type_id or instance_pool_id");
  const auto idle = integer_of(attributes, "autotermination_minutes").value_or(0);
  if (idle != 0 && (idle < 10 || idle > 10000))
    return invalid("autotermination_minutes must be 0 or between 10 and 10000.");
  if (count_of(attributes, "custom_tags") > tag_limit)
    return invalid("At most 45 custom tags are allowed.");
  if (count_of(attributes, "ssh_public_keys") > 10)
    return invalid("At most 10 SSH keys are allowed.");
  const std::string user = text_of(attributes, "single_user_name");
  if (!user.empty() && !region_.get<Identity>().principal_exists(user))
    return invalid("The principal " + user + " named by single_user_name does not exist.");
  return compute_.check_references(attributes);
}

std::string Clusters::new_id() {
  std::string id;
  do {
    id = id_stamp(region_.now_millis()) + "-" + region_.ids().hex(8);
  } while (clusters_.find(id) != nullptr);
  return id;
}

Cluster& Clusters::add(json attributes, const std::string& caller) {
  const std::string id = new_id();
  if (text_of(attributes, "cluster_name").empty()) attributes["cluster_name"] = id;
  Cluster cluster;
  cluster.id = id;
  cluster.attributes = std::move(attributes);
  cluster.creator = caller;
  Cluster& added = clusters_.add(id, std::move(cluster));
  note(added, "CREATING", json::object({{"attributes", added.attributes}, {"user", caller}}));
  region_.get<Permissions>().created("clusters", id, caller);
  return added;
}

http::Response Clusters::create(Call& call) {
  json attributes = specified(call.body);
  if (auto refusal = check(attributes)) return *refusal;
  const json* cloned = field(call.body, "clone_from");
  const std::string original = cloned == nullptr ? "" : text_of(*cloned, "source_cluster_id");
  if (cloned != nullptr && !exists(original)) return no_cluster(original);
  // Both kinds of name mean one user, and that is the caller when nobody is named.
  const std::string mode = text_of(attributes, "data_security_mode");
  const bool single_user = mode == "SINGLE_USER" || mode == "DATA_SECURITY_MODE_DEDICATED";
  if (single_user && text_of(attributes, "single_user_name").empty())
    attributes["single_user_name"] = call.caller;
  Cluster& cluster = add(std::move(attributes), call.caller);
  begin_start(cluster, call.caller);
  if (cloned != nullptr) libraries_.copy(original, cluster.id);
  return answer(json::object({{"cluster_id", cluster.id}}));
}

http::Response Clusters::apply(Cluster& cluster, json attributes, const std::string& caller) {
  if (cluster.source != "UI" && cluster.source != "API")
    return invalid("Cluster " + cluster.id + " was made by " + cluster.source +
                   " and cannot be edited.");
  if (cluster.state != "RUNNING" && cluster.state != "TERMINATED")
    return invalid_state("Cluster " + cluster.id + " is in unexpected state " + cluster.state +
                         ".");
  if (auto refusal = check(attributes)) return *refusal;
  if (text_of(attributes, "cluster_name").empty())
    attributes["cluster_name"] = text_of(cluster.attributes, "cluster_name");
  note(cluster, "EDITED",
       json::object({{"attributes", attributes},
                     {"previous_attributes", cluster.attributes},
                     {"user", caller}}));
  cluster.attributes = std::move(attributes);
  // An edit restarts what runs and leaves alone what does not.
  if (cluster.state == "RUNNING") {
    enter(cluster, "RESTARTING", "RUNNING", cluster_start_millis);
    note(cluster, "RESTARTING");
  }
  return done();
}

http::Response Clusters::edit(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  return cluster == nullptr ? no_cluster(id) : apply(*cluster, specified(call.body), call.caller);
}

http::Response Clusters::update(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  const std::string mask = text_of(call.body, "update_mask");
  if (mask.empty()) return invalid("Missing required field: update_mask");
  const json* wanted = field(call.body, "cluster");
  const json changes = specified(wanted == nullptr ? json::object() : *wanted);
  json attributes = mask == "*" ? changes : cluster->attributes;
  if (mask != "*")
    for (const std::string& name : split(mask, ',')) take_field(attributes, changes, name);
  return apply(*cluster, std::move(attributes), call.caller);
}

json Clusters::shown(const Cluster& cluster) const {
  json out = cluster.attributes;
  out.erase("apply_policy_default_values");  // it survives in `spec` only
  add_cluster_defaults(out);
  fill(out,
       json::object({{"enable_local_disk_encryption", false}, {"autotermination_minutes", 0}}));
  if (out.contains("node_type_id"))
    fill(out, json::object({{"driver_node_type_id", out.at("node_type_id")}}));
  if (const auto docker = out.find("docker_image"); docker != out.end())
    if (field(*docker, "basic_auth") != nullptr) (*docker)["basic_auth"].erase("password");
  out["cluster_id"] = cluster.id;
  out["cluster_source"] = cluster.source;
  out["creator_user_name"] = cluster.creator;
  out["state"] = cluster.state;
  out["state_message"] = "";
  if (cluster.start_time != 0) out["start_time"] = cluster.start_time;
  if (cluster.terminated_time != 0) out["terminated_time"] = cluster.terminated_time;
  if (cluster.last_activity != 0) out["last_activity_time"] = cluster.last_activity;
  if (!cluster.termination_reason.is_null()) out["termination_reason"] = cluster.termination_reason;
  if (!cluster.pinned_by.empty()) out["pinned_by_user_name"] = cluster.pinned_by;
  if (cluster.state == "RUNNING")  // larger than a double holds exactly
    out["spark_context_id"] = 5558306221970383000 + cluster.starts;
  out["default_tags"] = json::object({{"Vendor", "Databricks"},
                                      {"Creator", cluster.creator},
                                      {"ClusterName", text_of(cluster.attributes, "cluster_name")},
                                      {"ClusterId", cluster.id}});
  return out;
}

http::Response Clusters::get(Call& call) {
  const std::string id = call.query("cluster_id");
  const Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (purged(*cluster, purge_days))
    return invalid_state("Cannot access cluster " + id +
                         " that was terminated or unpinned more than 30 days ago.");
  json body = shown(*cluster);
  body["spec"] = cluster->attributes;
  return answer(body);
}

http::Response Clusters::permanent_delete(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  const Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (!cluster->pinned_by.empty())
    return invalid_state("Cluster " + id + " is pinned, unpin the cluster first.");
  clusters_.erase(id);
  region_.get<Permissions>().removed("clusters", id);
  return done();
}

http::Response Clusters::change_owner(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  const std::string owner = text_of(call.body, "owner_username");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  const auto& identity = region_.get<Identity>();
  if (!identity.is_admin(call.caller))
    return error(403, "PERMISSION_DENIED", "Only an admin can change the owner of a cluster.");
  if (cluster->state != "TERMINATED")
    return invalid_state("Cluster " + id + " must be terminated before its owner is changed.");
  if (identity.find_user(owner) == nullptr && identity.find_service_principal(owner) == nullptr)
    return invalid("The user " + owner + " does not exist.");
  cluster->creator = identity.canonical(owner);
  return done();
}

bool Clusters::exists(std::string_view id) const {
  const Cluster* cluster = clusters_.find(id);
  return cluster != nullptr && !purged(*cluster, purge_days);
}

/// Clusters that no public call makes: those of job runs and pipelines, in any state.
http::Response Clusters::plant(Call& call) {
  Cluster& cluster =
      add(specified(call.body), text_of(call.body, "creator_user_name", region_.options().admin));
  cluster.source = text_of(call.body, "cluster_source", "JOB");
  enter(cluster, text_of(call.body, "state", "TERMINATED"), "", 0);
  cluster.last_activity = region_.now_millis();
  if (cluster.state == "TERMINATED")
    cluster.terminated_time =
        integer_of(call.body, "terminated_time").value_or(region_.now_millis());
  return answer(json::object({{"cluster_id", cluster.id}}));
}

json Clusters::world() const {
  json all = json::array();
  for (const Cluster* cluster : clusters_.all()) {
    Cluster now = *cluster;
    settle(now);
    json entry = shown(now);
    entry["starts"] = cluster->starts;
    all.push_back(std::move(entry));
  }
  return json::object({{"clusters", std::move(all)}});
}

}  // namespace twinlake::simulator
