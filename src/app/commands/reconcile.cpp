#include <algorithm>
#include <iterator>
#include <memory>

#include <nlohmann/json.hpp>

#include "app/ages_text.h"
#include "app/commands/commands.h"
#include "app/group_access.h"
#include "app/managed_checks.h"
#include "app/output.h"
#include "app/progress.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "app/rules.h"
#include "base/json_path.h"

namespace twinlake::app {

namespace {

struct ReconcileFlags {
  bool all = false;
};

/// For `status` and `report`. The workspaces are not written.
void keep_result(GroupAccess& group, const engine::Plan& plan, Time started) {
  state::Store& store = group.store();
  const std::vector<engine::Verdict>& verdicts = plan.verdicts;
  const auto counts = engine::count_verdicts(verdicts);
  const std::int64_t run = store.begin_run("reconcile", started);
  store.put_verdicts(counts, group.loop().now());
  store.finish_run(run, group.loop().now(), engine::all_in_sync(verdicts) ? "complete" : "partial",
                   to_text(nlohmann::json(counts)));
  store.put_reconciliation(engine::reconciliation_of(plan, started, group.loop().now()));
}

/// On a governed group: what that service does with it.
nlohmann::json marked_json(const GroupAccess& group, const engine::Verdict& verdict) {
  nlohmann::json entry = verdict_json(verdict);
  if (group.managed()) entry["managed_dr"] = azure::name_of(azure::share_of(verdict.kind->name));
  return entry;
}

std::string left_out_text(const std::vector<model::Finding>& findings, const Style& style) {
  if (findings.empty()) return {};
  std::string text = "\n" + style(Tone::bold, "Left by Managed Disaster Recovery") + "\n";
  for (const model::Finding& finding : findings) {
    text += wrapped(finding.address + ": " + finding.message, 2, style.columns());
    if (!finding.what_to_do.empty())
      text += wrapped("What to do: " + finding.what_to_do, 4, style.columns());
  }
  return text;
}

Result<ExitCode> run_reconcile(const Globals& globals, const ReconcileFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::both));
  TRY(const auto group, GroupAccess::open(settings, Purpose::read));
  auto progress = make_progress(group->loop(), settings);
  engine::Session session = group->session(*progress, rules_of(settings.group));
  const Time started = group->loop().now();
  TRY(engine::Reading reading, group->loop().run(session.read(true)));
  progress.reset();
  warn_of_unused_rewrites(settings);
  const std::vector<engine::Verdict>& verdicts = reading.plan.verdicts;
  const std::vector<model::Finding> left_out = managed_findings(*group, verdicts);
  std::ranges::copy(left_out, std::back_inserter(reading.plan.findings));
  keep_result(*group, reading.plan, started);
  if (settings.json) {
    nlohmann::json document = verdicts_json(verdicts, reading.plan.findings);
    document["group"] = settings.group.name;
    document["read_in_turns"] = ages_json(reading.ages);
    if (!reading.audit.empty()) document["audit_log"] = audit_json(reading.audit);
    document["requests"]["primary"] =
        requests_json(group->primary().counts(), group->primary().sent());
    document["requests"]["secondary"] =
        requests_json(group->secondary().counts(), group->secondary().sent());
    print_json(document, "objects", verdicts.size(),
               [&](std::size_t i) { return marked_json(*group, verdicts[i]); });
  } else {
    print(verdicts_text(verdicts, settings.group.name, flags.all, settings.out));
    print(left_out_text(left_out, settings.out));
  }
  return engine::all_in_sync(verdicts) ? ExitCode::good : ExitCode::partly;
}

}  // namespace

Command reconcile_command() {
  const auto flags = std::make_shared<ReconcileFlags>();
  Command command;
  command.name = "reconcile";
  command.about = "Read both workspaces again and give a verdict on every object";
  command.details =
      "Nothing that is known from earlier is trusted, and neither workspace is written. The "
      "verdicts are in_sync, "
      "lagging (the primary changed), drifted (the secondary changed), missing, extra, failed, "
      "unsupported and "
      "unknown (one side could not be read). Exits with 0 when all is in sync, else with 2; "
      "unsupported objects are "
      "shown and do not spoil it.";
  command.options = {{"--all", "", "List the objects that are in sync too", &flags->all}};
  command.examples = {
      "twinlake --primary prod-weu --secondary prod-neu reconcile",
      "twinlake -o json reconcile | jq '.objects[] | select(.state != \"in_sync\")'"};
  command.run = [flags](const Globals& globals) { return run_reconcile(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
