#include "azure/dependencies.h"

#include <algorithm>

#include "azure/dependency_judge.h"
#include "azure/regions.h"
#include "base/json_path.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

Dependency judge(const Used& used, const ThingKey& key, const DependencySight& sight) {
  Evidence none;
  none.error = Error(Fault::not_found, "nobody asked for it");
  Dependency verdict;
  verdict.service = used.service;
  verdict.name = used.name;
  verdict.used = used;
  if (const auto twin = sight.twins.find(key); twin != sight.twins.end())
    verdict.twin = twin->second;
  const auto found = sight.evidence.find(key);
  const Evidence& evidence = found == sight.evidence.end() ? none : found->second;
  verdict.region = region_name(text_at(evidence.resource, "/location"));
  if (evidence.resource.is_null() && evidence.error) {
    verdict.why_unknown = evidence.error->message;
    if (evidence.error->fault == Fault::forbidden)
      verdict.why_unknown = "our principal may not read it: " + verdict.why_unknown;
  }
  DependencyJudge(sight, evidence, verdict).run();
  std::ranges::stable_sort(verdict.advice, std::greater<>(), &Advice::gravity);
  return verdict;
}

std::string listed(const std::set<std::string>& names) {
  return joined(std::vector<std::string>(names.begin(), names.end()));
}

void tell_metastore(const ExternalMetastore& metastore, std::vector<model::Finding>& findings) {
  const std::string which = metastore.on_standby ? "on the standby " : std::string();
  if (metastore.host.empty())
    findings.push_back(
        {metastore.place.address,
         which + "uses an external Hive metastore whose address is kept as a secret" +
             (metastore.secrets.empty() ? std::string() : " (" + listed(metastore.secrets) + ")"),
         "See that the secret of that name on the standby names the database of its region, or the "
         "listener of a failover group"});
  else if (!metastore.secrets.empty())
    findings.push_back(
        {metastore.place.address,
         which + "logs in to the external Hive metastore " + metastore.host + " with " +
             listed(metastore.secrets),
         "See that these secrets hold a login that the database of the standby's region knows"});
  if (metastore.jars.starts_with("/"))
    findings.push_back({metastore.place.address,
                        which + "loads the libraries of its metastore from " + metastore.jars,
                        "See that an init script copies them there, and that what it copies from "
                        "is on the standby too"});
}

}  // namespace

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::vector<Dependency> judge_dependencies(const EstateUses& uses, const DependencySight& sight) {
  std::vector<Dependency> verdicts;
  for (const auto& [key, used] : uses.things)
    if (used.service != Service::storage) verdicts.push_back(judge(used, key, sight));
  return verdicts;
}

std::vector<model::Finding> tell_of_what_is_hidden(const EstateUses& uses) {
  std::vector<model::Finding> findings;
  for (const ExternalMetastore& metastore : uses.metastores) tell_metastore(metastore, findings);
  for (const auto& [service, places] : uses.built)
    for (const Place& place : places)
      findings.push_back(
          {place.address,
           "puts the host of a " + std::string(name_of(service)) +
               " together when it runs: nobody can tell which",
           "Let it take the name from a parameter or a setting, so that a rewrite finds it"});
  return findings;
}

void DependencyJudge::add(Gravity gravity, std::string message, std::string what_to_do) {
  verdict_.advice.push_back({gravity, std::move(message), std::move(what_to_do)});
}

std::string DependencyJudge::there() const {
  return sight_.standby_region.empty() ? std::string("the region of the standby")
                                       : sight_.standby_region;
}

bool DependencyJudge::is_there(std::string_view region) const {
  return !sight_.standby_region.empty() && region_name(region) == sight_.standby_region;
}

const std::vector<json>& DependencyJudge::part(const char* name) const {
  static const std::vector<json> none;
  const auto found = evidence_.parts.find(name);
  return found == evidence_.parts.end() ? none : found->second;
}

