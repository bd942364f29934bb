// Every kind against the simulator, which knows nothing of kinds: what a row creates is listed,
// read and compares equal. A small estate is copied with no more than rows, canonical form and
// references.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_path.h"
#include "kinds/test_side.h"
#include "model/canonical.h"
#include "simulator/commands/mounts.h"
#include "simulator/estate/estate.h"
#include "simulator/metastore/metastore.h"
#include "workspace/helper_cluster.h"
#include "workspace/inventory.h"
#include "workspace/rows.h"
#include "workspace/sql_runner.h"

namespace twinlake::kinds {
namespace {

using model::Kind;
using model::Support;
using nlohmann::json;
using workspace::Item;

simulator::RegionOptions options_of(model::Side side) {
  simulator::RegionOptions options;
  const bool home = side == model::Side::home;
  options.name = home ? "home" : "away";
  options.workspace_id = home ? 11 : 22;
  options.seed = home ? 1 : 2;
  return options;
}

struct Place {
  Place(Loop& loop, model::Side side)
      : region(options_of(side)), wire(loop, region, Millis(5)), transport(wire) {}
  simulator::Region region;
  simulator::InProcessTransport wire;
  WithToken transport;
  std::unique_ptr<workspace::Workspace> workspace;
  std::optional<workspace::HelperCluster> helper;
  std::optional<workspace::SqlRunner> sql;
  workspace::Inventory inventory;
  std::map<std::pair<std::string, std::string>, std::string> uuid_by_id;
  std::map<std::pair<std::string, std::string>, std::string> uuid_by_key;
  std::map<std::string, std::string> id_by_uuid;
};

std::string folded(const Kind& kind, std::string key) {
  if (kind.key_ignores_case)
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return key;
}

constexpr const char* mounted = "wasbs://raw@stprimary.blob.core.windows.net/";

const Kind* find_kind(std::string_view name) {
  for (const Kind* kind : all())
    if (kind->name == name) return kind;
  return nullptr;
}

/// The least that copies an estate: no plan, no journal.
class Copy {
 public:
  Copy() : home_(loop_, model::Side::home), away_(loop_, model::Side::away) {}

  void run(simulator::EstateSize size) {
    simulator::fill_estate(home_.region, away_.region, size);
    // A managed table in a schema with a folder of its own: its data is replicated with the lake.
    const std::string rates = "abfss://lake@stlake.dfs.core.windows.net/hive/finance_raw/fx_rates";
    const simulator::StoredData* data =
        home_.region.get<simulator::Metastore>().state().storage.find(rates);
    ASSERT_NE(data, nullptr);
    away_.region.get<simulator::Metastore>().state().storage.put(rates, *data);
    home_.region.get<simulator::Mounts>().plant(
        {.point = "/mnt/raw", .source = mounted, .encryption_type = {}, .configs = {}});
    for (Place* place : {&home_, &away_}) open(*place);
    read(home_);
    read(away_);
    bind_home();
    bind_away();
    while (pass() > 0) {
    }
  }

  /// Reads the secondary again and compares what was meant with what is there.
  void compare() {
    const auto wanted = std::move(wanted_);
    read(away_);
    std::set<std::string> proved;
    for (const auto& [uuid, form] : wanted) {
      const Item* item = item_of(away_, uuid);
      ASSERT_NE(item, nullptr) << uuid << " was written and is not listed";
      const json is = *model::canonical(*item->kind, item->raw, context_of(away_)).form;
      for (const model::Change& change : model::differences(*item->kind, form, is))
        ADD_FAILURE() << uuid << " " << item->key << " at " << change.pointer << ": meant "
                      << change.before << ", is " << change.after;
      EXPECT_TRUE(model::live_triggers(*item->kind, is).empty()) << uuid;
      const model::FollowUp& rule = item->kind->follow_up;
      if (created_.contains(uuid) && !rule.state_at.empty()) {
        EXPECT_TRUE(std::find(rule.good_states.begin(), rule.good_states.end(),
                              text_at(item->raw, rule.state_at)) != rule.good_states.end())
            << uuid;
      }
      proved.insert(std::string(item->kind->name));
    }
    for (const Kind* kind : all())
      if (kind->support == Support::replicated)
        EXPECT_TRUE(proved.contains(std::string(kind->name))) << kind->name;
  }

