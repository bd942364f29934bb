#include <memory>

#include <nlohmann/json.hpp>

#include "app/commands/commands.h"
#include "app/history_access.h"
#include "app/history_text.h"
#include "app/output.h"
#include "app/report_json.h"
#include "app/rules.h"
#include "base/json_path.h"
#include "model/canonical.h"
#include "state/store.h"

namespace twinlake::app {

namespace {

using history::Difference;
using history::Entry;
using history::History;
using history::Point;
using nlohmann::json;

Result<ExitCode> list_points(const Globals& globals) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto history, open_existing_history(settings));
  const std::vector<Point> points = history->points();
  if (!settings.json) {
    print(points_text(points, history->bytes_on_disk(), history->is_encrypted(), settings.out));
    return ExitCode::good;
  }
  json document = json::object();
  document["group"] = settings.group.name;
  document["bytes"] = history->bytes_on_disk();
  document["encrypted"] = history->is_encrypted();
  print_json(document, "points", points.size(),
             [&](std::size_t i) { return point_json(points[i]); });
  return ExitCode::good;
}

struct DiffFlags {
  std::string before;
  std::string after = "latest";
};

const model::Kind* kind_named(std::string_view name) {
  static const std::vector<const model::Kind*> all = kinds::all();
  const auto found = std::ranges::find(all, name, &model::Kind::name);
  return found == all.end() ? nullptr : *found;
}

Result<json> form_of(History& history, const std::optional<Entry>& entry) {
  if (!entry || entry->form == 0) return json::object();
  TRY(const std::string text, history.form(*entry));
  json form = json::parse(text, nullptr, false);
  return form.is_discarded() ? json::object() : form;
}

Result<ObjectChange> change_of(History& history, const Difference& one,
                               const model::LiteralRules& literals) {
  const Entry& entry = one.after ? *one.after : *one.before;
  ObjectChange change{model::address_of(entry.kind, entry.key),
                      !one.before  ? "came"
                      : !one.after ? "went"
                                   : "changed",
                      {}};
  if (!one.before || !one.after) return change;
  TRY(json before, form_of(history, one.before));
  TRY(json after, form_of(history, one.after));
  // The content itself is said in bytes, not in hashes.
  for (json* form : {&before, &after}) form->erase("content_sha256");
  if (const model::Kind* const kind = kind_named(entry.kind))
    change.fields = model::differences(*kind, before, after, literals);
  if (one.before->key != one.after->key)
    change.fields.insert(change.fields.begin(), {"(name)", one.before->key, one.after->key});
  if (one.before->content != one.after->content)
    change.fields.push_back({"(content)",
                             size_text(static_cast<std::int64_t>(one.before->content_size)),
                             size_text(static_cast<std::int64_t>(one.after->content_size))});
  return change;
}

Result<ExitCode> run_diff(const Globals& globals, const DiffFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto history, open_existing_history(settings));
  TRY(const Point before, history->find(flags.before));
  TRY(const Point after, history->find(flags.after));
  const engine::Rules rules = rules_of(settings.group);
  std::vector<ObjectChange> changes;
  for (const Difference& one : history->differences(before.id, after.id)) {
    TRY(ObjectChange change, change_of(*history, one, rules.literals));
    changes.push_back(std::move(change));
  }
  if (!settings.json) {
    print(changes_text(changes, before, after, settings.out));
    return ExitCode::good;
  }
  json document = json::object();
  document["group"] = settings.group.name;
  document["before"] = point_json(before);
  document["after"] = point_json(after);
  print_json(document, "objects", changes.size(),
             [&](std::size_t i) { return change_json(changes[i]); });
  return ExitCode::good;
}

struct PruneFlags {
  std::int64_t last = -1;
  std::int64_t daily = -1;
  std::int64_t weekly = -1;
  bool dry_run = false;
};

Result<ExitCode> run_prune(const Globals& globals, const PruneFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  history::Retention keep = settings.group.history.keep;
  const bool says_how = flags.last >= 0 || flags.daily >= 0 || flags.weekly >= 0;
  if (says_how)
    keep = {.last = std::max<std::int64_t>(flags.last, 0),
            .daily = std::max<std::int64_t>(flags.daily, 0),
            .weekly = std::max<std::int64_t>(flags.weekly, 0)};
  TRY(const auto lock, state::LocalLock::take(settings.state_folder, settings.group.name));
  TRY(const auto history, open_existing_history(settings));
  const history::Pruned pruned =
      history->prune(keep, flags.dry_run ? History::Prune::dry_run : History::Prune::now);
  if (!settings.json) {
    print(pruned_text(pruned, flags.dry_run, settings.out));
    return ExitCode::good;
  }
  json document = json::object();
  document["group"] = settings.group.name;
  document["dry_run"] = flags.dry_run;
  document["bytes_before"] = pruned.bytes_before;
  document["bytes_after"] = pruned.bytes_after;
  print_json(document, "points", pruned.points.size(),
             [&](std::size_t i) { return point_json(pruned.points[i]); });
  return ExitCode::good;
}

