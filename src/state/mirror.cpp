// The mirror: what another machine needs to take over, out of the state and into it.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/json_path.h"
#include "state/mirror_document.h"
#include "state/store_impl.h"

namespace twinlake::state {

namespace {

using nlohmann::json;

/// A mirror that is ahead of this state is taken as it is. Else something was replaced here, and
/// plans made before must become stale.
std::int64_t generation_after(std::int64_t own, std::int64_t mirrored) {
  return mirrored > own ? mirrored : own + 1;
}

}  // namespace

json Store::mirror_without_bindings() const {
  json document{{"format", mirror_format}, {"version", mirror_version}};
  const auto who = identity();
  document["identity"] = who ? to_json(*who) : json();
  {
    Use standing(impl_->sql.standing);
    standing.next();
    document["generation"] = standing.number(0);
    document["fencing"] = standing.number(1);
    const auto point = standing.optional_number(2);
    document["replication_point"] = point ? json(to_rfc3339(to_time(*point))) : json();
  }
  document["bindings"] = json::array();
  json& holds = document["holds"] = json::array();
  for (const HoldRecord& hold : this->holds()) holds.push_back(to_json(hold));
  json& originals = document["originals"] = json::array();
  std::set<std::string> told;
  for (const auto& [uuid, records] : this->originals())
    for (const OriginalRecord& original : records)
      if (json entry = to_json(original); told.insert(to_text(entry)).second)
        originals.push_back(std::move(entry));
  if (const auto failover = impl_->read_last_failover()) {
    json& entry = document["failover"] = to_json(*failover);
    entry["hold"] = json::array();
    entry["release"] = json::array();
    for (Use row(impl_->sql.all_turned, failover->id); row.next();)
      entry[row.text(0)].push_back(row.text(1));
    entry["actions"] = json::array();
    for (const ActionRecord& action :
         impl_->read_actions(ActionRecord::Subject::failover, failover->id))
      entry["actions"].push_back(to_json(action));
  }
  return document;
}

json Store::to_mirror() const {
  json document;
  impl_->guarded([&] {
    // One transaction, so that another process cannot write between the parts.
    const SQLite::Transaction transaction(*impl_->database);
    document = mirror_without_bindings();
    json& bindings = document["bindings"];
    impl_->for_each_binding([&](const Binding& binding) { bindings.push_back(to_json(binding)); });
  });
  return document;
}

void Store::give_mirror_text(const std::function<void(std::string_view piece)>& take) const {
  // Members are written in the order of their names, and this is the first.
  static constexpr std::string_view begin = "{\"bindings\":[";
  take(begin);
  impl_->guarded([&] {
    const SQLite::Transaction transaction(*impl_->database);
    bool is_first = true;
    impl_->for_each_binding([&](const Binding& binding) {
      if (!std::exchange(is_first, false)) take(",");
      take(to_text(to_json(binding)));
    });
    take(std::string_view(to_text(mirror_without_bindings())).substr(begin.size()));
  });
}

Result<void> Store::load_mirror(const json& mirror) {
  TRY(const Mirror loaded, parse_mirror(mirror, impl_->group));
  impl_->in_transaction([&] {
    Statements& sql = impl_->sql;
    std::int64_t generation = 0;
    std::int64_t fencing = 0;
    {
      Use standing(sql.standing);
      standing.next();
      generation = generation_after(standing.number(0), loaded.generation);
      fencing = std::max(standing.number(1), loaded.fencing);
    }
    Use(sql.clear_bindings).run();  // and with them what was known of them
    Use(sql.clear_swept).run();
    Use(sql.clear_holds).run();
    Use(sql.clear_originals).run();
    Use(sql.clear_identity).run();
    Use(sql.clear_turned).run();
    Use(sql.clear_failovers).run();
    Use(sql.clear_actions_of_failovers).run();
    if (loaded.failover) {
      impl_->write(*loaded.failover);
      for (const auto& [action, uuid] : loaded.turned)
        Use(sql.put_turned, loaded.failover->id, action, uuid).run();
      for (const ActionRecord& action : loaded.actions) impl_->write(action);
    }
    if (loaded.identity) impl_->write(*loaded.identity);
    for (const Binding& binding : loaded.bindings) impl_->write(binding);
    for (const HoldRecord& hold : loaded.holds) impl_->write(hold);
    for (const OriginalRecord& original : loaded.originals) impl_->write(original);
    const auto point = loaded.replication_point;
    Use(sql.set_replication_point, point ? std::optional(to_number(*point)) : std::nullopt).run();
    Use(sql.set_counters, generation, fencing).run();
  });
  return {};
}

}  // namespace twinlake::state
