#include "azure/capacity_needs.h"

#include <algorithm>
#include <optional>
#include <set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/text.h"
#include "model/canonical.h"
#include "model/starts.h"

namespace twinlake::azure {

using model::Kind;
using nlohmann::json;
using workspace::Item;

namespace {

/// One object with what it names.
struct Known {
  const Item* item = nullptr;
  model::Canonical form;
  std::optional<Need::Why> why;
};
/// By kind and id on the primary, which stands for the uuid in canonical forms here.
using Objects = std::map<std::string, Known>;

std::string word_of(std::string_view kind, const std::string& id) {
  return std::string(kind) + "/" + id;
}

/// Keeps machines ready, and holds them back on a standby.
bool is_pool(const Kind& kind) {
  return std::ranges::any_of(kind.holds, [](const model::Hold& hold) {
    return !hold.starts && hold.path == "/min_idle_instances";
  });
}

bool has_triggers(const Kind& kind) {
  return std::ranges::any_of(kind.holds, [](const model::Hold& hold) { return hold.starts; });
}

std::int64_t number_at(const json& value, std::string_view pointer, std::int64_t otherwise) {
  const json* found = find_at(value, pointer);
  return found != nullptr && found->is_number_integer() ? found->get<std::int64_t>() : otherwise;
}

/// A policy has rules under the same names, which are objects.
bool is_cluster(const json& value) {
  if (!value.is_object()) return false;
  const auto is_there = [&](const char* member, auto fits) {
    const auto found = value.find(member);
    return found != value.end() && fits(*found);
  };
  const auto is_text = [](const json& one) { return one.is_string(); };
  const auto is_number = [](const json& one) { return one.is_number(); };
  const auto is_sized = [](const json& one) { return one.contains("max_workers"); };
  const auto is_reference = [](const json& one) {
    return one.contains(model::ref_member) || one.contains(model::unresolved_member);
  };
  return is_there("node_type_id", is_text) || is_there("num_workers", is_number) ||
         is_there("autoscale", is_sized) || is_there("instance_pool_id", is_reference);
}

/// Clusters at any depth, with their places.
void find_clusters(const json& value, const std::string& pointer,
                   std::vector<std::pair<std::string, const json*>>& into) {
  if (is_cluster(value)) {
    into.emplace_back(pointer, &value);
    return;
  }
  if (value.is_object())
    for (auto member = value.begin(); member != value.end(); ++member)
      find_clusters(*member, pointer + "/" + pointer_segment(member.key()), into);
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i)
      find_clusters(value[i], pointer + "/" + std::to_string(i), into);
}

std::vector<std::pair<std::string, const json*>> clusters_in(const Known& known) {
  std::vector<std::pair<std::string, const json*>> clusters;
  if (known.form.form && !is_pool(*known.item->kind)) find_clusters(*known.form.form, "", clusters);
  return clusters;
}

bool is_spot(const json& value) {
  return text_at(value, "/azure_attributes/availability").starts_with("SPOT");
}

/// Puts together what one cluster needs.
class Sizing {
 public:
  explicit Sizing(const Objects& objects) : objects_(objects) {}

  /// Nothing: it does not say which machines it has.
  std::optional<std::map<std::string, NodeCount>> of(const json& cluster) const {
    const Machine worker = machine(cluster, "/instance_pool_id", "/node_type_id");
    Machine driver = machine(cluster, "/driver_instance_pool_id", "/driver_node_type_id");
    if (driver.type.empty()) driver = worker;
    const std::int64_t workers = std::max<std::int64_t>(
        0, number_at(cluster, "/autoscale/max_workers", number_at(cluster, "/num_workers", 0)));
    if (driver.type.empty() || (workers > 0 && worker.type.empty())) return std::nullopt;
    std::map<std::string, NodeCount> nodes;
    // The first ones, the driver among them, are never spot machines.
    std::int64_t firm =
        is_spot(cluster)
            ? std::max<std::int64_t>(0, number_at(cluster, "/azure_attributes/first_on_demand", 1))
            : workers + 1;
    add(nodes, driver, 1, std::min<std::int64_t>(firm, 1));
    firm = std::max<std::int64_t>(0, firm - 1);
    if (workers > 0) add(nodes, worker, workers, std::min(firm, workers));
    return nodes;
  }

 private:
  struct Machine {
    std::string type;
    bool is_spot_pool = false;
  };

  [[nodiscard]] Machine machine(const json& cluster, std::string_view pool_at,
                                std::string_view type_at) const {
    const json* pool = find_at(cluster, std::string(pool_at) + "/$ref");
    if (pool == nullptr || !pool->is_string()) return {text_at(cluster, type_at), false};
    const auto found = objects_.find(pool->get<std::string>());
    if (found == objects_.end() || !found->second.form.form) return {};
    return {text_at(*found->second.form.form, "/node_type_id"), is_spot(*found->second.form.form)};
  }

  static void add(std::map<std::string, NodeCount>& nodes, const Machine& machine,
                  std::int64_t count, std::int64_t firm) {
    if (machine.is_spot_pool) firm = 0;
    nodes[machine.type].on_demand += firm;
    nodes[machine.type].spot += count - firm;
  }

