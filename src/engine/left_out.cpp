#include "engine/left_out.h"

#include <algorithm>
#include <map>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/object.h"

namespace twinlake::engine {

using nlohmann::json;

namespace {

using AtLeaf = std::function<void(json& leaf, const std::string& pointer)>;

bool is_left_out(const json& value) { return value.is_object() && value.size() == 1 && value.contains(left_out_member); }

/// Texts, numbers, truth values, and what stands for them. References are no leaves: they are ours.
void visit_leaves(json& value, const std::string& pointer, const AtLeaf& at) {
  if (value.is_object() && !is_left_out(value)) {
    if (value.contains(model::ref_member) || value.contains(model::unresolved_member)) return;
    for (auto it = value.begin(); it != value.end(); ++it) visit_leaves(it.value(), pointer + "/" + pointer_segment(it.key()), at);
  } else if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) visit_leaves(value[i], pointer + "/" + std::to_string(i), at);
  } else if (!value.is_null()) {
    at(value, pointer);
  }
}

/// Finds in another form the place that a pointer of this one means.
class SamePlace {
 public:
  SamePlace(const model::Kind& kind, const json& form, const json& other) : form_(form), other_(other) {
    for (const model::Unordered& rule : kind.unordered)
      if (!rule.sort_by.empty()) JsonPath(rule.path).visit(form, [&](const json&, const std::string& array) { named_by_[array] = rule.sort_by; });
  }

  [[nodiscard]] const json* find(const std::string& pointer) const {
    const json* here = &form_;
    const json* there = &other_;
    for (std::size_t at = 0; at < pointer.size() && there != nullptr;) {
      const std::size_t end = std::min(pointer.find('/', at + 1), pointer.size());
      const std::string segment = pointer.substr(at, end - at);
      const json* const next = find_at(*here, segment);
      there = here->is_array() ? element(pointer.substr(0, at), *here, *next, *there, segment) : find_at(*there, segment);
      here = next;
      at = end;
    }
    return there;
  }

 private:
  [[nodiscard]] const json* element(const std::string& array, const json& here, const json& element, const json& there,
                                    const std::string& segment) const {
    if (!there.is_array()) return nullptr;
    const auto name = named_by_.find(array);
    if (name == named_by_.end()) return there.size() == here.size() ? find_at(there, segment) : nullptr;
    const std::string own = text_at(element, name->second);
    const auto same = std::ranges::find_if(there, [&](const json& other) { return text_at(other, name->second) == own; });
    return own.empty() || same == there.end() ? nullptr : &*same;
  }

  const json& form_;
  const json& other_;
  std::map<std::string, std::string_view> named_by_;  ///< by pointer of the array
};

}  // namespace

void leave_out_secrets(const model::Kind& kind, json& form, const model::LiteralRules& rules) {
  // Decided before anything is replaced: it looks at the whole.
  std::vector<std::string> places;
  {
    const model::Secrecy secrecy(kind, form, rules);
    visit_leaves(form, "", [&](json& leaf, const std::string& pointer) {
      if (secrecy.touches(pointer, leaf)) places.push_back(pointer);
    });
  }
  for (const std::string& place : places) {
    json stands_for = json::object();
    stands_for[std::string(left_out_member)] = true;
    *find_at(form, place) = std::move(stands_for);
  }
}

std::vector<std::string> fill_left_out(const model::Kind& kind, json& form, const json* current) {
  std::vector<std::string> unfilled;
  const json kept = form;
  std::optional<SamePlace> places;
  if (current != nullptr) places.emplace(kind, kept, *current);
  visit_leaves(form, "", [&](json& leaf, const std::string& pointer) {
    if (!is_left_out(leaf)) return;
    const json* const there = places ? places->find(pointer) : nullptr;
    if (there != nullptr) {
      leaf = *there;
    } else {
      unfilled.push_back(pointer);
    }
  });
  erase_all(form, unfilled);
  return unfilled;
}

}  // namespace twinlake::engine
