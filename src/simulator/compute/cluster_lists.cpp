// Lists of clusters, their events, and the catalogues of node types and runtimes.
#include <algorithm>

#include "simulator/compute/clusters.h"

namespace twinlake::simulator {

namespace {
constexpr std::int64_t listed_days = 30;
// The old list leaves out what is terminated beyond these numbers.
constexpr int old_list_all_purpose = 150;
constexpr int old_list_jobs = 30;

bool one_of(const std::vector<std::string>& wanted, const std::string& value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

json node_type(const char* id, int memory_mb, double cores, const char* category) {
  json type = json::object({{"node_type_id", id},
                            {"memory_mb", memory_mb},
                            {"num_cores", cores},
                            {"description", id},
                            {"instance_type_id", id},
                            {"category", category},
                            {"is_deprecated", false},
                            {"num_gpus", 0}});
  type["node_info"] = json::object({{"available_core_quota", 350}, {"total_core_quota", 350}});
  return type;
}
}  // namespace

/// The clusters that a list call asks for, in the order it asks for.
std::vector<const Cluster*> Clusters::selected(const Call& call) {
  const auto sources = call.queries("filter_by.cluster_sources");
  const auto states = call.queries("filter_by.cluster_states");
  const std::string pinned = lower(call.query("filter_by.is_pinned"));  // Python says True
  const std::string policy = call.query("filter_by.policy_id");
  std::vector<const Cluster*> found;
  for (Cluster* cluster : clusters_.all()) {
    settle(*cluster);
    if (purged(*cluster, listed_days) || !one_of(sources, cluster->source)) continue;
    if (!one_of(states, cluster->state)) continue;
    if (!pinned.empty() && (pinned == "true") == cluster->pinned_by.empty()) continue;
    if (!policy.empty() && text_of(cluster->attributes, "policy_id") != policy) continue;
    found.push_back(cluster);
  }
  if (call.query("sort_by.field") == "CLUSTER_NAME")
    std::sort(found.begin(), found.end(), [](const Cluster* a, const Cluster* b) {
      // Names repeat; the id makes the order one that pages can rely on.
      return std::pair(text_of(a->attributes, "cluster_name"), a->id) <
             std::pair(text_of(b->attributes, "cluster_name"), b->id);
    });
  if (call.query("sort_by.direction") == "DESC") std::reverse(found.begin(), found.end());
  return found;
}

http::Response Clusters::list(Call& call) {
  Refusal refusal;
  const PageWish wish = page_wish(call, "page_size", 20, 100, refusal);
  if (refusal) return *refusal;
  const auto found = selected(call);
  json body = json::object();
  auto at = static_cast<std::size_t>(wish.after.value_or(0));
  for (std::size_t taken = 0; at < found.size() && taken < wish.limit; ++at, ++taken)
    body["clusters"].push_back(shown(*found[at]));
  if (at < found.size()) body["next_page_token"] = token_for(static_cast<std::int64_t>(at));
  return answer(body);
}

http::Response Clusters::list_unpaged(Call& call) {
  json body = json::object();
  int all_purpose = 0;
  int of_jobs = 0;
  for (const Cluster* cluster : selected(call)) {
    const bool job = cluster->source == "JOB";
    if (cluster->state == "TERMINATED" && cluster->pinned_by.empty() &&
        (job ? ++of_jobs > old_list_jobs : ++all_purpose > old_list_all_purpose))
      continue;
    body["clusters"].push_back(shown(*cluster));
  }
  return answer(body);
}

http::Response Clusters::events(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  const Cluster* cluster = find(id);
  if (cluster == nullptr) return no_cluster(id);
  std::vector<json> found;
  std::vector<std::string> types;
  for (const json& type : list_of(call.body, "event_types"))
    types.push_back(type.get<std::string>());
  const auto from = integer_of(call.body, "start_time").value_or(0);
  const auto until = integer_of(call.body, "end_time").value_or(region_.now_millis());
  for (const json& event : cluster->events) {
    const auto when = integer_of(event, "timestamp").value_or(0);
    if (when >= from && when <= until && one_of(types, text_of(event, "type")))
      found.push_back(event);
  }
  if (text_of(call.body, "order", "DESC") == "DESC") std::reverse(found.begin(), found.end());
  auto at = static_cast<std::size_t>(integer_of(call.body, "offset").value_or(0));
  if (const std::string token = text_of(call.body, "page_token"); !token.empty()) {
    const auto position = position_of(token);
    if (!position) return invalid("Invalid page token: " + token);
    at = static_cast<std::size_t>(*position);
  }
  const std::string size_key = field(call.body, "page_size") != nullptr ? "page_size" : "limit";
  auto limit = static_cast<std::size_t>(
      std::clamp<std::int64_t>(integer_of(call.body, size_key).value_or(50), 0, 500));
  if (limit == 0) limit = 50;
  json body = json::object({{"total_count", found.size()}});
  for (std::size_t taken = 0; at < found.size() && taken < limit; ++at, ++taken)
    body["events"].push_back(found[at]);
  body["next_page_token"] = at < found.size() ? token_for(static_cast<std::int64_t>(at)) : "";
  if (at < found.size()) {  // the older way, which official clients still follow: the next request
    json next = call.body;
    for (const char* key : {"page_token", "page_size"}) next.erase(key);
    next["offset"] = at;
    next["limit"] = limit;
    body["next_page"] = std::move(next);
  }
  return answer(body);
}

/// {"withdrawn": [...], "unavailable": [...]}: regions differ in what they offer.
http::Response Clusters::change_node_types(Call& call) {
  for (const auto& [name, into] :
       {std::pair("withdrawn", &withdrawn_), std::pair("unavailable", &unavailable_)}) {
    const json* types = field(call.body, name);
    if (types == nullptr) continue;
    if (!types->is_array()) return invalid(std::string(name) + " must be a list");
    into->clear();
    for (const json& type : *types)
      if (type.is_string()) into->insert(type.get<std::string>());
  }
  return answer(json::object());
}

http::Response Clusters::node_types() const {
  json types = json::array({node_type("Standard_DS3_v2", 14336, 4.0, "General Purpose"),
                            node_type("Standard_DS4_v2", 28672, 8.0, "General Purpose"),
                            node_type("Standard_DS5_v2", 57344, 16.0, "General Purpose"),
                            node_type("Standard_D4ds_v5", 16384, 4.0, "General Purpose"),
                            node_type("Standard_E8ds_v5", 65536, 8.0, "Memory Optimized"),
                            node_type("Standard_NC6s_v3", 114688, 6.0, "GPU Accelerated")});
  types[5]["node_info"] = json::object({{"status", json::array({"NotEnabledOnSubscription"})}});
  json offered = json::array();
  for (json& type : types) {
    const std::string id = text_of(type, "node_type_id");
    if (unavailable_.contains(id))
      type["node_info"]["status"] = json::array({"NotAvailableInRegion"});
    if (!withdrawn_.contains(id)) offered.push_back(std::move(type));
  }
  return answer(json::object({{"node_types", std::move(offered)}}));
}

http::Response Clusters::spark_versions() const {
  const auto version = [](const char* key, const char* name) {
    return json::object({{"key", key}, {"name", name}});
  };
  json offered = json::array();
  for (json each : {version("15.4.x-scala2.12", "15.4 LTS (Apache Spark 3.5.0, Scala 2.12)"),
                    version("14.3.x-scala2.12", "14.3 LTS (Apache Spark 3.5.0, Scala 2.12)"),
                    version("16.4.x-scala2.12", "16.4 LTS (Apache Spark 3.5.2, Scala 2.12)")})
    if (!withdrawn_.contains(text_of(each, "key"))) offered.push_back(std::move(each));
  return answer(json::object({{"versions", std::move(offered)}}));
}

http::Response Clusters::zones() {
  return answer(json::object({{"zones", json::array({"1", "2", "3"})}, {"default_zone", "1"}}));
}

}  // namespace twinlake::simulator
