#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/glob.h"
#include "app/group_access.h"
#include "app/history_access.h"
#include "app/history_text.h"
#include "app/locked_run.h"
#include "app/output.h"
#include "app/outside_access.h"
#include "app/progress.h"
#include "app/report_json.h"
#include "app/report_text.h"
#include "app/rules.h"
#include "app/suggest.h"
#include "engine/restore.h"
#include "model/object.h"

namespace twinlake::app {

namespace {

using history::Point;
using nlohmann::json;

struct RestoreFlags {
  std::string at;
  std::string to = "secondary";
  std::vector<std::string> what;
  bool all = false;
  bool beside_others = false;
  bool rewritten = false;
  bool yes = false;
};

/// What people name: an address, a path or a glob of paths, or a kind.
class Chosen {
 public:
  static Result<Chosen> make(const std::vector<std::string>& words) {
    const KindNames names = kind_names();
    Chosen chosen;
    for (const std::string& word : words) {
      const std::size_t colon = word.find(':');
      const std::string kind = word.substr(0, colon);
      if (word.starts_with('/') || word.starts_with("**")) {
        chosen.paths_.push_back(word.starts_with("/Workspace/") ? word.substr(10) : word);
      } else if (names.contains(kind)) {
        std::string name = colon == std::string::npos ? "*" : word.substr(colon + 1);
        if (name.size() > 1 && name.front() == '"' && name.back() == '"')
          name = name.substr(1, name.size() - 2);
        chosen.named_.push_back({kind, std::move(name)});
      } else {
        const std::string meant = nearest(kind, {names.begin(), names.end()});
        return fail(
            Fault::config, "`" + word + "` is neither a path nor a kind with a name",
            meant.empty()
                ? "Write /Shared/etl/** or job:\"nightly load\"; `twinlake kinds` lists the kinds"
                : "Did you mean `" + meant + "`?");
      }
    }
    return chosen;
  }

  [[nodiscard]] bool takes(const model::Kind& kind, const std::string& key) const {
    for (const std::string& path : paths_)
      if (kind.key_is_path &&
          (glob_matches(path, key, GlobStyle::path) || key.starts_with(path + "/")))
        return true;
    return std::ranges::any_of(named_, [&](const Named& named) {
      return named.kind == kind.name &&
             (named.name == key ||
              glob_matches(named.name, key, kind.key_is_path ? GlobStyle::path : GlobStyle::name));
    });
  }

