#pragma once
// All-purpose clusters, and the states they pass through by the region's clock.
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/region.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

class Compute;
class Libraries;

struct Cluster {
  std::string id;
  json attributes = json::object();  ///< as the user specified them: `spec`
  std::string source = "API";        ///< UI, API, JOB, ...
  std::string creator;
  std::string state = "PENDING";
  std::string next_state;  ///< reached at `due`; empty when the state stays
  std::int64_t due = 0;
  std::int64_t start_time = 0;
  std::int64_t terminated_time = 0;
  std::int64_t last_activity = 0;
  std::int64_t unpinned_at = 0;
  json termination_reason;
  std::string pinned_by;     ///< id of the user; empty when not pinned
  std::int64_t starts = 0;   ///< how often machines were started: each costs money
  std::int64_t session = 0;  ///< of Spark: what lives in a session ends with it
  json events = json::array();
};

/// What becomes of clusters that are started, e.g. in a region without free machines.
enum class ClusterStarts {
  succeed,
  hang,  ///< PENDING for ever
  fail,  ///< TERMINATED, with a reason of the cloud provider's
};

constexpr std::int64_t cluster_start_millis = 5000;
constexpr std::int64_t cluster_stop_millis = 3000;
constexpr std::size_t pin_limit = 100;

class Clusters {
 public:
  Clusters(Region& region, Compute& compute, Libraries& libraries);
  [[nodiscard]] json world() const;
  /// May be referred to: made and not permanently deleted or purged.
  [[nodiscard]] bool exists(std::string_view id) const;
  /// A cluster by its id, with its state brought up to now; nullptr when unknown.
  [[nodiscard]] Cluster* find(std::string_view id);
  /// A job run needs this cluster: it starts when it is not running.
  void use(std::string_view id);
  void set_starts(ClusterStarts starts) { starts_ = starts; }

 private:
  // clusters.cpp: definitions
  void add_routes(const std::string& version);
  http::Response create(Call& call);
  http::Response edit(Call& call);
  http::Response update(Call& call);
  http::Response get(Call& call);
  http::Response permanent_delete(Call& call);
  http::Response change_owner(Call& call);
  http::Response plant(Call& call);
  http::Response apply(Cluster& cluster, json attributes, const std::string& caller);
  Cluster& add(json attributes, const std::string& caller);
  [[nodiscard]] Refusal check(const json& attributes) const;
  [[nodiscard]] json shown(const Cluster& cluster) const;
  [[nodiscard]] static json specified(const json& body);
  [[nodiscard]] std::string new_id();

  // cluster_states.cpp: states
  http::Response terminate(Call& call);
  http::Response start(Call& call);
  http::Response restart(Call& call);
  http::Response resize(Call& call);
  http::Response pin(Call& call);
  http::Response unpin(Call& call);
  void settle(Cluster& cluster) const;
  void enter(Cluster& cluster, std::string state, std::string next, std::int64_t after) const;
  void begin_start(Cluster& cluster, const std::string& user);
  void note(Cluster& cluster, std::string_view type, json details = json::object()) const;
  [[nodiscard]] bool purged(const Cluster& cluster, std::int64_t days) const;

  // cluster_lists.cpp: lists and catalogues
  http::Response list(Call& call);
  http::Response list_unpaged(Call& call);  ///< the old version of the API
  [[nodiscard]] std::vector<const Cluster*> selected(const Call& call);
  http::Response events(Call& call);
  [[nodiscard]] http::Response node_types() const;
  http::Response change_node_types(Call& call);
  [[nodiscard]] http::Response spark_versions() const;
  [[nodiscard]] static http::Response zones();

  Region& region_;
  Compute& compute_;
  Libraries& libraries_;
  Shelf<Cluster> clusters_;
  ClusterStarts starts_ = ClusterStarts::succeed;
  std::set<std::string> withdrawn_;    ///< machines and runtime versions that it does not list
  std::set<std::string> unavailable_;  ///< those that it lists without having them
};

[[nodiscard]] http::Response no_cluster(std::string_view id);
/// The attributes that the service adds to a cluster or job cluster definition.
void add_cluster_defaults(json& definition);

}  // namespace twinlake::simulator