  void expect_nothing_left() {
    for (const auto& [uuid, why] : waiting_)
      EXPECT_TRUE(why.starts_with("job/") || refused_.contains(why) || waiting_.contains(why))
          << uuid << " waits for " << why;
  }

 private:
  void open(Place& place) {
    auto self = loop_.run(workspace::who_am_i(place.transport));
    ASSERT_TRUE(self) << describe(self.error());
    place.workspace = std::make_unique<workspace::Workspace>(
        loop_, &place == &home_ ? model::Side::home : model::Side::away, place.transport, *self,
        "/tmp");
    const auto nothing = [] {};
    workspace::HelperOptions options;
    options.owner = "test";
    place.helper.emplace(*place.workspace, std::move(options),
                         workspace::HelperJournal{.starting = nothing, .gone = nothing});
    place.workspace->use_helper(&*place.helper);
    place.sql.emplace(
        *place.workspace, workspace::WarehouseOptions{.warehouse = "shared-sql"},
        workspace::WarehouseJournal{.starting = [](const std::string&) {}, .stopped = nothing});
    place.workspace->use_sql(&*place.sql);
  }

  /// What a mount was made with is told by people.
  void observe(Place& place, const Kind& kind) {
    auto items = loop_.run(kind.observe(*place.workspace));
    ASSERT_TRUE(items) << describe(items.error());
    std::erase_if(*items, [&](const json& item) { return !workspace::is_listed_as(kind, item); });
    for (json& item : *items)
      if (&place == &home_ && kind.observed_in == model::Language::python)
        item["configs"]["fs.azure.account.key.stprimary.blob.core.windows.net"] = "a key";
    place.workspace->observations()[std::string(kind.name)] = workspace::Observation{
        .taken = loop_.now(), .items = std::move(*items), .error = std::nullopt};
    ASSERT_TRUE(loop_.run(place.helper->close()));
  }

  void read(Place& place) {
    const std::vector<const Kind*> kinds = all();
    for (const Kind* kind : kinds)
      if (kind->observe != nullptr) observe(place, *kind);
    place.inventory = loop_.run(workspace::read_listings(
        *place.workspace, kinds, [](const Kind&, const std::string&) { return true; }));
    // What an estate names by its path, as far as this test needs it.
    for (const Kind* kind : kinds)
      if (kind->find_verb != nullptr)
        loop_.run(workspace::find_items(
            *place.workspace, *kind,
            {"/Volumes/main/platform/libraries/wheels/lakeside_core-1.7.0-py3-none-any.whl"},
            [](const Kind&, const std::string&) { return true; },
            place.inventory.kinds[kind->name]));
    for (auto& [name, listing] : place.inventory.kinds) {
      ASSERT_FALSE(listing.error) << name << ": " << describe(*listing.error);
      for (Item& item : listing.items) {
        if (item.kind->support != Support::replicated) continue;
        auto done = loop_.run(workspace::complete(*place.workspace, item));
        ASSERT_TRUE(done) << describe(done.error());
      }
    }
  }

  void bind(Place& place, const Item& item, const std::string& uuid) {
    bind(place, *item.kind, item.id, item.key, uuid);
  }
  void bind(Place& place, const Kind& kind, const std::string& id, const std::string& key,
            const std::string& uuid) {
    place.uuid_by_id[{std::string(kind.name), id}] = uuid;
    place.uuid_by_key[{std::string(kind.name), folded(kind, key)}] = uuid;
    place.id_by_uuid[uuid] = id;
  }

  static std::string child_uuid(const Item& item, const std::string& parent) {
    return std::string(item.kind->name) + "/" + parent;
  }

  void bind_home() {
    for (const auto& [name, listing] : home_.inventory.kinds)
      for (const Item& item : listing.items)
        if (item.kind->child_of.empty()) bind(home_, item, std::string(name) + "/" + item.id);
  }

