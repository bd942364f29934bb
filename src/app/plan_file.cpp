#include "app/plan_file.h"

#include <nlohmann/json.hpp>

#include "workspace/profile.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

constexpr int plan_version = 1;
constexpr const char* again = "Run plan again, look at it, and sync that plan";

json saved_step_json(const engine::Step& step) {
  json entry = json::object();
  entry["action"] = engine::name_of(step.action);
  entry["address"] = step.address();
  entry["uuid"] = step.uuid;
  entry["reason"] = step.reason;
  entry["fields"] = json::array();
  for (const model::Change& change : step.changes) entry["fields"].push_back(change.pointer);
  return entry;
}

tl::unexpected<Error> not_a_plan(const std::string& file, const std::string& why) {
  return fail(Fault::config, file + " is not a saved plan: " + why,
              "`twinlake plan --out FILE` writes one");
}

}  // namespace

json plan_document(const engine::Plan& plan, const std::string& group, std::int64_t generation,
                   std::int64_t allow_deletes, const std::vector<std::string>& take, Time created) {
  json document = json::object();
  document["format"] = "twinlake-plan";
  document["version"] = plan_version;
  document["group"] = group;
  document["generation"] = generation;
  document["fingerprint"] = plan.fingerprint;
  document["allow_deletes"] = allow_deletes < 0 ? json() : json(allow_deletes);
  document["take"] = take;
  document["created"] = to_rfc3339(created);
  document["created_micros"] = created.time_since_epoch().count();
  document["steps"] = json::array();
  for (const engine::Step& step : plan.steps) document["steps"].push_back(saved_step_json(step));
  return document;
}

Result<SavedPlan> parse_plan(const std::string& text, const std::string& file) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || document.value("format", json()) != "twinlake-plan")
    return not_a_plan(
        file, document.is_discarded() ? "it is not JSON" : "it is another kind of document");
  const auto version = document.find("version");
  if (version == document.end() || !version->is_number_integer())
    return not_a_plan(file, "it has no version");
  if (version->get<std::int64_t>() != plan_version)
    return fail(Fault::refused, file + " was written by another version of Twinlake", again);
  const auto group = document.find("group");
  const auto generation = document.find("generation");
  const auto fingerprint = document.find("fingerprint");
  const bool complete = group != document.end() && group->is_string() &&
                        generation != document.end() && generation->is_number_integer() &&
                        fingerprint != document.end() && fingerprint->is_string() &&
                        !fingerprint->get_ref<const std::string&>().empty();
  if (!complete) return not_a_plan(file, "group, generation or fingerprint is missing");
  SavedPlan plan;
  plan.group = group->get<std::string>();
  plan.generation = generation->get<std::int64_t>();
  plan.fingerprint = fingerprint->get<std::string>();
  const auto created = document.find("created_micros");
  if (created != document.end() && created->is_number_integer())
    plan.created = Time(Micros(created->get<std::int64_t>()));
  const auto deletes = document.find("allow_deletes");
  if (deletes != document.end() && deletes->is_number_integer())
    plan.allow_deletes = deletes->get<std::int64_t>();
  // Plans of earlier versions have none.
  if (const auto take = document.find("take"); take != document.end()) {
    if (!take->is_array()) return not_a_plan(file, "`take` is no list");
    for (const json& address : *take) {
      if (!address.is_string())
        return not_a_plan(file, "`take` holds something else than addresses");
      plan.take.push_back(address.get<std::string>());
    }
  }
  return plan;
}

Result<SavedPlan> load_plan(const std::string& file) {
  TRY(const std::optional<std::string> text, workspace::disk_reader()(file));
  if (!text)
    return fail(Fault::config, "there is no file " + file,
                "`twinlake plan --out FILE` writes a plan");
  return parse_plan(*text, file);
}

Result<void> check_plan(const SavedPlan& plan, const std::string& group, std::int64_t generation) {
  if (plan.group != group)
    return fail(Fault::refused,
                "the saved plan is of the group `" + plan.group + "`, not of `" + group + "`",
                "Use --group " + plan.group);
  if (plan.generation != generation)
    return fail(Fault::refused, "the saved plan is stale: the state has changed since it was made",
                again);
  return {};
}

}  // namespace twinlake::app
