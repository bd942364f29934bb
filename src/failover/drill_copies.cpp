#include "failover/drill_copies.h"

#include <algorithm>

#include "base/json_path.h"
#include "model/canonical.h"
#include "model/own_words.h"

namespace twinlake::failover {

using model::Kind;
using model::Match;
using model::Reference;
using nlohmann::json;
using workspace::Entry;
using workspace::EntryType;
using workspace::Item;

namespace {

constexpr std::size_t most_code = 2000;  ///< beyond that somebody named a folder that is too high up

/// References of a kind by id to what is copied too.
bool leads_to_copy(const Reference& reference, const Kind& kind) {
  return reference.match == Match::id && std::ranges::find(reference.kinds, kind.name) != reference.kinds.end();
}

class Planner {
 public:
  Planner(workspace::Workspace& side, std::span<const Kind* const> kinds, const state::Store& store, CopyOptions options)
      : side_(side), kinds_(kinds), options_(std::move(options)), words_(model::own_words(model::kinds_with_number_ids(kinds))) {
    for (const state::Binding& binding : store.bindings())
      if (const auto& id = binding.on(side.side())) replicated_.insert(binding.kind + "/" + *id);
  }

  [[nodiscard]] Task<Result<CopyPlan>> plan() {
    CO_CHECK(co_await list());
    CO_CHECK(choose());
    const std::vector<std::string> nobody;
    for (const std::string& id : chosen_) CO_CHECK(co_await prepare(id, nobody));
    if (!troubles_.empty()) co_return fail(Fault::refused, "not everything can be tried in a drill: " + troubles_, trouble_hint_);
    for (const std::string& folder : options_.folders) CO_CHECK(co_await add_path(folder, "the configuration"));
    CO_CHECK(co_await follow_code());
    for (ObjectCopy& object : plan_.objects) move_paths(object);
    co_return std::move(plan_);
  }

 private:
  Task<Result<void>> list() {
    std::vector<const Kind*> tried;
    std::ranges::copy_if(kinds_, std::back_inserter(tried), [](const Kind* kind) { return is_tried(*kind); });
    inventory_ = co_await workspace::read_listings(side_, tried, options_.in_scope);
    for (auto& [name, listing] : inventory_.kinds) {
      if (listing.error) co_return fail(*listing.error);
      for (Item& item : listing.items) by_id_[item.id] = &item;
    }
    co_return Result<void>{};
  }

  Result<void> choose() {
    for (const std::string& pattern : options_.patterns) {
      bool found = false;
      for (const auto& [id, item] : by_id_) {
        if (!replicated_.contains(std::string(item->kind->name) + "/" + id) || !options_.matches(pattern, item->key)) continue;
        found = true;
        if (std::ranges::find(chosen_, id) == chosen_.end()) chosen_.push_back(id);
      }
      if (!found)
        return fail(Fault::refused, "nothing on the standby that is replicated is called `" + pattern + "`",
                    "`twinlake ids` lists what is there; the drill's names are case-sensitive globs");
    }
    return {};
  }

  /// `way`: who starts whom, from what was asked for.
  Task<Result<void>> prepare(std::string id, std::vector<std::string> way) {
    if (std::ranges::any_of(plan_.objects, [&](const ObjectCopy& made) { return made.source == id; })) co_return Result<void>{};
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) co_return Result<void>{};
    Item& item = *found->second;
    if (std::ranges::find(way, id) != way.end()) {
      trouble(item, "it starts itself in a circle", "Leave this one out of the drill");
      co_return Result<void>{};
    }
    way.push_back(id);
    CO_TRY(json body, co_await body_of(&item));
    if (body.is_null()) co_return Result<void>{};
    for (const std::string& other : started_by(*item.kind, body)) CO_CHECK(co_await prepare(other, way));
    ObjectCopy copy{item.kind, id, item.key, options_.label + " " + item.key, std::move(body)};
    for (const auto& [place, path] : paths_in(copy)) CO_CHECK(co_await add_path(path, model::address_of(item.kind->name, item.key)));
    plan_.objects.push_back(std::move(copy));
    co_return Result<void>{};
  }

  /// Null: it cannot be tried, and that was told.
  Task<Result<json>> body_of(Item* item) {
    const Kind& kind = *item->kind;
    CO_CHECK(co_await workspace::complete(side_, *item));
    json form = *model::canonical(kind, item->raw, words_).form;
    (void)model::hold(kind, form);
    model::TargetContext same_side;
    same_side.id_of = [](const std::string& word, bool& is_number) { return model::id_in_own_word(word, is_number); };
    CO_TRY(json body, model::target_form(kind, form, same_side));
    for (const std::string_view place : kind.trial->leave_out) JsonPath(place).erase_from(body);
    if (kind.trial->isolate != nullptr) {
      auto alone = co_await kind.trial->isolate(side_, std::move(body));
      if (!alone && alone.error().fault != Fault::refused) co_return fail(std::move(alone).error());
      if (!alone) {
        trouble(*item, alone.error().message, alone.error().hint);
        co_return json();
      }
      body = std::move(*alone);
    }
    if (const json* who = find_at(body, kind.trial->runs_as_at); who != nullptr && !runs_as_us(*who)) note_runs_as(*who);
    *find_at(body, kind.trial->name_at) = options_.label + " " + item->key;
    body[json::json_pointer(std::string(kind.tags_at) + "/" + std::string(model::drill_tag))] = options_.label + "." + item->id;
    co_return body;
  }

  void trouble(const Item& item, const std::string& why, const std::string& hint) {
    troubles_ += (troubles_.empty() ? "" : "; ") + model::address_of(item.kind->name, item.key) + ": " + why;
    trouble_hint_ = hint;
  }