  /// What is on both sides by its name: principals, built-in objects, lookup kinds, the tree's
  /// roots.
  void bind_away() {
    for (const auto& [name, listing] : away_.inventory.kinds) {
      for (const Item& item : listing.items) {
        if (!item.kind->child_of.empty()) continue;
        const auto twin = home_.uuid_by_key.find({std::string(name), folded(*item.kind, item.key)});
        if (twin != home_.uuid_by_key.end()) bind(away_, item, twin->second);
      }
    }
  }

  model::CanonicalContext context_of(const Place& place) const {
    model::CanonicalContext context;
    context.uuid_of = [&place](std::string_view kind,
                               const std::string& id) -> std::optional<std::string> {
      const auto found = place.uuid_by_id.find({std::string(kind), id});
      return found == place.uuid_by_id.end() ? std::nullopt : std::optional(found->second);
    };
    context.uuid_by_key = [&place](std::string_view kind,
                                   const std::string& key) -> std::optional<std::string> {
      const Kind* row = find_kind(kind);
      const auto found = place.uuid_by_key.find({std::string(kind), folded(*row, key)});
      return found == place.uuid_by_key.end() ? std::nullopt : std::optional(found->second);
    };
    context.self = place.workspace->self().names();
    return context;
  }

  /// The id on a side by uuid; for children that of their parent.
  std::optional<std::string> id_on(const Place& place, const std::string& uuid) const {
    const auto found = place.id_by_uuid.find(uuid);
    return found == place.id_by_uuid.end() ? std::nullopt : std::optional(found->second);
  }

  const Item* item_of(const Place& place, const std::string& uuid) const {
    const auto kind = place.inventory.kinds.find(std::string_view(uuid).substr(0, uuid.find('/')));
    for (const Item& item : kind->second.items)
      if (uuid_of(place, item) == uuid) return &item;
    return nullptr;
  }

  std::string uuid_of(const Place& place, const Item& item) const {
    const Kind& owner = item.kind->child_of.empty() ? *item.kind : *item.parent_kind;
    const auto found = place.uuid_by_id.find({std::string(owner.name), item.id});
    if (found == place.uuid_by_id.end()) return {};
    return item.kind->child_of.empty() ? found->second : child_uuid(item, found->second);
  }

  std::size_t pass() {
    std::size_t written = 0;
    for (const auto& [name, listing] : home_.inventory.kinds) {
      for (const Item& item : listing.items) {
        if (item.kind->support != Support::replicated) continue;
        const std::string uuid = uuid_of(home_, item);
        if (!wanted_.contains(uuid) && copy(item, uuid)) ++written;
      }
    }
    return written;
  }

  /// Leaves out entries of unknown principals; tells the first target that is still to come.
  std::string settle_uses(const Kind& kind, const std::vector<model::Use>& uses, json& form) const {
    std::vector<std::string> dropped;
    for (const model::Use& use : uses) {
      if (use.uuid && !id_on(away_, *use.uuid)) return *use.uuid;
      if (!use.uuid && use.reference->missing == model::IfMissing::block)
        return "nothing: " + use.text;
      if (use.uuid || use.reference->missing != model::IfMissing::drop) continue;
      std::string place = use.place;
      for (int i = 0; i < use.reference->drop_levels; ++i) place.erase(place.rfind('/'));
      dropped.push_back(place);
    }
    for (auto place = dropped.rbegin(); place != dropped.rend(); ++place)
      JsonPath(*place).erase_from(form);
    model::normalise(kind, form);
    return {};
  }

  Result<std::shared_ptr<const json>> body_for(const Kind& kind, const json& form,
                                               const std::string& uuid) const {
    model::TargetContext context;
    context.group = "test";
    context.uuid = uuid;
    context.id_of = [this](const std::string& target, bool& is_number) {
      const Kind* row = find_kind(target.substr(0, target.find('/')));
      is_number = row != nullptr && row->id_is_number;
      return id_on(away_, target);
    };
    TRY(json body, model::target_form(kind, form, context));
    return std::make_shared<const json>(std::move(body));
  }

