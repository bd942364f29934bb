#include "engine/graph.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::engine {

using model::Kind;
using nlohmann::json;

bool refers_to(const json& value, const std::set<std::string>& uuids) {
  if (value.is_object()) {
    const auto ref = value.find(model::ref_member);
    if (ref != value.end() && ref->is_string() && uuids.contains(ref->get_ref<const std::string&>())) return true;
  }
  if (!value.is_structured()) return false;
  return std::any_of(value.begin(), value.end(), [&](const json& child) { return refers_to(child, uuids); });
}

namespace {

bool repairs_live_trigger(const Step& step) {
  return step.action == Action::update && step.current && !model::live_triggers(*step.kind, step.current.unpack()).empty();
}

class Sorter {
 public:
  explicit Sorter(std::deque<Step> steps) : steps_(std::move(steps)), needs_(steps_.size()), place_(steps_.size(), unplaced) {
    repairs_.reserve(steps_.size());
    for (const Step& step : steps_) repairs_.push_back(repairs_live_trigger(step));
  }
  Sorter(const Sorter&) = delete;
  Sorter& operator=(const Sorter&) = delete;

  std::deque<Step> run() {
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (steps_[i].action == Action::create) provider_[steps_[i].uuid] = i;
    for (std::size_t i = 0; i < steps_.size(); ++i) add_needs(i);
    order_removals();
    cut_self_references();
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (needs_[i].empty()) ready_.insert(i);
    while (sorted_.size() < steps_.size()) {
      if (ready_.empty()) {
        cut_a_cycle();
        continue;
      }
      const std::size_t next = *ready_.begin();
      ready_.erase(ready_.begin());
      place(next);
    }
    put_in_place();
    return std::move(steps_);
  }

 private:
  /// There may be a hundred thousand steps: one is moved aside at a time, never all of them.
  void put_in_place() {
    for (std::size_t first = 0; first < sorted_.size(); ++first) {
      if (sorted_[first] == first) continue;
      Step aside = std::move(steps_[first]);
      std::size_t hole = first;
      for (std::size_t next = sorted_[hole]; next != first; next = sorted_[hole]) {
        steps_[hole] = std::move(steps_[next]);
        sorted_[hole] = hole;
        hole = next;
      }
      steps_[hole] = std::move(aside);
      sorted_[hole] = hole;
    }
  }

  static constexpr std::size_t unplaced = static_cast<std::size_t>(-1);
  using Rank = std::tuple<int, int, std::string, std::size_t>;

  [[nodiscard]] Rank rank(std::size_t index) const {
    const Step& step = steps_[index];
    return {step.stage, repairs_[index] ? 0 : 1, step.address(), index};
  }
  /// Addresses are made for the comparison: those of all that is ready at once would stand in memory else.
  struct Earlier {
    const Sorter* sorter;
    bool operator()(std::size_t a, std::size_t b) const { return sorter->rank(a) < sorter->rank(b); }
  };

  void need(std::size_t index, std::size_t other) {
    if (index != other && needs_[index].insert(other).second) dependents_[other].push_back(index);
  }

  void add_needs(std::size_t index) {
    for (const SharedText& uuid : steps_[index].waits_for)
      if (const auto found = provider_.find(uuid); found != provider_.end()) need(index, found->second);
  }

