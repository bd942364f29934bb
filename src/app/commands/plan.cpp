#include <memory>

#include <nlohmann/json.hpp>

#include "app/ages_text.h"
#include "app/commands/commands.h"
#include "app/files.h"
#include "app/group_access.h"
#include "app/output.h"
#include "app/plan_file.h"
#include "app/progress.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "app/rules.h"

namespace twinlake::app {

namespace {

struct PlanFlags {
  std::string out;
  bool detailed_exitcode = false;
  std::int64_t allow_deletes = -1;
  std::vector<std::string> take;
};

Result<ExitCode> run_plan(const Globals& globals, const PlanFlags& flags) {
  TRY(Settings settings, settle(globals, Needs::both));
  if (flags.allow_deletes >= 0) settings.group.allow_deletes = flags.allow_deletes;
  settings.group.conflicts.take = flags.take;
  TRY(const auto group, GroupAccess::open(settings, Purpose::read));
  auto progress = make_progress(group->loop(), settings);
  engine::Session session = group->session(*progress, rules_of(settings.group));
  TRY(const engine::Reading reading, group->loop().run(session.read(false)));
  progress.reset();
  const std::int64_t generation = group->store().generation();
  const Time now = group->loop().now();
  if (!flags.out.empty()) {
    const auto document = plan_document(reading.plan, settings.group.name, generation,
                                        settings.group.allow_deletes, flags.take, reading.moment);
    CHECK(write_atomically(
        flags.out, document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n",
        Privacy::owner_only));
  }
  if (settings.json) {
    nlohmann::json document = plan_json(reading.plan, settings.group.name, generation, now);
    document["read_in_turns"] = ages_json(reading.ages);
    if (!reading.audit.empty()) document["audit_log"] = audit_json(reading.audit);
    document["requests"]["primary"] =
        requests_json(group->primary().counts(), group->primary().sent());
    document["requests"]["secondary"] =
        requests_json(group->secondary().counts(), group->secondary().sent());
    print_json(document);
  } else {
    print(plan_text(reading.plan, settings.group.name, settings.out) +
          ages_text(reading.ages, now, settings.out) +
          audit_text(reading.audit, now, settings.out));
    if (!flags.out.empty())
      print("Saved to " + flags.out + "; `twinlake sync --plan " + flags.out +
            "` carries it out.\n");
  }
  const bool nothing = reading.plan.steps.empty() && engine::all_in_sync(reading.plan.verdicts);
  return flags.detailed_exitcode && !nothing ? ExitCode::partly : ExitCode::good;
}

}  // namespace

Command plan_command() {
  const auto flags = std::make_shared<PlanFlags>();
  Command command;
  command.name = "plan";
  command.about = "Show what sync would do to the secondary, and why";
  command.details =
      "Reads both workspaces and writes to neither. Shows each object with the fields that differ.";
  command.options = {
      {"--out", "FILE", "Save the plan; `sync --plan FILE` carries out exactly this one",
       &flags->out},
      {"--detailed-exitcode", "", "Exit with 0 when there is nothing to do, with 2 when there is",
       &flags->detailed_exitcode},
      {"--allow-deletes", "N", "Let so many objects of a kind be deleted, as in sync",
       &flags->allow_deletes},
      {"--take", "ADDRESS",
       "Of what was changed on both sides, write the primary's (* for any text); given again for "
       "more",
       &flags->take},
  };
  command.examples = {"twinlake --primary prod-weu --secondary prod-neu plan",
                      "twinlake --group analytics plan --out tonight.plan.json"};
  command.run = [flags](const Globals& globals) { return run_plan(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