 private:
  struct Named {
    std::string kind;
    std::string name;
  };
  std::vector<std::string> paths_;
  std::vector<Named> named_;
};

bool is_outside(const RestoreFlags& flags) {
  return flags.to != "secondary" && flags.to != "primary";
}

Result<void> check_flags(const RestoreFlags& flags) {
  if (flags.what.empty() && !flags.all && !is_outside(flags))
    return fail(Fault::config, "it is not said what to restore",
                "Name it, as job:\"nightly load\" or /Shared/etl/**; or --all for everything that "
                "the point has");
  if (!flags.what.empty() && flags.all)
    return fail(Fault::config, "--all and names contradict each other", "Give one of them");
  if ((flags.beside_others || flags.rewritten) && !is_outside(flags))
    return fail(Fault::config,
                "--beside-others and --rewritten are for a workspace outside the group",
                "Name its profile with --to, or leave them out");
  return {};
}

Result<engine::RestoreOptions> options_of(const RestoreFlags& flags, history::History& history) {
  CHECK(check_flags(flags));
  engine::RestoreOptions options;
  TRY(options.point, history.find(flags.at));
  options.to = is_outside(flags)       ? engine::RestoreTo::outside
               : flags.to == "primary" ? engine::RestoreTo::primary
                                       : engine::RestoreTo::secondary;
  options.leaves_others = flags.beside_others;
  options.rewrites = flags.rewritten;
  if (flags.what.empty()) return options;
  TRY(const Chosen chosen, Chosen::make(flags.what));
  options.selected = [chosen](const model::Kind& kind, const std::string& key) {
    return chosen.takes(kind, key);
  };
  return options;
}

std::string title_of(const RestoreFlags& flags, const Point& point) {
  const std::string to = is_outside(flags) ? "workspace of profile `" + flags.to + "`" : flags.to;
  return "to the " + to + " from point " + std::to_string(point.id) + " (" +
         to_rfc3339(point.moment) + ")";
}

std::string what_next(const RestoreFlags& flags, const engine::Plan& plan) {
  if (plan.steps.empty()) return {};
  std::string text =
      "\nNothing was written. With --yes it is carried out; objects that came since stay.\n";
  if (is_outside(flags))
    text +=
        "What would start by itself comes paused; notes say what somebody has to set by hand.\n";
  if (flags.to == "secondary")
    text +=
        "The next sync makes the secondary equal to the primary again; what shall last comes back "
        "with --to primary.\n";
  return text;
}

ExitCode show_plan(const Settings& settings, const RestoreFlags& flags,
                   const engine::RestoreOptions& options, const engine::Plan& plan, Time now) {
  const auto stopped = std::ranges::count_if(
      plan.verdicts, [](const auto& v) { return v.stop != engine::Stop::none; });
  if (settings.json) {
    json document = plan_json(plan, settings.group.name, 0, now);
    document.erase("generation");
    document["point"] = point_json(options.point);
    document["to"] = flags.to;
    print_json(document);
  } else {
    print(plan_text(plan, settings.group.name, settings.out,
                    "what comes back " + title_of(flags, options.point)) +
          what_next(flags, plan));
  }
  return stopped == 0 ? ExitCode::good : ExitCode::partly;
}

void show_report(const Settings& settings, const RestoreFlags& flags,
                 const engine::RestoreOptions& options, const engine::SyncReport& report,
                 Time now) {
  if (!settings.json) {
    print(restore_text(report, title_of(flags, options.point), now, settings.out));
    return;
  }
  json document = sync_json(report);
  document["group"] = settings.group.name;
  document["point"] = point_json(options.point);
  document["to"] = flags.to;
  print_json(document, "objects", report.objects.size(),
             [&](std::size_t i) { return object_json(report.objects[i]); });
}

/// The role guard of the primary is open for this and nothing else.
class Opened {
 public:
  Opened(GroupAccess& group, bool is_live) : group_(group), is_live_(is_live) {
    if (is_live_) group_.primary().allow(http::Effect::writes, "");
  }
  ~Opened() {
    if (is_live_)
      group_.primary().allow(http::Effect::reads, "this workspace has the primary role");
  }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