Result<ExitCode> run_history_check(const Globals& globals) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  TRY(const auto history, open_existing_history(settings));
  const history::Checked checked = history->check();
  if (settings.json) {
    json document = json::object();
    document["group"] = settings.group.name;
    document["whole"] = checked.damage.empty();
    document["points"] = checked.points;
    document["versions"] = checked.objects;
    document["bytes"] = checked.bytes;
    document["damage"] = checked.damage;
    print_json(document);
  } else {
    print(checked_text(checked, settings.out));
  }
  return checked.damage.empty() ? ExitCode::good : ExitCode::partly;
}

struct RekeyFlags {
  std::string old_key;
};

Result<ExitCode> run_rekey(const Globals& globals, const RekeyFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  if (!History::exists(settings.state_folder, settings.group.name))
    return fail(Fault::config, "there is no history of the group `" + settings.group.name + "`",
                "Check --state and --group");
  const auto environment = workspace::process_environment();
  TRY(const Secret old_key, read_history_key(flags.old_key, environment));
  TRY(const Secret new_key, read_history_key(settings.group.history.key, environment));
  TRY(const auto lock, state::LocalLock::take(settings.state_folder, settings.group.name));
  CHECK(History::change_key(settings.state_folder, settings.group.name, old_key, new_key));
  const bool encrypts = !new_key.empty();
  if (settings.json) {
    json document = json::object();
    document["group"] = settings.group.name;
    document["encrypted"] = encrypts;
    print_json(document);
  } else {
    print(encrypts ? "The history was written anew, encrypted with the key of the configuration.\n"
                   : "The history was written anew, without encryption.\n");
  }
  return ExitCode::good;
}

Command diff_command() {
  const auto flags = std::make_shared<DiffFlags>();
  Command command;
  command.name = "diff";
  command.about = "What changed on the primary between two recovery points, field by field";
  command.options = {
      {"before",
       "POINT",
       "A number, a moment like 2026-11-27T12:00 (UTC), or `latest`",
       &flags->before,
       {},
       true},
      {"after", "POINT", "Likewise; the newest one when it is left out", &flags->after}};
  command.examples = {"twinlake history diff 12", "twinlake history diff 2026-11-01 latest",
                      "twinlake -o json history diff 12 17 | jq .objects"};
  command.run = [flags](const Globals& globals) { return run_diff(globals, *flags); };
  return command;
}

Command prune_command() {
  const auto flags = std::make_shared<PruneFlags>();
  Command command;
  command.name = "prune";
  command.about = "Remove recovery points that nobody needs any more";
  command.details =
      "Without options by the rule of the configuration, which each sync follows by itself. The "
      "newest point always "
      "stays. Space that becomes free is given back.";
  command.options = {
      {"--keep-last", "N", "Keep so many of the newest", &flags->last},
      {"--keep-daily", "N", "Keep the newest of each of so many days that have one", &flags->daily},
      {"--keep-weekly", "N", "Keep the newest of each of so many weeks that have one",
       &flags->weekly},
      {"--dry-run", "", "Only say which would go", &flags->dry_run}};
  command.examples = {"twinlake history prune --dry-run",
                      "twinlake history prune --keep-last 10 --keep-daily 14 --keep-weekly 8"};
  command.run = [flags](const Globals& globals) { return run_prune(globals, *flags); };
  return command;
}

Command history_check_command() {
  Command command;
  command.name = "check";
  command.about = "Read and verify every byte of the history";
  command.details =
      "Exits with 0 when all is as it was written, with 2 when it is not. Mends nothing.";
  command.examples = {"twinlake history check"};
  command.run = run_history_check;
  return command;
}

Command rekey_command() {
  const auto flags = std::make_shared<RekeyFlags>();
  Command command;
  command.name = "rekey";
  command.about = "Write the history anew with the key of the configuration, or without one";
  command.details =
      "After `key` of `history` was added, changed or removed. Nothing of the old file is left in "
      "the new one.";
  command.options = {
      {"--old-key", "PLACE",
       "Where the key is that it has now: a file, env:NAME or credential:NAME; not needed "
       "where it is not encrypted",
       &flags->old_key}};
  command.examples = {"twinlake history rekey    # a key was added to twinlake.yml",
                      "twinlake history rekey --old-key ./old.key"};
  command.run = [flags](const Globals& globals) { return run_rekey(globals, *flags); };
  return command;
}

}  // namespace

Command history_command() {
  Command command;
  command.name = "history";
  command.about = "Recovery points of the primary: list, compare, check and prune them";
  command.details =
      "Each sync leaves one: what was in scope, as the primary had it, without anything secret. "
      "`twinlake restore` "
      "brings something of it back.";
  command.examples = {"twinlake history", "twinlake history diff 12", "twinlake history check"};
  command.subcommands = {diff_command(), history_check_command(), prune_command(), rekey_command()};
  command.run = list_points;
  return command;
}

}  // namespace twinlake::app