  bool copy(const Item& item, const std::string& uuid) {
    const Kind& kind = *item.kind;
    model::Canonical source = model::canonical(kind, item.raw, context_of(home_));
    json form = *source.form;
    waiting_[uuid] = settle_uses(kind, source.uses, form);
    const std::string parent = kind.child_of.empty() ? "" : uuid.substr(kind.name.size() + 1);
    if (waiting_[uuid].empty() && !parent.empty() && !id_on(away_, parent)) waiting_[uuid] = parent;
    if (!waiting_[uuid].empty()) return false;
    waiting_.erase(uuid);
    if (kind.cannot_write != nullptr && kind.cannot_write(form, *away_.workspace)) {
      refused_.insert(uuid);
      return false;
    }
    (void)model::hold(kind, form);
    auto done = write(item, uuid, parent, form);
    EXPECT_TRUE(done) << uuid << " " << item.key << ": " << describe(done.error());
    wanted_[uuid] = std::move(form);
    return true;
  }

  Result<void> write(const Item& item, const std::string& uuid, const std::string& parent,
                     const json& form) {
    model::Write order;
    order.from = home_.workspace.get();
    order.to = away_.workspace.get();
    order.kind = item.kind;
    order.parent_kind = item.parent_kind;
    order.source_id = item.id;
    order.key = item.key;
    TRY(order.definition, body_for(*item.kind, form, uuid));
    if (const Item* twin = item_of(away_, uuid)) {
      const json current = *model::canonical(*item.kind, twin->raw, context_of(away_)).form;
      if (current == form) return {};
      TRY(order.current, body_for(*item.kind, current, uuid));
    }
    if (!parent.empty()) order.id = order.parent_id = *id_on(away_, parent);
    if (parent.empty() && id_on(away_, uuid)) order.id = *id_on(away_, uuid);
    if (!order.id.empty()) {
      CHECK(loop_.run(workspace::update_by_row(order)));
      return {};
    }
    TRY(std::string id, loop_.run(workspace::create_by_row(order)));
    if (item.kind->list_place_verb != nullptr) id = shown_id(*item.kind, item.key);
    bind(away_, *item.kind, id, item.key, uuid);
    created_.insert(uuid);
    const model::Endpoint& stop = item.kind->follow_up.endpoint;
    if (stop.exists()) CHECK(loop_.run(workspace::call_by_row(*order.to, *item.kind, stop, id)));
    return {};
  }

  /// What is created in the tree is found by listing its place.
  std::string shown_id(const Kind& kind, const std::string& path) {
    const Kind* const only[] = {&kind};
    const auto items =
        loop_.run(workspace::read_place(*away_.workspace, only, kind.list_place_verb, model::parent_path(path)));
    if (!items) throw std::runtime_error(describe(items.error()));
    for (const Item& item : *items)
      if (item.key == path) return item.id;
    throw std::runtime_error(path + " was created and is not listed");
  }

  Loop loop_{Loop::Clock::virtual_time};
  Place home_;
  Place away_;
  std::map<std::string, json> wanted_;
  std::map<std::string, std::string> waiting_;
  std::set<std::string> refused_;  ///< left to a person
  std::set<std::string> created_;
};

TEST(Conformance, EveryTaskAndTriggerToo) {
  simulator::EstateSize size;
  // Every task type and trigger is among the first jobs; more of the same content proves no more.
  size.notebooks = 60;
  size.files = 30;
  size.jobs = 60;
  size.metastore = true;
  Copy copy;
  copy.run(size);
  copy.expect_nothing_left();
  copy.compare();
}

TEST(Conformance, WhatARowCreatesComparesEqual) {
  simulator::EstateSize size = simulator::small_estate();
  size.metastore = true;
  Copy copy;
  copy.run(size);
  copy.expect_nothing_left();
  copy.compare();
}

}  // namespace
}  // namespace twinlake::kinds
