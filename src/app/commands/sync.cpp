#include <unistd.h>

#include <array>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/group_access.h"
#include "app/output.h"
#include "app/plan_file.h"
#include "app/progress.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "app/rules.h"
#include "app/stop_signal.h"
#include "base/hash.h"
#include "engine/mirror.h"
#include "engine/run_lock.h"

namespace twinlake::app {

namespace {

struct SyncFlags {
  std::string plan;
  std::int64_t allow_deletes = -1;
  bool look = false;
};

engine::LockOptions lock_options(const Settings& settings, const state::Store& store) {
  engine::LockOptions options;
  options.group = settings.group.name;
  std::array<char, 256> host{};
  options.owner.host = gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "?";
  options.owner.pid = getpid();
  const char* const user = std::getenv("USER");
  options.owner.user = user != nullptr ? user : "user " + std::to_string(getuid());
  options.owner.state = hmac_sha256_hex(store.fingerprint_key(), "run lock").substr(0, 32);
  options.fencing = store.to_mirror().at("fencing").get<std::int64_t>() + 1;
  return options;
}

/// What `status` shows until the next reconciliation.
std::map<std::string, std::int64_t> verdicts_after(const engine::SyncReport& report) {
  std::map<std::string, std::int64_t> counts;
  for (const auto& [kind, c] : report.kinds) {
    counts["in_sync"] += c.created + c.updated + c.adopted + c.unchanged;
    counts["failed"] += c.failed;
    counts["blocked"] += c.blocked;
    counts["skipped"] += c.skipped;
  }
  std::erase_if(counts, [](const auto& entry) { return entry.second == 0; });
  return counts;
}

/// A run with the lock held, and what must be said about it beside the report.
struct Finished {
  engine::SyncReport report;
  std::vector<Error> troubles;
};

/// The mirror is written before the lock is given back: whoever comes next must see this run.
Task<void> close_run(GroupAccess* group, std::string name, engine::RunLock* lock,
                     Finished* finished) {
  if (!lock->lost()) {
    workspace::Workspace& secondary = group->secondary().workspace();
    auto mirrored = co_await engine::write_mirror(secondary, std::move(name), group->store(),
                                                  group->mirrored());
    if (!mirrored) {
      Error error = group->secondary().explained(std::move(mirrored).error());
      error.message = "the mirror of the state could not be written: " + error.message;
      finished->troubles.push_back(std::move(error));
    }
  } else {
    finished->troubles.emplace_back(
        Fault::refused, "another machine took the run lock over, so this run was stopped",
        "Look at that run, then sync again");
  }
  auto released = co_await lock->release();
  if (!released)
    finished->troubles.push_back(group->secondary().explained(std::move(released).error()));
}

Task<void> give_back(engine::RunLock* lock) { (void)co_await lock->release(); }

Result<Finished> run_locked(GroupAccess& group, const Settings& settings, engine::Session& session,
                            engine::Session::SyncOptions options) {
  Loop& loop = group.loop();
  std::atomic<bool>& stop = stop_on_signal();
  engine::RunLock lock(loop, group.secondary().workspace(), lock_options(settings, group.store()));
  if (auto taken = loop.run(lock.take()); !taken) {
    // A run of somebody else is no trouble of the workspace.
    if (taken.error().fault == Fault::refused) return fail(std::move(taken).error());
    return fail(group.secondary().explained(std::move(taken).error()));
  }
  lock.keep_alive(&stop);
  options.stop = &stop;
  try {
    group.remember_identity();
    auto report = loop.run(session.sync(std::move(options)));
    if (!report) {
      loop.run(give_back(&lock));
      return fail(std::move(report).error());
    }
    Finished finished;
    finished.report = std::move(*report);
    group.store().put_verdicts(verdicts_after(finished.report), loop.now());
    loop.run(close_run(&group, settings.group.name, &lock, &finished));
    return finished;
  } catch (const state::StateFailure&) {
    // Without a state nothing more can be written down, but others need not wait for us.
    loop.run(give_back(&lock));
    throw;
  }
}

void print_result(const Settings& settings, GroupAccess& group, const Finished& finished) {
  if (settings.json) {
    nlohmann::json document = sync_json(finished.report);
    document["group"] = settings.group.name;
    document["requests"]["primary"] =
        requests_json(group.primary().counts(), group.primary().sent());
    document["requests"]["secondary"] =
        requests_json(group.secondary().counts(), group.secondary().sent());
    document["warnings"] = nlohmann::json::array();
    for (const Error& trouble : finished.troubles)
      document["warnings"].push_back(describe(trouble));
    const auto& objects = finished.report.objects;
    print_json(document, "objects", objects.size(),
               [&](std::size_t i) { return object_json(objects[i]); });
  } else {
    print(sync_text(finished.report, settings.group.name, group.loop().now(), settings.out));
  }
  for (const Error& trouble : finished.troubles) {
    Error bare = trouble;
    bare.hint.clear();
    warn(settings.err, describe(bare), trouble.hint);
  }
}

ExitCode exit_code_of(const Finished& finished) {
  for (const Error& trouble : finished.troubles)
    if (trouble.fault == Fault::refused) return ExitCode::refused;
  if (finished.report.outcome == "failed") return ExitCode::fatal;
  const bool good = finished.report.outcome == "complete" && finished.troubles.empty();
  return good ? ExitCode::good : ExitCode::partly;
}

Result<ExitCode> run_sync(const Globals& globals, const SyncFlags& flags) {
  TRY(Settings settings, settle(globals, Needs::both));
  if (flags.allow_deletes >= 0) settings.group.allow_deletes = flags.allow_deletes;
  SavedPlan plan;
  if (!flags.plan.empty()) {
    if (flags.allow_deletes >= 0)
      return fail(Fault::config, "--plan and --allow-deletes contradict each other",
                  "Give --allow-deletes to `plan`: a saved plan keeps what it was made with");
    TRY(plan, load_plan(flags.plan));
    settings.group.allow_deletes = plan.allow_deletes;
  }
  TRY(const auto group, GroupAccess::open(settings, Purpose::write));
  if (!flags.plan.empty())
    CHECK(check_plan(plan, settings.group.name, group->store().generation()));
  auto progress = make_progress(group->loop(), settings);
  engine::Rules rules = rules_of(settings.group);
  if (flags.look) rules.observe.every = Micros(0);
  engine::Session session = group->session(*progress, std::move(rules));
  engine::Session::SyncOptions options;
  options.expected_fingerprint = plan.fingerprint;
  TRY(const Finished finished, run_locked(*group, settings, session, std::move(options)));
  progress.reset();
  print_result(settings, *group, finished);
  return exit_code_of(finished);
}

}  // namespace

Command sync_command() {
  const auto flags = std::make_shared<SyncFlags>();
  Command command;
  command.name = "sync";
  command.about = "Make the secondary equal to the primary";
  command.details =
      "Reads both workspaces, plans, applies and reads back. The primary is only read. Triggers "
      "are held on the "
      "secondary, clusters stopped, and what was not made by Twinlake is not touched.\n"
      "Ctrl-C ends a run after the steps in hand; the next run goes on from there.";
  command.options = {
      {"--plan", "FILE", "Carry out this saved plan, or refuse when anything has changed since",
       &flags->plan},
      {"--allow-deletes", "N",
       "Let so many objects of a kind be deleted (without it at most 5, or 10 % of the kind)",
       &flags->allow_deletes},
      {"--look", "", "Look at mounts again, however fresh what was seen last is", &flags->look},
  };
  command.examples = {"twinlake --primary prod-weu --secondary prod-neu sync",
                      "twinlake sync --plan tonight.plan.json",
                      "twinlake -o json sync | jq .counts"};
  command.run = [flags](const Globals& globals) { return run_sync(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
