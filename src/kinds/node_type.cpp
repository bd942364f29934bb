#include <algorithm>

#include "kinds/calls.h"

namespace twinlake::kinds::node_type {

using namespace model;
using nlohmann::json;

namespace {

double number(const json& item, const char* field) {
  const auto found = item.find(field);
  return found != item.end() && found->is_number() ? found->get<double>() : 0;
}

/// How far one machine is from another: another sort of machine, then cores, then memory.
double distance(const json& a, const json& b) {
  const double sort = text_at(a, "/category") == text_at(b, "/category") ? 0 : 100;
  const double gpus = number(a, "num_gpus") == number(b, "num_gpus") ? 0 : 1000;
  const double cores = std::abs(number(a, "num_cores") - number(b, "num_cores"));
  const double memory = std::abs(number(a, "memory_mb") - number(b, "memory_mb")) / 4096;
  return gpus + sort + cores + memory;
}

std::string suggest(const json& wanted, const std::vector<const json*>& offered) {
  const json* best = nullptr;
  for (const json* candidate : offered) {
    if (candidate->value("is_deprecated", false)) continue;
    if (best == nullptr || distance(wanted, *candidate) < distance(wanted, *best)) best = candidate;
  }
  if (best == nullptr) return {};
  return "The nearest that it has is " + text_at(*best, "/node_type_id") +
         "; add a rewrite from one to the other in twinlake.yml";
}

/// Listed, but nobody can have one there (facts, azure 12).
bool is_not_offered(const json& item) {
  const json* status = find_at(item, "/node_info/status");
  if (status == nullptr || !status->is_array()) return false;
  return std::any_of(status->begin(), status->end(), [](const json& word) {
    return word == "NotAvailableInRegion" || word == "NotEnabledOnSubscription";
  });
}

constexpr Kind kind{
    .name = "node_type",
    .plural = "node types",
    .about = "machines that the region offers",
    .support = Support::lookup,
    .list = {.endpoint = {.path = "/api/2.1/clusters/list-node-types"}, .items = "/node_types"},
    .id_at = "/node_type_id",
    .key_at = "/node_type_id",
    .suggest = suggest,
    .is_foreign = is_not_offered,
};

}  // namespace

const Kind& node_type_kind() { return kind; }

}  // namespace twinlake::kinds::node_type