void DependencyJudge::tell_refused(const char* name) {
  if (const auto refused = evidence_.refused.find(name); refused != evidence_.refused.end())
    add(Gravity::warning,
        std::string("its ") + name + " could not be read: " + refused->second.message,
        "Give our principal the role Reader on it");
}

void DependencyJudge::run() {
  if (resource_type_of(verdict_.service).empty())
    return verdict_.service == Service::other ? judge_other() : judge_retired();
  if (const std::size_t count = has_twin() ? uses_in_code(verdict_.used) : 0; count > 0)
    add(Gravity::warning, "code of the primary names it, which no rewrite changes",
        "Let it take the name from a parameter or a setting");
  if (evidence_.resource.is_null()) return judge_unseen();
  // What lies there already does not go with the region of the primary.
  if (is_there(verdict_.region) && !sight_.primary_region.empty() &&
      sight_.primary_region != sight_.standby_region) {
    verdict_.copies = "it is in the region of the standby";
    if (verdict_.service == Service::key_vault) judge_vault_firewall();
    return;
  }
  judge_by_service();
}

void DependencyJudge::judge_unseen() {
  if (has_twin() || verdict_.used.standby.empty() || verdict_.used.primary.empty()) return;
  const bool has_hint = evidence_.error && !evidence_.error->hint.empty();
  add(Gravity::warning,
      "both sides name it, and nobody knows whether it outlives the region of the primary",
      has_hint ? evidence_.error->hint : "Look at it in the portal");
}

void DependencyJudge::judge_by_service() {
  switch (verdict_.service) {
    case Service::key_vault: return judge_vault();
    case Service::sql: return judge_sql();
    case Service::mysql:
    case Service::postgresql: return judge_replicas();
    case Service::event_hubs: return judge_event_hubs();
    case Service::cosmos: return judge_cosmos();
    case Service::container_registry: return judge_registry();
    case Service::hdinsight:
      return judge_regional("Make a second cluster in " + there() +
                            " (its metastore can be a database with a failover group, its storage "
                            "has to be copied), and add a rewrite");
    case Service::log_analytics:
      return judge_regional("Make a workspace in " + there() +
                            " and send the logs of the standby there");
    case Service::cognitive:
      return judge_regional("Make an account in " + there() +
                            ", see that it has the models and the quota, and add a rewrite");
    case Service::synapse:
      return judge_regional("Make its counterpart in " + there() + " and add a rewrite");
    case Service::storage:
    case Service::data_lake_gen1:
    case Service::mariadb:
    case Service::other: return;
  }
}

void DependencyJudge::judge_regional(std::string_view what_to_do) {
  verdict_.copies = "it is in one region only";
  if (has_twin())
    add(Gravity::note, "a rewrite leads the standby to " + verdict_.twin, {});
  else
    add(Gravity::warning, "it would be gone with " + verdict_.region, std::string(what_to_do));
}

void DependencyJudge::judge_retired() {
  add(Gravity::problem, "Azure retired this service",
      "Remove what names it, or move it to its successor");
}

/// A capacity reservation, an identity, a network: its id is good in one region.
void DependencyJudge::judge_other() {
  if (is_there(verdict_.region) && sight_.primary_region != sight_.standby_region) {
    verdict_.copies = "it is in the region of the standby";
    return;
  }
  if (verdict_.region == "global") {
    verdict_.copies = "it belongs to no region";
    return;
  }
  if (has_twin()) {
    add(Gravity::note, "a rewrite leads the standby to another one", {});
    return;
  }
  if (!verdict_.used.standby.empty() && !verdict_.used.primary.empty())
    add(Gravity::warning,
        verdict_.region.empty()
            ? std::string("both sides name the same resource, which lies in one region")
            : "both sides name the same resource, which would be gone with " + verdict_.region,
        "Add a rewrite to its counterpart in " + there() +
            ", or say `same` in twinlake.yml where it serves both");
}

}  // namespace twinlake::azure
