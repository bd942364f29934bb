#include "failover/drill.h"

#include <algorithm>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "base/secret_text.h"
#include "failover/turnover.h"
#include "model/canonical.h"
#include "model/literals.h"
#include "workspace/rows.h"
#include "workspace/runs.h"

namespace twinlake::failover {

using model::Kind;
using nlohmann::json;
using state::DrillCopy;
using state::DrillRun;

namespace {

constexpr std::size_t longest_output = 2000;
constexpr Micros between_looks = std::chrono::seconds(5);
constexpr int cleaning_passes = 5;
constexpr const char* code_kind = "code";  ///< of copies that are no objects of their own: they go with the folder

/// In names, so no colons: "drill-20261127-004400".
std::string label_of(Time moment) {
  return fmt::format("drill-{:%Y%m%d-%H%M%S}", std::chrono::time_point_cast<std::chrono::seconds>(moment));
}

json to_json(const SmokeRun& run) {
  json document = json::object();
  document["result"] = run.result;
  document["within_seconds"] = std::chrono::duration_cast<std::chrono::seconds>(run.within).count();
  if (!run.output.empty()) document["output"] = run.output;
  return document;
}

SmokeRun smoke_run_from(const DrillRun& run) {
  const json document = json::parse(run.expectation, nullptr, false);
  SmokeRun expected{.job = run.name, .output = text_at(document, "/output"), .parameters = {}};
  expected.result = text_at(document, "/result");
  const json* seconds = find_at(document, "/within_seconds");
  if (seconds != nullptr && seconds->is_number_integer()) expected.within = std::chrono::seconds(seconds->get<std::int64_t>());
  return expected;
}

/// Objects by their tag: which drill's, and of which original, for names need not be unique.
std::string tag_of(const std::string& label, const std::string& source) { return label + "." + source; }


}  // namespace

std::string_view verdict_of(const state::Drill& drill) {
  if (drill.phase == drill_phase::clean) return !drill.is_passed ? "was broken off" : *drill.is_passed ? "passed" : "failed";
  if (drill.phase == drill_phase::copying || drill.phase == drill_phase::running) return "running";
  return "waits for clean-up";
}

Drill::Drill(Loop& loop, std::span<const Kind* const> kinds, workspace::Workspace& standby, state::Store& store,
             events::Sink& sink, DrillOptions options)
    : loop_(loop), kinds_(kinds), standby_(standby), store_(store), sink_(sink), options_(std::move(options)) {}

CopyOptions Drill::copy_options() const {
  CopyOptions how{.label = drill_.label, .folder = drill_.folder, .in_scope = options_.in_scope,
                  .patterns = options_.copy, .folders = options_.folders, .matches = options_.matches};
  for (const SmokeRun& run : options_.run) how.patterns.push_back(run.job);
  return how;
}

Result<void> Drill::begin() {
  if (options_.run.empty())
    return fail(Fault::refused, "a drill that runs nothing proves nothing", "Name a job to run: --run NAME, or `drill: {run: [...]}` in twinlake.yml");
  if (!has_standby(store_))
    return fail(Fault::refused, "this group was never synced: there is no standby to try", "Run `twinlake sync` first");
  drill_ = state::Drill{.label = label_of(loop_.now()), .side = standby_.side(), .folder = {}, .phase = std::string(drill_phase::copying),
                        .started = loop_.now(), .ended = {}, .cleaned = {}, .is_passed = {}, .replication_point = store_.replication_point()};
  drill_.folder = folder_of(drill_.label);
  return {};
}

std::string Drill::folder_of(const std::string& label) const { return "/Twinlake/" + options_.group + "/" + label; }

/// What is removed whole is our own folder of that drill, whatever the state says.
Result<void> Drill::resume(const state::Drill& drill) {
  if (drill.folder != folder_of(drill.label) || drill.label.empty())
    return fail(Fault::bug, "the state names " + drill.folder + " as the folder of a drill", "Please report this");
  if (drill.phase != drill_phase::clean && drill.side != standby_.side())
    return fail(Fault::bug, "the drill was held on the other side", "Please report this");
  drill_ = drill;
  return {};
}

void Drill::enter(std::string_view next) {
  drill_.phase = next;
  store_.put_drill(drill_);
}

DrillReport Drill::report() const {
  DrillReport told{.drill = drill_, .outcome = outcome_, .copies = {}, .runs = {}, .findings = findings_};
  if (drill_.id != 0) {
    told.copies = store_.drill_copies(drill_.id);
    told.runs = store_.drill_runs(drill_.id);
  }
  if (!told.outcome.empty()) return told;
  told.outcome = !drill_.is_passed ? "running" : *drill_.is_passed ? "passed" : "failed";
  return told;
}

std::vector<DrillCopy> Drill::copies_in(const CopyPlan& plan) const {
  std::vector<DrillCopy> copies;
  for (const workspace::Entry& entry : plan.code) copies.push_back({code_kind, entry.path, drill_.folder + entry.path, "", {}});
  for (const ObjectCopy& object : plan.objects) copies.push_back({std::string(object.kind->name), object.source, object.name, "", {}});
  return copies;
}

const SmokeRun* Drill::wanted_run_of(const std::string& name) const {
  const auto found = std::ranges::find_if(options_.run, [&](const SmokeRun& run) { return options_.matches(run.job, name); });
  return found == options_.run.end() ? nullptr : &*found;
}

std::vector<DrillRun> Drill::runs_in(const CopyPlan& plan) const {
  std::vector<DrillRun> runs;
  for (const ObjectCopy& object : plan.objects)
    if (const SmokeRun* wanted = wanted_run_of(object.key))
      runs.push_back(DrillRun{.name = object.key, .source = object.source, .run_id = {}, .expectation = to_text(to_json(*wanted)),
                              .result = {}, .output = {}, .started = {}, .ended = {}, .is_passed = {}, .because = {}});
  return runs;
}

/// Before anything is made, all of it is written down.
void Drill::write_down(const CopyPlan& plan) {
  std::vector<DrillCopy> copies = copies_in(plan);
  std::vector<DrillRun> runs = runs_in(plan);
  if (drill_.id == 0) drill_.id = store_.put_drill(drill_);
  // What was made before it was stopped is known already.
  std::set<std::pair<std::string, std::string>> known;
  for (const DrillCopy& copy : store_.drill_copies(drill_.id)) known.emplace(copy.kind, copy.source);
  std::erase_if(copies, [&](const DrillCopy& copy) { return known.contains({copy.kind, copy.source}); });
  store_.put_drill_copies(drill_.id, copies);
  std::set<std::string> kept;
  for (const DrillRun& run : store_.drill_runs(drill_.id)) kept.insert(run.source);
  for (const DrillRun& run : runs)
    if (!kept.contains(run.source)) store_.put_drill_run(drill_.id, run);
}

Task<Result<DrillReport>> Drill::preview() {
  CO_CHECK(begin());
  CO_TRY(const CopyPlan plan, co_await plan_copies(standby_, kinds_, store_, copy_options()));
  outcome_ = "planned";
  findings_ = plan.findings;
  DrillReport told = report();
  told.copies = copies_in(plan);
  told.runs = runs_in(plan);
  co_return told;
}

Task<Result<DrillReport>> Drill::start() {
  const auto last = store_.last_drill();
  if (last && last->phase != drill_phase::clean) {
    if (last->phase != drill_phase::copying && last->phase != drill_phase::running)
      co_return fail(Fault::refused, "the drill of " + to_rfc3339(last->started) + " waits for its clean-up", "Run `twinlake drill cleanup`");
    if (store_.identity()->primary == last->side)
      co_return fail(Fault::refused, "the side of the drill of " + to_rfc3339(last->started) + " has the primary role now", "Run `twinlake drill cleanup`: it removes what was made there");
    CO_CHECK(resume(*last));
    sink_.on(events::Note{"going on with the drill begun " + to_rfc3339(last->started)});
  } else {
    CO_CHECK(begin());
  }
  if (drill_.phase == drill_phase::copying) CO_CHECK(co_await copy());
  CO_CHECK(co_await run());
  co_return report();
}

namespace {
Task<void> copy_into(workspace::Workspace* side, const workspace::Entry* entry, const std::string* folder,
                     Result<std::vector<std::string>>* copied) {
  *copied = co_await workspace::copy_code(*side, *entry, *folder + entry->path);
}
}  // namespace

Task<Result<void>> Drill::copy() {
  sink_.on(events::Phase{"reading what is copied"});
  CO_TRY(CopyPlan plan, co_await plan_copies(standby_, kinds_, store_, copy_options()));
  findings_ = plan.findings;
  write_down(plan);
  sink_.on(events::Phase{"copying"});
  CO_CHECK(co_await workspace::make_folder(standby_, drill_.folder));
  CO_CHECK(co_await workspace::let_run(standby_, drill_.folder, plan.runs_as));
  std::set<std::string> folders;
  for (const workspace::Entry& entry : plan.code) folders.insert(model::parent_path(drill_.folder + entry.path));
  for (const std::string& folder : folders) CO_CHECK(co_await workspace::make_folder(standby_, folder));
  std::vector<Result<std::vector<std::string>>> copied(plan.code.size());
  const auto copy_one = [&](std::size_t index) {
    return copy_into(&standby_, &plan.code[index], &drill_.folder, &copied[index]);
  };
  co_await for_each_index(loop_, plan.code.size(), requests_at_once, copy_one);
  for (const auto& one : copied)
    if (!one) co_return fail(one.error());
  CO_CHECK(co_await copy_objects(&plan));
  enter(drill_phase::running);
  co_return Result<void>{};
}

/// One after the other: each may name those before it.
Task<Result<void>> Drill::copy_objects(CopyPlan* plan) {
  std::map<std::string, std::string> ids;
  std::map<const Kind*, std::vector<Made>> there;
  for (const DrillCopy& copy : store_.drill_copies(drill_.id))
    if (!copy.id.empty()) ids[copy.source] = copy.id;
  for (const ObjectCopy& object : plan->objects) {
    if (stopping()) co_return fail(Fault::cancelled, "stopped", "`twinlake drill start` goes on, `twinlake drill cleanup` gives it up");
    if (ids.contains(object.source)) continue;
    // A create whose answer was lost may have made it.
    if (!there.contains(object.kind)) {
      CO_TRY(there[object.kind], co_await copies_there(object.kind));
    }
    std::string id;
    for (const Made& made : there[object.kind])
      if (made.tag == tag_of(drill_.label, object.source)) id = made.id;
    if (id.empty()) {
      model::Write write;
      write.from = write.to = &standby_;
      write.kind = object.kind;
      write.key = object.name;
      write.definition = std::make_shared<const json>(with_copies_of(object, ids));
      auto made = co_await workspace::create_by_row(std::move(write));
      if (!made) {
        Error error = std::move(made).error();
        // The service may repeat what it was sent.
        const auto literals = model::Secrecy(*object.kind, object.body, options_.literals).literals();
        for (std::string* text : {&error.message, &error.hint}) *text = model::without_literals(std::move(*text), literals);
        error.address = model::address_of(object.kind->name, object.key);
        co_return fail(std::move(error));
      }
      id = std::move(*made);
    }
    ids[object.source] = id;
    const DrillCopy copy{std::string(object.kind->name), object.source, object.name, id, {}};
    store_.put_drill_copies(drill_.id, std::span(&copy, 1));
  }
  co_return Result<void>{};
}

Task<Result<std::vector<Drill::Made>>> Drill::copies_there(const Kind* kind) {
  std::vector<Made> found;
  CO_TRY(const std::vector<json> items, co_await workspace::list_by_row(standby_, *kind));
  const std::string tag = std::string(kind->definition_at) + std::string(kind->tags_at) + "/" + std::string(model::drill_tag);
  for (const json& item : items)
    if (std::string made_for = text_at(item, tag); made_for.starts_with(tag_of(drill_.label, "")))
      found.push_back({text_at(item, kind->id_at), text_at(item, kind->key_at), std::move(made_for)});
  co_return found;
}

Task<Result<void>> Drill::run() {
  CO_CHECK(co_await begin_runs());
  sink_.on(events::Phase{"waiting for runs"});
  while (!stopping()) {
    CO_TRY(const bool all_ended, co_await look_at_runs());
    if (all_ended) {
      judge_all();
      co_return Result<void>{};
    }
    if (!options_.wait) co_return Result<void>{};
    co_await loop_.sleep(between_looks);
  }
  co_return fail(Fault::cancelled, "stopped; runs that were begun go on", "`twinlake drill start` waits on, `twinlake drill cleanup` gives it up");
}

Task<Result<void>> Drill::begin_runs() {
  std::map<std::string, std::string> ids;
  for (const DrillCopy& copy : store_.drill_copies(drill_.id)) ids[copy.source] = copy.id;
  for (DrillRun& run : store_.drill_runs(drill_.id)) {
    if (!run.run_id.empty() || run.ended) continue;
    json parameters;
    // From the configuration, never from the state: they may hold a secret.
    if (const SmokeRun* wanted = wanted_run_of(run.name))
      for (const auto& [name, value] : wanted->parameters) parameters[name] = value;
    run.started = loop_.now();
    auto begun = co_await workspace::start_run(standby_, ids.at(run.source), drill_.label + ":" + run.source, parameters);
    if (begun) {
      run.run_id = std::move(*begun);
    } else {
      run.ended = loop_.now();
      run.is_passed = false;
      run.because = "could not be started: " + hide_secrets(describe(begun.error()));
    }
    store_.put_drill_run(drill_.id, run);
  }
  co_return Result<void>{};
}

Task<Result<bool>> Drill::look_at_runs() {
  bool all_ended = true;
  for (DrillRun& run : store_.drill_runs(drill_.id)) {
    if (run.ended) continue;
    CO_CHECK(co_await look_at(&run));
    all_ended = all_ended && run.ended.has_value();
  }
  co_return all_ended;
}

Task<Result<void>> Drill::look_at(DrillRun* run) {
  const SmokeRun expected = smoke_run_from(*run);
  CO_TRY(workspace::RunState seen, co_await workspace::look_at_run(standby_, run->run_id));
  if (!seen.has_ended) {
    if (loop_.now() - *run->started >= expected.within) co_return co_await give_up(run, &expected);
    co_return Result<void>{};
  }
  run->result = seen.result;
  run->started = seen.started.value_or(*run->started);
  run->ended = seen.ended.value_or(loop_.now());
  CO_TRY(std::string output, co_await workspace::output_of_run(standby_, seen));
  run->output = hide_secrets(output).substr(0, longest_output);
  judge(*run);
  if (!*run->is_passed && !seen.message.empty()) run->because += ": " + hide_secrets(seen.message);
  store_.put_drill_run(drill_.id, *run);
  sink_.on(events::Note{run->name + ": " + (*run->is_passed ? "passed" : run->because)});
  co_return Result<void>{};
}

Task<Result<void>> Drill::give_up(DrillRun* run, const SmokeRun* expected) {
  CO_CHECK(co_await workspace::cancel_run(standby_, run->run_id));
  run->ended = loop_.now();
  run->result = "CANCELED";
  run->is_passed = false;
  run->because = "did not end within " + std::to_string(std::chrono::duration_cast<std::chrono::minutes>(expected->within).count()) + " minutes, and was cancelled";
  store_.put_drill_run(drill_.id, *run);
  co_return Result<void>{};
}

void Drill::judge(DrillRun& run) const {
  const SmokeRun expected = smoke_run_from(run);
  run.because.clear();
  if (run.result != expected.result) run.because = "ended with " + run.result + ", not " + expected.result;
  else if (!expected.output.empty() && !options_.matches(expected.output, run.output))
    run.because = "answered something else than `" + expected.output + "`";
  else if (*run.ended - *run.started > expected.within) run.because = "took longer than it may";
  run.is_passed = run.because.empty();
}

void Drill::judge_all() {
  const std::vector<DrillRun> runs = store_.drill_runs(drill_.id);
  drill_.is_passed = std::ranges::all_of(runs, [](const DrillRun& run) { return run.is_passed.value_or(false); });
  drill_.ended = drill_.started;
  for (const DrillRun& run : runs) drill_.ended = std::max(*drill_.ended, run.ended.value_or(drill_.started));
  enter(drill_phase::judged);
}

Task<Result<DrillReport>> Drill::look() {
  const auto last = store_.last_drill();
  if (!last) co_return fail(Fault::refused, "there was no drill yet", "`twinlake drill start --dry-run --run NAME` shows what one would do");
  CO_CHECK(resume(*last));
  if (drill_.phase == drill_phase::running) {
    CO_TRY(const bool all_ended, co_await look_at_runs());
    if (all_ended) judge_all();
  }
  co_return report();
}

Task<Result<DrillReport>> Drill::cleanup() {
  const auto last = store_.last_drill();
  if (!last) co_return fail(Fault::refused, "there was no drill yet: nothing is there to clean up", "`twinlake status` tells how things stand");
  CO_CHECK(resume(*last));
  if (drill_.phase == drill_phase::clean) co_return report();
  enter(drill_phase::cleaning);
  CO_CHECK(co_await end_runs());
  sink_.on(events::Phase{"removing the copies"});
  std::vector<std::string> left{"?"};
  for (int pass = 0; pass < cleaning_passes && !left.empty() && !stopping(); ++pass) {
    // A listing may show for a while what was removed, or not yet what was made.
    if (pass > 0) co_await loop_.sleep(std::chrono::seconds(2 * pass));
    CO_CHECK(co_await remove_copies());
    CO_TRY(left, co_await left_over());
  }
  if (stopping() && !left.empty()) co_return fail(Fault::cancelled, "stopped", "`twinlake drill cleanup` goes on");
  for (const std::string& address : left) findings_.push_back({address, "is still there", "Run `twinlake drill cleanup` again"});
  if (!left.empty()) {
    outcome_ = "failed";
    co_return report();
  }
  std::vector<DrillCopy> copies = store_.drill_copies(drill_.id);
  for (DrillCopy& copy : copies) copy.gone = loop_.now();
  store_.put_drill_copies(drill_.id, copies);
  drill_.cleaned = loop_.now();
  enter(drill_phase::clean);
  co_return report();
}

Task<Result<void>> Drill::end_runs() {
  for (DrillRun& run : store_.drill_runs(drill_.id)) {
    if (run.run_id.empty() || run.ended) continue;
    CO_CHECK(co_await workspace::cancel_run(standby_, run.run_id));
    run.ended = loop_.now();
    run.because = "cancelled by the clean-up";
    store_.put_drill_run(drill_.id, run);
  }
  co_return Result<void>{};
}

/// By what the service lists, so that a copy whose id was never learnt goes too.
Task<Result<void>> Drill::remove_copies() {
  for (const Kind* kind : kinds_) {
    if (!is_tried(*kind)) continue;
    CO_TRY(const auto there, co_await copies_there(kind));
    for (const Made& made : there) {
      model::Write write;
      write.from = write.to = &standby_;
      write.kind = kind;
      write.id = made.id;
      write.key = made.name;
      auto removed = co_await workspace::remove_by_row(std::move(write));
      if (!removed && removed.error().fault != Fault::not_found) co_return fail(std::move(removed).error());
    }
  }
  co_return co_await workspace::remove_folder(standby_, drill_.folder);
}

Task<Result<std::vector<std::string>>> Drill::left_over() {
  std::vector<std::string> left;
  for (const Kind* kind : kinds_) {
    if (!is_tried(*kind)) continue;
    CO_TRY(const auto there, co_await copies_there(kind));
    for (const Made& made : there) left.push_back(model::address_of(kind->name, made.name));
  }
  CO_TRY(const auto folder, co_await workspace::entry_at(standby_, drill_.folder));
  if (folder) left.push_back(drill_.folder);
  co_return left;
}

}  // namespace twinlake::failover