  [[nodiscard]] bool runs_as_us(const json& who) const {
    return std::ranges::any_of(who.items(), [&](const auto& member) {
      return member.value().is_string() && side_.self().names().contains(member.value().template get<std::string>());
    });
  }

  void note_runs_as(const json& who) {
    if (who.is_object() && !who.empty() && std::ranges::find(plan_.runs_as, who) == plan_.runs_as.end()) plan_.runs_as.push_back(who);
  }

  std::vector<std::string> started_by(const Kind& kind, const json& body) const {
    std::vector<std::string> ids;
    for (const Reference& reference : kind.references) {
      if (std::ranges::none_of(kinds_, [&](const Kind* other) { return is_tried(*other) && leads_to_copy(reference, *other); })) continue;
      JsonPath(reference.path).visit(body, [&](const json&, const std::string& pointer) { ids.push_back(text_at(body, pointer)); });
    }
    return ids;
  }

  /// Places of a body that name something in the tree, and its path.
  static std::vector<std::pair<std::string, std::string>> paths_in(const ObjectCopy& copy) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const Reference& reference : copy.kind->references) {
      if (reference.match != Match::path) continue;
      JsonPath(reference.path).visit(copy.body, [&](const json& value, const std::string& pointer) {
        if (!value.is_string()) return;
        std::string path = model::path_key(value.get_ref<const std::string&>());
        if (path.starts_with('/') && !path.starts_with("/Volumes/")) found.emplace_back(pointer, std::move(path));
      });
    }
    return found;
  }

  Task<Result<void>> add_path(std::string path, std::string by) {
    if (!asked_.insert(path).second) co_return Result<void>{};
    CO_TRY(std::optional<Entry> entry, co_await workspace::entry_at(side_, path));
    if (!entry || entry->type == EntryType::other) {
      plan_.findings.push_back({by, "names " + path + ", which is " + (entry ? "no code" : "not there") + ": it stays as it is", ""});
      co_return Result<void>{};
    }
    copied_.insert(path);
    if (entry->type != EntryType::directory) {
      plan_.code.push_back(std::move(*entry));
      co_return Result<void>{};
    }
    CO_TRY(std::vector<Entry> below, co_await workspace::code_below(side_, path));
    for (Entry& one : below)
      if (asked_.insert(one.path).second) plan_.code.push_back(std::move(one));
    co_return too_much();
  }

  Result<void> too_much() const {
    if (plan_.code.size() <= most_code) return {};
    return fail(Fault::refused, "the drill would copy more than " + std::to_string(most_code) + " notebooks and files",
                "Name fewer jobs, or folders further down");
  }

  /// Code names other code, which comes along.
  Task<Result<void>> follow_code() {
    for (std::size_t from = 0; from < plan_.code.size();) {
      const std::size_t until = plan_.code.size();
      std::vector<Result<std::vector<std::string>>> named(until - from);
      const auto look = [&](std::size_t index) { return look_into(&plan_.code[from + index], &named[index]); };
      co_await for_each_index(side_.loop(), until - from, requests_at_once, look);
      std::vector<std::pair<std::string, std::string>> more;
      for (std::size_t i = 0; i < named.size(); ++i) {
        if (!named[i]) co_return fail(named[i].error());
        for (const std::string& path : *named[i]) more.emplace_back(path, plan_.code[from + i].path);
      }
      from = until;
      for (const auto& [path, by] : more) CO_CHECK(co_await add_path(path, by));
      CO_CHECK(too_much());
    }
    co_return Result<void>{};
  }

  Task<void> look_into(const Entry* entry, Result<std::vector<std::string>>* named) {
    if (entry->type != EntryType::notebook) co_return;
    *named = co_await workspace::code_named_by(side_, *entry);
  }

  void move_paths(ObjectCopy& copy) const {
    for (const auto& [pointer, path] : paths_in(copy)) {
      if (!copied_.contains(path)) continue;
      json& value = *find_at(copy.body, pointer);
      const bool is_long = value.get_ref<const std::string&>().starts_with("/Workspace/");
      value = (is_long ? "/Workspace" : "") + options_.folder + path;
    }
  }

  workspace::Workspace& side_;
  std::span<const Kind* const> kinds_;
  CopyOptions options_;
  model::CanonicalContext words_;
  std::set<std::string> replicated_;  ///< "kind/id" on this side
  workspace::Inventory inventory_;
  std::map<std::string, Item*> by_id_;
  std::vector<std::string> chosen_;
  std::set<std::string> asked_;   ///< paths that were looked at
  std::set<std::string> copied_;  ///< those that objects may be led to
  std::string troubles_;
  std::string trouble_hint_;
  CopyPlan plan_;
};

}  // namespace

Task<Result<CopyPlan>> plan_copies(workspace::Workspace& side, std::span<const Kind* const> kinds, const state::Store& store,
                                   CopyOptions options) {
  Planner planner(side, kinds, store, std::move(options));
  co_return co_await planner.plan();
}

json with_copies_of(const ObjectCopy& object, const std::map<std::string, std::string>& copies) {
  json body = object.body;
  for (const Reference& reference : object.kind->references) {
    if (!leads_to_copy(reference, *object.kind)) continue;
    JsonPath(reference.path).visit(body, [&](json& value, const std::string&) {
      const std::string id = value.is_string() ? value.get<std::string>() : to_text(value);
      const auto copy = copies.find(id);
      if (copy == copies.end()) return;
      if (value.is_number()) value = json::parse(copy->second);
      else value = copy->second;
    });
  }
  return body;
}

}  // namespace twinlake::failover
