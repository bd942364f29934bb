#include "simulator/compute/libraries.h"

#include <algorithm>

#include "simulator/compute/clusters.h"

namespace twinlake::simulator {

namespace {
constexpr const char* kinds[] = {"jar", "whl", "egg", "requirements", "maven", "pypi", "cran"};

Refusal check(const json& libraries) {
  if (!libraries.is_array() || libraries.empty())
    return invalid("Missing required field: libraries");
  for (const json& library : libraries) {
    const auto named = std::count_if(std::begin(kinds), std::end(kinds), [&](const char* kind) {
      return field(library, kind) != nullptr;
    });
    if (named != 1) return invalid("Each library must be of exactly one kind: " + library.dump());
  }
  return std::nullopt;
}
}  // namespace

Libraries::Libraries(Region& region) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/libraries/";
  router.add(Method::post, root + "install", [this](Call& call) { return install(call); });
  router.add(Method::post, root + "uninstall", [this](Call& call) { return uninstall(call); });
  router.add(Method::get, root + "cluster-status",
             [this](Call& call) { return cluster_status(call); });
  router.add(Method::get, root + "all-cluster-statuses", [this](Call&) { return all_statuses(); });
}

http::Response Libraries::install(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  if (!clusters_->exists(id)) return no_cluster(id);
  if (auto refusal = check(list_of(call.body, "libraries"))) return *refusal;
  auto& entries = entries_[id];
  for (const json& library : list_of(call.body, "libraries")) {
    const auto same = std::find_if(entries.begin(), entries.end(),
                                   [&](const Entry& entry) { return entry.library == library; });
    if (same == entries.end())
      entries.push_back(Entry{library, false});
    else
      same->leaving = false;
  }
  return done();
}

http::Response Libraries::uninstall(Call& call) {
  const std::string id = text_of(call.body, "cluster_id");
  if (!clusters_->exists(id)) return no_cluster(id);
  if (auto refusal = check(list_of(call.body, "libraries"))) return *refusal;
  const bool at_once = clusters_->find(id)->state == "TERMINATED";
  auto& entries = entries_[id];
  for (const json& library : list_of(call.body, "libraries")) {
    if (at_once)
      std::erase_if(entries, [&](const Entry& entry) { return entry.library == library; });
    for (Entry& entry : entries)
      if (entry.library == library) entry.leaving = true;
  }
  return done();
}

json Libraries::statuses_of(const std::string& cluster) {
  const Cluster* owner = clusters_->find(cluster);
  const bool running = owner != nullptr && owner->state == "RUNNING";
  json statuses = json::array();
  for (const Entry& entry : entries_[cluster]) {
    const char* status = entry.leaving ? "UNINSTALL_ON_RESTART" : running ? "INSTALLED" : "PENDING";
    statuses.push_back(json::object(
        {{"library", entry.library}, {"status", status}, {"is_library_for_all_clusters", false}}));
  }
  return statuses;
}

http::Response Libraries::cluster_status(Call& call) {
  const std::string id = call.query("cluster_id");
  if (!clusters_->exists(id)) return no_cluster(id);
  json body = json::object({{"cluster_id", id}});
  if (json statuses = statuses_of(id); !statuses.empty())
    body["library_statuses"] = std::move(statuses);
  return answer(body);
}

http::Response Libraries::all_statuses() {
  json body = json::object();
  for (const auto& [cluster, entries] : entries_)
    if (!entries.empty())
      body["statuses"].push_back(
          json::object({{"cluster_id", cluster}, {"library_statuses", statuses_of(cluster)}}));
  return answer(body);
}

void Libraries::copy(const std::string& from_cluster, const std::string& to_cluster) {
  const auto from = entries_.find(from_cluster);
  if (from == entries_.end()) return;
  auto copied = from->second;
  std::erase_if(copied, [](const Entry& entry) { return entry.leaving; });
  entries_[to_cluster] = std::move(copied);
}

void Libraries::restarted(const std::string& cluster) {
  if (const auto found = entries_.find(cluster); found != entries_.end())
    std::erase_if(found->second, [](const Entry& entry) { return entry.leaving; });
}

json Libraries::world() const {
  json all = json::object();
  for (const auto& [cluster, entries] : entries_)
    for (const Entry& entry : entries)
      all[cluster].push_back(
          json::object({{"library", entry.library}, {"leaving", entry.leaving}}));
  return json::object({{"libraries", std::move(all)}});
}

}  // namespace twinlake::simulator