 private:
  GroupAccess& group_;
  bool is_live_;
};

/// Runs what it is given with the lock of that workspace held.
using Locked =
    std::function<Result<void>(const std::function<Result<void>(std::atomic<bool>& stop)>& work,
                               std::vector<Error>& troubles)>;

Result<ExitCode> carry_out(Loop& loop, const Settings& settings, const RestoreFlags& flags,
                           const engine::RestoreOptions& options, engine::Restore& restore,
                           std::string fingerprint, const Locked& locked) {
  engine::SyncReport report;
  std::vector<Error> troubles;
  const auto work = [&](std::atomic<bool>& stop) -> Result<void> {
    TRY(report, loop.run(restore.carry_out(std::move(fingerprint), &stop)));
    return {};
  };
  CHECK(locked(work, troubles));
  show_report(settings, flags, options, report, loop.now());
  print_troubles(settings, troubles);
  if (report.outcome == "failed") return ExitCode::fatal;
  return report.outcome == "complete" && troubles.empty() ? ExitCode::good : ExitCode::partly;
}

/// The plan; carried out where that was asked for.
Result<ExitCode> plan_first(Loop& loop, const Settings& settings, const RestoreFlags& flags,
                            const engine::RestoreOptions& options, engine::Restore& restore,
                            std::unique_ptr<events::Sink>& progress, const Locked& locked) {
  TRY(engine::Reading reading, loop.run(restore.plan()));
  if (flags.yes)
    return carry_out(loop, settings, flags, options, restore, reading.plan.fingerprint, locked);
  progress.reset();
  return show_plan(settings, flags, options, reading.plan, loop.now());
}

Result<ExitCode> restore_outside(const Settings& settings, const RestoreFlags& flags,
                                 const engine::RestoreOptions& options, history::History& history) {
  using Purpose = OutsideAccess::Purpose;
  TRY(const auto outside,
      OutsideAccess::open(settings, flags.to, flags.yes ? Purpose::write : Purpose::look));
  if (outside->self().workspace_id == options.point.workspace_id)
    return fail(Fault::refused, outside->host() + " is the workspace that the point is of",
                "Say --to primary or --to secondary, whichever role it has now");
  auto progress = make_progress(outside->loop(), settings);
  engine::Restore restore = outside->restore(*progress, rules_of(settings.group), history, options);
  const Locked locked = [&](const auto& work, std::vector<Error>& troubles) {
    return outside->run_locked(work, troubles);
  };
  return plan_first(outside->loop(), settings, flags, options, restore, progress, locked);
}

Purpose purpose_of(const RestoreFlags& flags) {
  if (flags.to == "primary") return flags.yes ? Purpose::write : Purpose::read;
  return flags.yes ? Purpose::restore : Purpose::look;
}

Result<ExitCode> restore_within(const Settings& settings, const RestoreFlags& flags,
                                const engine::RestoreOptions& options, history::History& history) {
  TRY(const auto group, GroupAccess::open(settings, purpose_of(flags)));
  auto progress = make_progress(group->loop(), settings);
  engine::Restore restore = group->restore(*progress, rules_of(settings.group), history, options);
  const Locked locked = [&](const auto& work, std::vector<Error>& troubles) {
    const auto opened = [&](std::atomic<bool>& stop) -> Result<void> {
      const Opened guard(*group, options.to == engine::RestoreTo::primary);
      return work(stop);
    };
    return run_locked(*group, settings, opened, troubles);
  };
  return plan_first(group->loop(), settings, flags, options, restore, progress, locked);
}

Result<ExitCode> run_restore(const Globals& globals, const RestoreFlags& flags) {
  TRY(const Settings settings, settle(globals, is_outside(flags) ? Needs::nothing : Needs::both));
  TRY(const auto history, open_existing_history(settings));
  TRY(const engine::RestoreOptions options, options_of(flags, *history));
  return is_outside(flags) ? restore_outside(settings, flags, options, *history)
                           : restore_within(settings, flags, options, *history);
}

std::vector<Option> options_into(RestoreFlags& flags) {
  return {
      {"what", "OBJECT",
       "kind:\"name\", a path with all below it, a glob of paths or a kind; several may be given",
       &flags.what},
      {"--at",
       "POINT",
       "A number, a moment like 2026-11-27T12:00 (UTC), or `latest`",
       &flags.at,
       {},
       true},
      {"--to", "WHERE",
       "secondary (as it is left out), primary, or the profile of a workspace outside the group",
       &flags.to},
      {"--all", "",
       "Everything that the point has; outside the group also what is meant when nothing is named",
       &flags.all},
      {"--beside-others", "",
       "Outside the group: what is there under the same names stays as it is, and is told",
       &flags.beside_others},
      {"--rewritten", "",
       "Outside the group: what twinlake.yml rewrites for the other side is rewritten",
       &flags.rewritten},
      {"--yes", "", "Carry it out", &flags.yes}};
}

}  // namespace

Command restore_command() {
  const auto flags = std::make_shared<RestoreFlags>();
  Command command;
  command.name = "restore";
  command.about = "Bring something back from a recovery point, to either side or elsewhere";
  command.details =
      "Shows the plan; --yes carries it out. What the chosen objects need and is not there comes "
      "back with them. Nothing is removed: what came since stays. To the secondary everything "
      "comes held, as a sync would write it, and nothing is asked of the primary; to the primary "
      "as it was, live, and only with --to primary. A workspace outside the group gets all of it "
      "held; it has to be empty of what comes, or --beside-others leaves what is there alone. "
      "What was written is read back and compared. Secrets are in no point: what is there stays, "
      "and what is missing is named.";
  command.options = options_into(*flags);
  command.examples = {"twinlake restore --at latest --to primary 'job:nightly load'",
                      "twinlake restore --at 2026-11-27T12:00 --to primary --yes '/Shared/etl'",
                      "twinlake restore --at 12 --all --yes    # an empty secondary",
                      "twinlake restore --at 12 --to new-workspace --yes"};
  command.run = [flags](const Globals& globals) { return run_restore(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