  const Objects& objects_;
};

Objects objects_of(const workspace::Inventory& primary, const OnTheWay& rewrite) {
  Objects objects;
  std::map<std::string_view, std::set<std::string>> ids;
  for (const auto& [name, listing] : primary.kinds)
    for (const Item& item : listing.items) ids[name].insert(item.id);
  model::CanonicalContext context;
  context.uuid_of = [&ids](std::string_view kind,
                           const std::string& id) -> std::optional<std::string> {
    const auto of_kind = ids.find(kind);
    if (of_kind == ids.end() || !of_kind->second.contains(id)) return std::nullopt;
    return word_of(kind, id);
  };
  for (const auto& [name, listing] : primary.kinds)
    for (const Item& item : listing.items) {
      const bool counts = item.kind->support == model::Support::replicated &&
                          item.kind->child_of.empty() &&
                          item.kind->detail != model::Detail::content;
      if (!counts || item.raw.is_null()) continue;
      Known known{&item, model::canonical(*item.kind, item.raw, context), std::nullopt};
      if (rewrite) rewrite(*item.kind, *known.form.form);
      objects.emplace(word_of(name, item.id), std::move(known));
    }
  return objects;
}

/// What is started brings with it what it runs on, or starts in turn.
void mark_used(Objects& objects, const std::string& word) {
  const std::vector<model::Use> uses = objects.at(word).form.uses;
  for (const model::Use& use : uses) {
    if (use.reference->match != model::Match::id || !use.uuid) continue;
    const auto target = objects.find(*use.uuid);
    if (target == objects.end() || target->second.why || clusters_in(target->second).empty())
      continue;
    target->second.why = Need::Why::used;
    mark_used(objects, target->first);
  }
}

void add_needs(const Known& known, const Sizing& sizing, Needs& into) {
  const std::string address = model::address_of(known.item->kind->name, known.item->key);
  for (const auto& [place, cluster] : clusters_in(known)) {
    auto nodes = sizing.of(*cluster);
    if (nodes)
      into.needs.push_back({address, place, *known.why, std::move(*nodes)});
    else
      into.unknown.push_back({address,
                              "does not say itself which machines it has" +
                                  (place.empty() ? std::string() : " (" + place + ")"),
                              "Look at its policy, or at the default of the service"});
  }
}

/// Serverless ones run on machines of Databricks; of the others nobody tells which they are.
bool is_warehouse_of_ours(const json& form) {
  return !text_at(form, "/cluster_size").empty() &&
         text_at(form, "/enable_serverless_compute") != "true";
}

void tell_warehouses(const Objects& objects, Needs& into) {
  std::int64_t count = 0;
  std::string list;
  for (const auto& [word, known] : objects) {
    if (!known.form.form || !is_warehouse_of_ours(*known.form.form)) continue;
    const json& form = *known.form.form;
    ++count;
    list += (list.empty() ? "" : ", ") +
            model::address_of(known.item->kind->name, known.item->key) + " (" +
            text_at(form, "/cluster_size") + ", up to " +
            std::to_string(number_at(form, "/max_num_clusters", 1)) + ")";
  }
  if (count == 0) return;
  into.unknown.push_back({counted(count, "SQL warehouse", "SQL warehouses"),
                          "run on machines of the subscription that no API tells, so they are not "
                          "counted: " +
                              list,
                          "Leave room for them in the quotas of the region"});
}

void add_idle(const Known& known, Needs& into) {
  const std::int64_t idle = number_at(*known.form.form, "/min_idle_instances", 0);
  if (idle <= 0) return;
  NodeCount count;
  (is_spot(*known.form.form) ? count.spot : count.on_demand) = idle;
  Need need;
  need.address = model::address_of(known.item->kind->name, known.item->key);
  need.why = Need::Why::idle;
  need.nodes[text_at(*known.form.form, "/node_type_id")] = count;
  into.needs.push_back(std::move(need));
}

}  // namespace

std::string_view name_of(Need::Why why) {
  switch (why) {
    case Need::Why::trigger: return "started by its trigger";
    case Need::Why::always_on: return "always on";
    case Need::Why::used: return "used by what is started";
    case Need::Why::idle: return "kept idle";
  }
  return "?";
}

std::int64_t Need::count() const {
  std::int64_t all = 0;
  for (const auto& [type, nodes_of_type] : nodes)
    all += nodes_of_type.on_demand + nodes_of_type.spot;
  return all;
}

Needs needs_of(const workspace::Inventory& primary, Time now,
               const std::function<bool(const Kind&, const std::string&)>& is_always_on,
               const OnTheWay& rewrite) {
  Objects objects = objects_of(primary, rewrite);
  std::vector<std::string> started;
  for (auto& [word, known] : objects) {
    const Kind& kind = *known.item->kind;
    if (has_triggers(kind) && model::next_start(kind, *known.form.form, now))
      known.why = Need::Why::trigger;
    if (!known.why && kind.start.endpoint.exists() && is_always_on &&
        is_always_on(kind, known.item->key))
      known.why = Need::Why::always_on;
    if (known.why) started.push_back(word);
  }
  for (const std::string& word : started) mark_used(objects, word);
  Needs needs;
  const Sizing sizing(objects);
  for (const auto& [word, known] : objects) {
    if (is_pool(*known.item->kind)) add_idle(known, needs);
    if (known.why) add_needs(known, sizing, needs);
  }
  tell_warehouses(objects, needs);
  return needs;
}

}  // namespace twinlake::azure
