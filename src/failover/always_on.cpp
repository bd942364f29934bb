#include "failover/always_on.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::failover {

using model::Kind;
using workspace::Item;

namespace {

bool is_one_of(const std::string& state, std::span<const std::string_view> states) { return std::ranges::find(states, state) != states.end(); }

void look_at_item(const Kind& kind, const Item& item, StartPlan& plan) {
  const std::string state = text_at(item.raw, kind.start.state_at);
  const bool is_going_down = is_one_of(state, kind.start.going_down);
  if (is_going_down || is_one_of(state, kind.start.down)) plan.down.push_back({&kind, item.id, item.key, is_going_down});
}

}  // namespace

Task<Result<StartPlan>> plan_start(workspace::Workspace& side, std::span<const Kind* const> kinds, workspace::InScope in_scope,
                                   std::vector<AlwaysOn> rules) {
  StartPlan plan;
  if (rules.empty()) co_return plan;
  std::vector<const Kind*> startable;
  std::ranges::copy_if(kinds, std::back_inserter(startable), [](const Kind* kind) { return kind->start.endpoint.exists(); });
  const auto inventory = co_await workspace::read_listings(side, startable, std::move(in_scope));
  std::vector<bool> used(rules.size());
  for (const auto& [name, listing] : inventory.kinds) {
    if (listing.error) co_return fail(*listing.error);
    for (const Item& item : listing.items) {
      bool is_wanted = false;
      for (std::size_t i = 0; i < rules.size(); ++i) {
        if (!rules[i].matches(*listing.kind, item.key)) continue;
        used[i] = is_wanted = true;
      }
      if (is_wanted) look_at_item(*listing.kind, item, plan);
    }
  }
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (!used[i])
      plan.findings.push_back({"always_on", "`" + rules[i].text + "` names nothing that could be started there",
                               "Check how it is written, or take it out of twinlake.yml"});
  co_return plan;
}

}  // namespace twinlake::failover
