// How clusters start, stop and come to rest, by the region's clock.
#include <utility>

#include "simulator/compute/clusters.h"
#include "simulator/compute/compute.h"
#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t minute = 60000;
constexpr std::int64_t day = 24 * 60 * minute;

/// "PENDING" as messages write it: "Pending".
std::string spoken(const std::string& state) { return state.substr(0, 1) + lower(state.substr(1)); }

http::Response unexpected_state(const Cluster& cluster) {
  return invalid_state("Cluster " + cluster.id + " is in unexpected state " +
                       spoken(cluster.state) + ".");
}

json reason(std::string_view code, std::string_view type) {
  return json::object({{"code", code}, {"type", type}});
}
}  // namespace

void Clusters::note(Cluster& cluster, std::string_view type, json details) const {
  cluster.events.push_back(json::object({{"cluster_id", cluster.id},
                                         {"timestamp", region_.now_millis()},
                                         {"type", type},
                                         {"details", std::move(details)}}));
}

void Clusters::enter(Cluster& cluster, std::string state, std::string next,
                     std::int64_t after) const {
  cluster.state = std::move(state);
  cluster.next_state = std::move(next);
  if (cluster.state == "PENDING" || cluster.state == "RESTARTING") ++cluster.session;
  cluster.due = region_.now_millis() + after;
}

/// Brings a cluster up to now: nothing runs between requests, so time is caught up with here.
void Clusters::settle(Cluster& cluster) const {
  const std::int64_t now = region_.now_millis();
  if (!cluster.next_state.empty() && now >= cluster.due) {
    cluster.state = std::exchange(cluster.next_state, "");
    if (cluster.state == "TERMINATED") {
      cluster.terminated_time = cluster.due;
      if (cluster.termination_reason.is_null())  // nobody ended it: it did not come up
        cluster.termination_reason = reason("CLOUD_PROVIDER_RESOURCE_STOCKOUT", "CLOUD_FAILURE");
    }
    if (cluster.state == "RUNNING") {  // there is no event for being terminated
      cluster.last_activity = cluster.due;
      note(cluster, "RUNNING");
    }
  }
  const auto idle = integer_of(cluster.attributes, "autotermination_minutes").value_or(0);
  if (cluster.state == "RUNNING" && idle > 0 && now >= cluster.last_activity + idle * minute) {
    cluster.state = "TERMINATED";
    cluster.terminated_time = cluster.last_activity + idle * minute;
    cluster.termination_reason = reason("INACTIVITY", "SUCCESS");
    cluster.termination_reason["parameters"] =
        json::object({{"inactivity_duration_min", std::to_string(idle)}});
    note(cluster, "TERMINATING", json::object({{"reason", cluster.termination_reason}}));
  }
}

Cluster* Clusters::find(std::string_view id) {
  Cluster* cluster = clusters_.find(id);
  if (cluster != nullptr) settle(*cluster);
  return cluster;
}

/// Terminated, not pinned, and for so many days: forgotten by the service.
bool Clusters::purged(const Cluster& cluster, std::int64_t days) const {
  if (cluster.state != "TERMINATED" || !cluster.pinned_by.empty()) return false;
  return region_.now_millis() - std::max(cluster.terminated_time, cluster.unpinned_at) > days * day;
}

void Clusters::begin_start(Cluster& cluster, const std::string& user) {
  const char* next = starts_ == ClusterStarts::hang   ? ""
                     : starts_ == ClusterStarts::fail ? "TERMINATED"
                                                      : "RUNNING";
  enter(cluster, "PENDING", next, cluster_start_millis);
  cluster.start_time = region_.now_millis();
  cluster.terminated_time = 0;
  cluster.termination_reason = nullptr;
  ++cluster.starts;
  note(cluster, "STARTING", json::object({{"user", user}}));
}

void Clusters::use(std::string_view id) {
  Cluster* cluster = find(id);
  if (cluster == nullptr) return;
  if (cluster->state == "TERMINATED") begin_start(*cluster, "job");
  cluster->last_activity = region_.now_millis();
}

http::Response Clusters::terminate(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (cluster->state == "TERMINATED" || cluster->state == "TERMINATING") return done();
  // Legal while PENDING too: the definition stays.
  enter(*cluster, "TERMINATING", "TERMINATED", cluster_stop_millis);
  cluster->termination_reason = reason("USER_REQUEST", "SUCCESS");
  cluster->termination_reason["parameters"] = json::object({{"username", call.caller}});
  note(*cluster, "TERMINATING", json::object({{"reason", cluster->termination_reason}}));
  libraries_.restarted(id);
  return done();
}

http::Response Clusters::start(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (cluster->state != "TERMINATED") return unexpected_state(*cluster);
  begin_start(*cluster, call.caller);
  return done();
}

http::Response Clusters::restart(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (cluster->state != "RUNNING") return unexpected_state(*cluster);
  enter(*cluster, "RESTARTING", "RUNNING", cluster_start_millis);
  note(*cluster, "RESTARTING", json::object({{"user", call.caller}}));
  libraries_.restarted(id);
  return done();
}

http::Response Clusters::resize(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (cluster->state != "RUNNING") return invalid_state("Cluster is not running");
  const json* workers = field(call.body, "num_workers");
  const json* scale = field(call.body, "autoscale");
  if ((workers == nullptr) == (scale == nullptr))
    return invalid("Exactly one of num_workers and autoscale must be given.");
  cluster->attributes.erase(workers != nullptr ? "autoscale" : "num_workers");
  if (workers != nullptr)
    cluster->attributes["num_workers"] = *workers;
  else
    cluster->attributes["autoscale"] = *scale;
  enter(*cluster, "RESIZING", "RUNNING", cluster_start_millis);
  note(*cluster, "RESIZING", json::object({{"user", call.caller}}));
  return done();
}

http::Response Clusters::pin(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  const auto& identity = region_.get<Identity>();
  if (!identity.is_admin(call.caller))
    return error(403, "PERMISSION_DENIED", "Only an admin can pin a cluster.");
  if (!cluster->pinned_by.empty()) return done();
  std::size_t pinned = 0;
  for (const Cluster* other : clusters_.all())
    if (!other->pinned_by.empty()) ++pinned;
  if (pinned >= pin_limit)
    return error(400, "QUOTA_EXCEEDED", "Cannot pin more than 100 clusters.");
  const auto* user = identity.find_any(call.caller);
  cluster->pinned_by = user == nullptr ? "0" : user->id;
  note(*cluster, "PINNED", json::object({{"user", call.caller}}));
  return done();
}

http::Response Clusters::unpin(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  if (cluster->pinned_by.empty()) return done();
  cluster->pinned_by.clear();
  cluster->unpinned_at = region_.now_millis();
  note(*cluster, "UNPINNED", json::object({{"user", call.caller}}));
  return done();
}

}  // namespace twinlake::simulator