  /// Leaves first; and what takes the place of a removed object of another kind waits for it.
  void order_removals() {
    std::map<std::string, std::size_t> removed_paths;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].action != Action::remove) continue;
      steps_[i].stage = 1;
      if (steps_[i].kind->key_is_path) removed_paths[steps_[i].key] = i;
    }
    for (const auto& [path, index] : removed_paths) {
      const auto parent = removed_paths.find(model::parent_path(path));
      if (parent != removed_paths.end() && parent->second != index) need(parent->second, index);
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].action != Action::create || !steps_[i].kind->key_is_path) continue;
      const auto squatter = removed_paths.find(steps_[i].key);
      if (squatter == removed_paths.end()) continue;
      need(i, squatter->second);
      bring_forward(squatter->second);
    }
    order_removals_by_kind();
  }

  void bring_forward(std::size_t index) {
    steps_[index].stage = 0;
    for (const std::size_t below : needs_[index])
      if (steps_[below].action == Action::remove && steps_[below].stage == 1) bring_forward(below);
  }

  /// A user of something goes before the thing that it uses.
  void order_removals_by_kind() {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].action != Action::remove || steps_[i].kind->key_is_path) continue;
      for (std::size_t j = 0; j < steps_.size(); ++j) {
        if (steps_[j].action != Action::remove || steps_[j].kind == steps_[i].kind || steps_[j].kind->key_is_path) continue;
        if (uses_kind(*steps_[j].kind, *steps_[i].kind) && !uses_kind(*steps_[i].kind, *steps_[j].kind)) need(i, j);
      }
    }
  }

  static bool uses_kind(const Kind& user, const Kind& used) {
    return std::any_of(user.references.begin(), user.references.end(), [&](const model::Reference& reference) {
      return std::find(reference.kinds.begin(), reference.kinds.end(), used.name) != reference.kinds.end();
    });
  }

  void place(std::size_t index) {
    place_[index] = sorted_.size();
    sorted_.push_back(index);
    const auto waiting = dependents_.find(index);
    if (waiting == dependents_.end()) return;
    for (const std::size_t dependent : waiting->second) {
      if (needs_[dependent].erase(index) == 0) continue;
      steps_[dependent].after.push_back(place_[index]);
      if (needs_[dependent].empty() && place_[dependent] == unplaced) ready_.insert(dependent);
    }
  }

  [[nodiscard]] std::set<std::string> open_uuids(std::size_t index) const {
    std::set<std::string> uuids;
    for (const std::size_t other : needs_[index]) uuids.insert(steps_[other].uuid);
    return uuids;
  }

  /// Members that lead into the cycle; empty when the step cannot be made without them.
  [[nodiscard]] std::vector<std::string> closing_members(std::size_t index) const {
    const Step& step = steps_[index];
    std::vector<std::string> members;
    if (step.action != Action::create || !step.desired) return members;
    const json desired = step.desired.unpack();
    if (!desired.is_object()) return members;
    std::set<std::string> open = open_uuids(index);
    open.insert(step.uuid);
    for (auto it = desired.begin(); it != desired.end(); ++it)
      if (refers_to(it.value(), open)) members.push_back(it.key());
    return members;
  }

  void cut_a_cycle() {
    std::vector<Rank> stuck;
    for (std::size_t i = 0; i < steps_.size(); ++i)
      if (place_[i] == unplaced) stuck.push_back(rank(i));
    std::sort(stuck.begin(), stuck.end());
    for (const Rank& candidate : stuck) {
      const std::size_t index = std::get<3>(candidate);
      std::vector<std::string> members = closing_members(index);
      if (members.empty()) continue;
      make_shell(index, std::move(members));
      if (needs_[index].empty()) ready_.insert(index);
      return;
    }
    // Nothing can be cut (a cycle of paths cannot exist): carry them out in order, the service decides.
    const std::size_t index = std::get<3>(stuck.front());
    needs_[index].clear();
    ready_.insert(index);
  }

  void make_shell(std::size_t index, std::vector<std::string> members) {
    Step completion = steps_[index];
    completion.action = Action::update;
    completion.reason = "completes a cycle of references";
    completion.waits_for.clear();
    completion.after.clear();
    completion.completes_shell = true;
    json left_out = json::object();
    const json desired = steps_[index].desired.unpack();
    for (const std::string& member : members) left_out[member] = desired.at(member);
    steps_[index].shell_without = std::move(members);
    const std::set<std::size_t> open = needs_[index];
    const std::size_t added = steps_.size();
    steps_.push_back(std::move(completion));
    needs_.emplace_back();
    place_.push_back(unplaced);
    repairs_.push_back(repairs_live_trigger(steps_.back()));
    need(added, index);
    for (const std::size_t other : open) {
      need(added, other);
      // What only the left out members name is not needed by the shell.
      if (refers_to(left_out, {steps_[other].uuid})) needs_[index].erase(other);
    }
  }

  /// What refers to itself cannot name itself before it exists.
  void cut_self_references() {
    for (std::size_t i = 0, count = steps_.size(); i < count; ++i) {
      if (steps_[i].action != Action::create || std::ranges::find(steps_[i].waits_for, steps_[i].uuid) == steps_[i].waits_for.end()) continue;
      std::vector<std::string> members = closing_members(i);
      if (!members.empty()) make_shell(i, std::move(members));
    }
  }

  std::deque<Step> steps_;
  std::vector<std::set<std::size_t>> needs_;
  std::vector<std::size_t> place_;
  std::map<std::size_t, std::vector<std::size_t>> dependents_;
  std::unordered_map<std::string_view, std::size_t> provider_;  ///< uuids of steps
  std::vector<bool> repairs_;  ///< does it hold what would start by itself?
  std::set<std::size_t, Earlier> ready_{Earlier{this}};
  std::vector<std::size_t> sorted_;
};

}  // namespace

std::deque<Step> in_order(std::deque<Step> steps) { return Sorter(std::move(steps)).run(); }

}  // namespace twinlake::engine
