#include "failover/surroundings.h"

#include <algorithm>
#include <utility>

#include "base/json_path.h"
#include "failover/callers.h"
#include "workspace/dbfs.h"
#include "workspace/network_access.h"
#include "workspace/runtimes.h"

namespace twinlake::failover {

using engine::Pair;
using nlohmann::json;

namespace {

/// Where the service puts tables and schemas that are made without a location (facts, more 20.2).
constexpr const char* own_warehouse = "/user/hive/warehouse";

Task<void> ask_history(workspace::Workspace* primary, Time since, int most_pages, Surroundings* seen) {
  seen->history = co_await workspace::read_run_history(*primary, since, most_pages);
}

bool are_on(const std::vector<json>& network) {
  return std::ranges::any_of(network, [](const json& item) { return text_at(item, "/object") == "SWITCH" && text_at(item, "/value") == "true"; });
}

Task<Result<Admission>> admission_to(workspace::Workspace* side, std::vector<std::string> addresses) {
  auto network = co_await workspace::list_network_access(*side);
  Admission admission;
  if (!network && network.error().fault == Fault::disabled) co_return admission;
  if (!network) co_return fail(std::move(network).error());
  admission.counts = are_on(*network);
  for (const std::string& address : addresses) {
    const std::vector<std::string> alone(1, address);
    if (!workspace::locked_out(*network, alone).empty()) admission.kept_out.push_back(address);
  }
  co_return admission;
}

Task<void> ask_admission(workspace::Workspace* secondary, std::vector<std::string> addresses, Surroundings* seen) {
  seen->admission = co_await admission_to(secondary, std::move(addresses));
}

Task<void> ask_storage(workspace::Workspace* primary, Surroundings* seen) {
  seen->own_storage = co_await workspace::list_dbfs_folder(*primary, own_warehouse);
}

Task<void> ask_runtimes(workspace::Workspace* side, Result<std::set<std::string>>* offered) {
  *offered = co_await workspace::offered_runtimes(*side);
}

/// Something with a version that is not there can be made, and does not start. A version that the primary does not
/// offer either (an image of one's own, one that has aged) tells nothing about the standby.
Check check_runtimes(const Surroundings& seen, const engine::Reading& reading) {
  Check check{.name = "runtimes", .message = "the standby offers every version that is used"};
  for (const auto* offered : {&seen.runtimes, &seen.runtimes_there})
    if (!*offered) {
      check.level = Level::warning;
      check.message = "the versions of one side could not be read: " + describe(offered->error());
      check.what_to_do = "Compare the versions in the pages where clusters are made";
      return check;
    }
  for (const auto& [uuid, versions] : seen.glimpse.runtimes) {
    for (const std::string& version : versions)
      if (seen.runtimes->contains(version) && !seen.runtimes_there->contains(version))
        check.findings.push_back({reading.world.pairs[reading.world.by_uuid.at(uuid)].address(),
                                  "uses " + version + ", which the standby does not offer",
                                  "Move it to a version that both offer, or add a rewrite in twinlake.yml"});
  }
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message = std::to_string(check.findings.size()) + " objects use a version that the standby does not offer";
  return check;
}

/// A caller outside is nobody's fault, but it is somebody's work on the day.
Check check_callers(const Surroundings& seen, const engine::Reading& reading, const SurroundingsOptions& options) {
  Check check{.name = "callers", .message = "nobody outside starts runs on the primary"};
  if (!seen.history) {
    check.level = Level::warning;
    check.message = "the run history of the primary could not be read: " + describe(seen.history.error());
    check.what_to_do = "Ask for the rights, or find out yourself who starts jobs from outside";
    return check;
  }
  const auto callers = callers_in(*seen.history, reading.world, seen.glimpse.creators);
  check.findings = tell_callers(callers, reading.world, options.standby_host);
  if (!callers.empty()) {
    check.level = Level::warning;
    check.message = (callers.size() == 1 ? "one starts" : std::to_string(callers.size()) + " start") +
                    std::string(" runs on the primary from outside, by its host and its ids");
  }
  check.message += ", as far as its run history tells since " + to_rfc3339(seen.history->since);
  if (!seen.history->is_whole) check.message += "; it has more runs, which were not read";
  return check;
}

/// Lists that admit the primary region alone would lock out whoever comes from elsewhere on the day.
Check check_network(const Surroundings& seen, const SurroundingsOptions& options) {
  Check check{.name = "access", .message = "the standby has no IP access lists that count"};
  if (!seen.admission) {
    check.level = Level::warning;
    check.message = "the IP access lists of the standby could not be read: " + describe(seen.admission.error());
    check.what_to_do = "Ask for the rights, or look at them in the standby";
    return check;
  }
  if (!seen.admission->counts) return check;
  if (options.own_addresses.empty()) {
    check.level = Level::warning;
    check.message = "the standby admits some addresses only, and nobody said from where a failover would be commanded";
    check.what_to_do = "Name those addresses in `own_addresses` of twinlake.yml, with one outside of the primary region";
    return check;
  }
  for (const std::string& address : seen.admission->kept_out)
    check.findings.push_back(
        {address, "is not admitted by the IP access lists of the standby", "Add it to an ALLOW list there, or take it out of a BLOCK list"});
  check.message = "the IP access lists of the standby admit all of `own_addresses`";
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message = "the IP access lists of the standby keep out " + std::to_string(check.findings.size()) + " of " +
                  std::to_string(options.own_addresses.size()) + " of `own_addresses`";
  return check;
}

/// Without it only this machine could fail over, and it may stand in the region that is lost.
Check check_mirror(const Surroundings& seen, const state::Store& store) {
  Check check{.name = "mirror", .message = "another machine could fail over with what lies on the standby"};
  if (seen.mirrored && *seen.mirrored >= store.generation()) return check;
  check.level = Level::warning;
  check.message = seen.mirrored ? "the mirror on the standby is older than the state of this machine"
                                : "there is no mirror on the standby: only this machine could fail over";
  check.what_to_do = "Run `twinlake sync`: it writes the mirror at its end";
  return check;
}

/// The metastore is not looked at, but where tables lie by default can be seen without it.
Check check_own_storage(const Surroundings& seen) {
  Check check{.name = "table data", .message = "no table lies in the own storage of the primary"};
  if (!seen.own_storage && seen.own_storage.error().fault == Fault::disabled) return check;
  if (!seen.own_storage) {
    check.level = Level::warning;
    check.message = "whether tables lie in the own storage of the primary could not be seen: " + describe(seen.own_storage.error());
    check.what_to_do = "Ask for the rights, or name a warehouse of each side under `metastore` in twinlake.yml";
    return check;
  }
  for (const std::string& path : *seen.own_storage) check.findings.push_back({"dbfs:" + path, "only the primary workspace can read it", {}});
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  const bool is_one = check.findings.size() == 1;
  check.message = std::to_string(check.findings.size()) + (is_one ? " schema or table lies" : " schemas or tables lie") +
                  " in the own storage of the primary, and nobody copies the data";
  check.what_to_do = "Name a warehouse of each side under `metastore` in twinlake.yml: each table is then named with the lines that copy it";
  return check;
}

Check check_tables(const Surroundings& seen, const engine::Reading& reading) {
  Check check{.name = "table data", .message = "no table lies in the own storage of the primary"};
  std::size_t copied = 0;
  for (const auto& [name, listing] : reading.world.primary.kinds) {
    if (listing.kind->data_stays_at.empty() || !listing.error) continue;
    check.level = Level::warning;
    check.message = "it is not known which tables lie in the own storage of the primary: " + describe(*listing.error);
    check.what_to_do = "Run `twinlake sync --look`";
    return check;
  }
  for (const Pair& pair : reading.world.pairs) {
    if (!seen.glimpse.own_data.contains(pair.uuid)) continue;
    if (pair.secondary != nullptr) {
      ++copied;
      continue;
    }
    const auto verdict = std::ranges::find(reading.plan.verdicts, pair.uuid, &engine::Verdict::uuid);
    check.findings.push_back({pair.address(), "only the primary workspace can read its data",
                              verdict == reading.plan.verdicts.end() ? SharedText() : verdict->what_to_do});
  }
  if (!check.findings.empty()) {
    check.level = Level::warning;
    check.message = std::to_string(check.findings.size()) + " managed tables in the own storage of the primary have no copy of their data";
    check.what_to_do = "Copy them with DEEP CLONE, again and again, or move them to storage that is replicated";
  }
  if (copied > 0)
    check.message += "; " + std::to_string(copied) + (copied == 1 ? " has" : " have") + " a copy that somebody made, and nobody knows how old it is";
  return check;
}

/// A name that fits nothing would be noticed on the day only.
Check check_always_on(const engine::Reading& reading, const SurroundingsOptions& options) {
  Check check{.name = "always on", .message = std::to_string(options.always_on.size()) + " names of what a failover starts, and all are there"};
  for (const AlwaysOn& rule : options.always_on) {
    const bool is_there = std::ranges::any_of(reading.world.pairs, [&](const Pair& pair) {
      return pair.secondary != nullptr && pair.kind->start.endpoint.exists() && rule.matches(*pair.kind, pair.key);
    });
    if (!is_there)
      check.findings.push_back(
          {rule.text, "nothing on the standby that could be started is called so", "Check how it is written in `always_on`, or run `twinlake sync`"});
  }
  if (check.findings.empty()) return check;
  check.level = Level::warning;
  check.message =
      std::to_string(check.findings.size()) + " of " + std::to_string(options.always_on.size()) + " names of what a failover starts fit nothing";
  return check;
}

}  // namespace

Glimpse glimpse_of(const engine::World& world) {
  Glimpse glimpse;
  for (const Pair& pair : world.pairs) {
    if (pair.primary == nullptr) continue;
    const json& raw = pair.primary->raw;
    if (pair.kind->support == model::Support::replicated)
      if (std::set<std::string> versions = workspace::runtimes_in(raw); !versions.empty()) glimpse.runtimes.emplace(pair.uuid, std::move(versions));
    if (pair.kind->has_runs) glimpse.creators.emplace(pair.primary->id, text_at(raw, "/creator_user_name"));
    if (!pair.kind->data_stays_at.empty() && find_at(raw, pair.kind->data_stays_at) != nullptr) glimpse.own_data.insert(pair.uuid);
  }
  return glimpse;
}

Task<Surroundings> look_around(workspace::Workspace& primary, workspace::Workspace& secondary, SurroundingsOptions options) {
  Surroundings seen;
  Loop& loop = primary.loop();
  TaskGroup questions(loop);
  questions.start(ask_history(&primary, loop.now() - options.history, options.most_pages, &seen));
  questions.start(ask_admission(&secondary, options.own_addresses, &seen));
  questions.start(ask_runtimes(&primary, &seen.runtimes));
  questions.start(ask_runtimes(&secondary, &seen.runtimes_there));
  if (!options.knows_tables) questions.start(ask_storage(&primary, &seen));
  co_await questions.join();
  co_return seen;
}

std::vector<Check> check_surroundings(const Surroundings& seen, const engine::Reading& reading, const state::Store& store,
                                      const SurroundingsOptions& options) {
  std::vector<Check> checks;
  checks.push_back(options.knows_tables ? check_tables(seen, reading) : check_own_storage(seen));
  checks.push_back(check_runtimes(seen, reading));
  checks.push_back(check_callers(seen, reading, options));
  if (!options.always_on.empty()) checks.push_back(check_always_on(reading, options));
  checks.push_back(check_network(seen, options));
  // Where there is nothing to mirror yet, the lag says so.
  if (store.identity()) checks.push_back(check_mirror(seen, store));
  return checks;
}

}  // namespace twinlake::failover
