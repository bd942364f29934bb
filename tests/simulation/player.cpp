#include "simulation/player.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/json_path.h"
#include "simulator/faults.h"

namespace twinlake::simulation {

using nlohmann::json;

namespace {

std::string new_folder() {
  // In memory where there is such a place: waiting for a disk proves nothing here.
  const std::string root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path().string();
  std::string pattern = root + "/twinlake-sim-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder for the state: " + pattern);
  return pattern;
}

/// The key is made from chance, and a history must not be.
void make_folder_of(const Machine& machine, char digit) {
  std::filesystem::create_directories(machine.folder);
  const std::string path = machine.folder + "/" + group_name + ".key";
  std::ofstream(path) << std::string(64, digit) << "\n";
  chmod(path.c_str(), 0600);
}

/// Most requests read; what matters most is what befalls the others.
void meet_a_write(simulator::FaultRule& rule) {
  rule.method = "POST";
  // A command writes some ten times, and to one kind once or twice.
  rule.nth = 1 + rule.nth % (rule.path == "*" ? 12 : 2);
}

Task<void> let_pass(Loop* loop, Micros time) { co_await loop->sleep(time); }

Task<void> run_into(Program* program, Command command, Loop* loop, Micros after, Ending* ending) {
  if (after > Micros(0)) co_await loop->sleep(after);
  *ending = co_await program->run(command);
}

Task<void> run_both(Loop* loop, Program* one, Program* two, Micros after, Ending* first, Ending* second) {
  TaskGroup both(*loop);
  both.start(run_into(one, Command::sync, loop, Micros(0), first));
  both.start(run_into(two, Command::sync, loop, after, second));
  co_await both.join();
}

Command command_of(Act act) {
  static const std::map<Act, Command> commands{{Act::reconcile, Command::reconcile}, {Act::stale_plan, Command::stale_plan}, {Act::planned, Command::planned},
                                               {Act::forced, Command::forced},       {Act::abort, Command::abort},           {Act::drill, Command::drill},
                                               {Act::clean_up, Command::clean_up}};
  const auto found = commands.find(act);
  return found == commands.end() ? Command::sync : found->second;
}

}  // namespace

Outcome play(const History& history) {
  Player player(history);
  return player.play();
}

Player::Player(History history)
    : history_(std::move(history)), folder_(new_folder()), machine_{"one", folder_ + "/one"}, site_(history_.seed),
      witness_(site_, facts_), people_(site_), journal_(machine_.folder) {
  make_folder_of(machine_, '1');
  site_.watch(&witness_);
  witness_.on_exchange = [this](unsigned exchange) { happen(exchange); };
  witness_.on_written = [this](unsigned write) {
    if (armed_.kill_at_write == write) site_.kill();
  };
}

Player::~Player() {
  close_state();
  std::filesystem::remove_all(folder_);
}

Outcome Player::play() {
  for (const Operation& operation : history_.operations) {
    apply(operation);
    if (!witness_.problem().empty()) break;
  }
  if (witness_.problem().empty()) come_to_an_end();
  outcome_.problem = witness_.problem();
  log(witness_.written());
  if (!outcome_.problem.empty()) log("against the rules: " + outcome_.problem);
  return std::move(outcome_);
}

void Player::apply(const Operation& operation) {
  playing_ = name_of(operation.act);
  if (!is_command(operation.act)) ++outcome_.coverage.others[std::string(playing_)];
  if (is_command(operation.act)) return command(operation);
  if (operation.act == Act::edit) return people(facts_.primary, operation, false);
  if (operation.act == Act::meddle) return people(secondary(), operation, true);
  if (operation.act == Act::return_region) return return_regions();
  if (operation.act == Act::new_machine) return new_machine();
  if (operation.act == Act::wait) return pass(operation.what % 10 == 0 ? Micros(std::chrono::hours(25)) : Micros(std::chrono::minutes(1 + operation.what % 25)));
  arm(operation);
}

// --- people

void Player::people(Side side, const Operation& operation, bool meddles) {
  if (site_.is_lost(side)) return log(to_text(operation) + ": nobody gets into a lost region");
  const auto before = site_.look_at(side);
  log(to_text(operation) + ": " + (meddles ? people_.meddle(side, operation) : people_.edit(side, operation)));
  note_edit(side, *before);
}

void Player::note_edit(Side side, Sight& before) {
  const auto sight = site_.look_at(side);
  const auto& then = before.things();
  const auto& now = sight->things();
  for (const auto& [key, thing] : now) {
    const auto was = then.find(key);
    if (was != then.end() && was->second == thing) continue;
    facts_.touched[Facts::at(side)].insert(key);
    if (was == then.end()) facts_.by_people[Facts::at(side)].insert(key);
    if (was == then.end() || was->second.name != thing.name) ++facts_.names[thing.list + "/" + thing.name];
  }
  for (const auto& [key, thing] : then)
    if (!now.contains(key)) facts_.touched[Facts::at(side)].insert(key);
  const auto& was_live = before.live();
  for (const auto& [key, name] : sight->live())
    if (!was_live.contains(key)) facts_.let_live[Facts::at(side)].insert(key);
  facts_.was_started.insert(sight->running().begin(), sight->running().end());
  was_edited_ = true;
  is_said_equal_ = false;
  last_edit_ = site_.loop().now();
  live_at_start_.reset();
  live_at_last_sync_.reset();
}

bool Player::make_folder(int number) {
  if (site_.is_lost(facts_.primary)) return false;
  const auto before = site_.look_at(facts_.primary);
  site_.ask(facts_.primary, "POST", "/api/2.0/workspace/mkdirs", {{"path", "/Shared/after the plan " + std::to_string(number)}});
  note_edit(facts_.primary, *before);
  return true;
}

// --- what is to happen during the next command

void Player::arm(const Operation& operation) {
  log(to_text(operation));
  was_disturbed_ = true;
  const auto die = [this] { site_.kill(); };
  const auto is = [&](Act act) { return operation.act == act; };
  if (is(Act::edit_later) || is(Act::meddle_later)) armed_.edits.push_back(operation);
  else if (is(Act::lose_region)) armed_.losses.push_back(operation);
  else if (is(Act::kill_at_exchange)) armed_.kill_at_exchange = operation.when;
  else if (is(Act::kill_at_write)) armed_.kill_at_write = operation.when;
  else if (is(Act::kill_at_event)) site_.kill_after_events(operation.when);
  else if (is(Act::kill_at_state_write)) disk_.break_after(operation.when, StateDisk::Trouble::dead, die);
  else if (is(Act::fill_disk)) disk_.break_after(operation.when, StateDisk::Trouble::full, nullptr);
  else if (is(Act::lag)) show_late(true);
  else add_fault(operation);
}

void Player::show_late(bool late) {
  for (const Side side : {Side::home, Side::away}) site_.region(side).set_eventual_consistency(late);
}

void Player::add_fault(const Operation& operation) {
  using simulator::FaultAction;
  simulator::FaultRule rule;
  rule.nth = 1 + static_cast<int>(operation.when);
  rule.times = 1 + static_cast<int>(operation.what % 3);
  static constexpr std::array statuses{500, 503, 504};
  static constexpr std::array paths{"*", "*", "*", "/api/2.2/jobs/*", "/api/2.1/clusters/*", "/api/2.0/workspace/*", "/api/2.0/permissions/*", "/api/2.0/secrets/*"};
  rule.path = paths[operation.which % paths.size()];
  const auto is = [&](Act act) { return operation.act == act; };
  if (is(Act::fail)) {
    rule.status = statuses[operation.what % statuses.size()];
    rule.after = operation.what / 3 % 2 == 0;
    if (rule.after) meet_a_write(rule);
  } else if (is(Act::throttle)) {
    // "Too many requests" is the service's word that it did nothing.
    rule.status = 429;
    rule.retry_after = static_cast<int>(operation.what % 20);
    rule.times = 1 + static_cast<int>(operation.which % 40);
  } else if (is(Act::lose_answer)) {
    rule.action = FaultAction::drop;
    rule.after = true;
    if (operation.what / 3 % 2 == 0) meet_a_write(rule);
  } else if (is(Act::cut_answer)) {
    rule.action = operation.which % 2 == 0 ? FaultAction::truncate : FaultAction::html;
  } else if (is(Act::empty_page)) {
    rule.action = FaultAction::empty_page;
    rule.path = "*/list";
  } else if (is(Act::delay)) {
    rule.action = FaultAction::delay;
    rule.delay_ms = static_cast<int>(operation.what) * 30;
  } else if (uses_oauth()) {
    rule.action = FaultAction::expire_token;
  } else {
    return;  // a personal token that ends is gone for good
  }
  site_.region(operation.which % 3 == 0 ? Side::home : Side::away).faults().add(std::move(rule));
}

void Player::happen(unsigned exchange) {
  if (armed_.kill_at_exchange == exchange) site_.kill();
  for (const Operation& operation : armed_.edits) {
    if (operation.when != exchange) continue;
    const bool meddles = operation.act == Act::meddle_later;
    people(meddles ? secondary() : facts_.primary, operation, meddles);
  }
  for (const Operation& operation : armed_.losses)
    if (operation.when == exchange) lose(operation);
}

void Player::lose(const Operation& operation) {
  const Side side = operation.which % 2 == 0 ? Side::home : Side::away;
  std::optional<std::int64_t> until;
  if (operation.what % 3 != 0) until = to_epoch_millis(site_.loop().now()) + 1000 * static_cast<std::int64_t>(1 + operation.what);
  site_.region(side).faults().start_outage(until);
  log("  " + std::string(model::name_of(side)) + " is lost");
}

void Player::return_regions() {
  for (const Side side : {Side::home, Side::away}) site_.region(side).faults().end_outage();
}

void Player::disarm() {
  armed_ = {};
  disk_.mend();
  for (const Side side : {Side::home, Side::away}) site_.region(side).faults().clear();
  show_late(false);
}

void Player::pass(Micros time) {
  site_.end_programs();
  site_.loop().run(let_pass(&site_.loop(), time));
}

void Player::forget_what_no_mirror_tells() {
  std::set<std::string> told;
  for (const Side side : {Side::home, Side::away}) {
    // The mirror that is out of sight comes back.
    if (site_.is_lost(side)) return;
    json mirror = mirror_on(side);
    if (mirror.is_null()) mirror = mirror_on(side);  // what is new may not be shown at first
    if (!mirror.is_object()) continue;
    for (const json& binding : mirror["bindings"])
      for (const char* id : {"home_id", "away_id"}) told.insert(text_at(binding, std::string("/") + id));
  }
  for (const Side side : {Side::home, Side::away}) {
    const auto sight = site_.look_at(side);
    for (const auto& [key, thing] : sight->things())
      if (!facts_.is_of_people(side, key) && !told.contains(thing.id)) facts_.forgotten.insert(key);
  }
}

/// Everything that the old machine knew is lost but for what is in the mirror.
void Player::new_machine() {
  log("a new machine");
  forget_what_no_mirror_tells();
  close_state();
  std::filesystem::remove_all(machine_.folder);
  make_folder_of(machine_, '2');
}

// --- commands

Player::Before Player::look() {
  Before before;
  for (const Side side : {Side::home, Side::away}) before.sights[Facts::at(side)] = site_.look_at(side);
  before.role = journal_.primary();
  const Side standby = secondary();
  // A machine without a state knows from the mirror what is ours, once there is one.
  if (before.role || outcome_.commands == 0)
    for (const auto& [key, thing] : before.sights[Facts::at(standby)]->things())
      if (facts_.is_of_people(standby, key) && thing.list != "users" && thing.list != "groups" && !is_bound(standby, thing)) before.strangers.insert(key);
  before.failing_over_to = journal_.failing_over_to();
  return before;
}

void Player::command(const Operation& operation) {
  if (operation.act == Act::commit) return commit();
  log(to_text(operation));
  if (operation.act == Act::two_at_once) {
    (void)run_two(operation);
    return;
  }
  const Command command = command_of(operation.act);
  // Nobody forces a failover while the primary is there.
  if (command == Command::forced && journal_.primary()) site_.region(facts_.primary).faults().start_outage();
  Flags flags;
  flags.asks = asks();
  bool is_stale = false;
  if (command == Command::drill) {
    const auto sight = site_.look_at(secondary());
    const json& jobs = sight->world().at("jobs");
    flags.drilled = jobs.empty() ? "none" : text_at(jobs[operation.which % jobs.size()], "/settings/name");
  }
  // What cannot be read is in no plan, and so in no other one either.
  if (command == Command::stale_plan) disarm();
  if (command == Command::stale_plan)
    flags.between = [this, number = operation.number, &is_stale] { is_stale = make_folder(number); };
  const Done done = run(command, std::move(flags));
  if (is_stale && witness_.writes() > 0 && (done.ending.word == "complete" || done.ending.word == "partial"))
    report("rule 11", "a plan was carried out that was made from an older state of the primary");
}

/// Runs what may be killed in the middle; true when it was.
bool Player::is_killed(const std::function<void()>& work) {
  try {
    work();
    return false;
  } catch (const Killed&) {
    return true;
  } catch (const std::exception& failure) {
    // Nothing wakes a program that is dead already.
    if (site_.is_dying()) return true;
    report("the program", failure.what());
    return false;
  }
}

Player::Done Player::run(Command command, Flags flags) {
  const Before before = look();
  was_edited_ = false;
  facts_.touched = {};
  witness_.begin(command, {&journal_}, flags.allow_deletes);
  flags.oauth = uses_oauth();
  flags.reads_in_turns = reads_in_turns();
  command_began_ = site_.loop().now();
  Done done;
  {
    Program program(site_, machine_, std::move(flags));
    done.was_killed = is_killed([&] { done.ending = site_.loop().run(program.run(command)); });
  }
  return finish(command, before, std::move(done));
}

/// From one machine or from two. The other one goes on from the mirror, as a new machine would.
Player::Done Player::run_two(const Operation& operation) {
  const Before before = look();
  was_edited_ = false;
  facts_.touched = {};
  Machine other = machine_;
  if (operation.what % 2 == 0) {
    // What a machine that comes and goes had begun, nobody else can know: it is neither killed nor disturbed.
    disarm();
    site_.end_programs();
    other = Machine{"other " + std::to_string(++other_machines_), folder_ + "/other" + std::to_string(other_machines_)};
    make_folder_of(other, '3');
  }
  Journal of_other(other.folder);
  witness_.begin(Command::sync, {&journal_, &of_other}, -1);
  Done done;
  {
    Flags flags;
    flags.asks = asks();
    flags.oauth = uses_oauth();
    flags.reads_in_turns = reads_in_turns();
    Program one(site_, machine_, flags);
    Program two(site_, other, flags);
    Ending second;
    done.was_killed = is_killed([&] { site_.loop().run(run_both(&site_.loop(), &one, &two, Millis(operation.when * 5), &done.ending, &second)); });
    log("  the other one: " + second.word);
    const bool is_overlap = done.ending.has_begun && second.has_begun && done.ending.began < second.ended && second.began < done.ending.ended;
    if (!done.was_killed && is_overlap) report("rule 11", "two runs of one group were at work at once");
  }
  done.was_edited = true;  // by each other: what one saw need not be what the other left
  return finish(Command::sync, before, std::move(done));
}

Player::Done Player::finish(Command command, const Before& before, Done done) {
  site_.end_programs();
  const bool was_broken = disk_.is_broken();
  // Whoever opens the state of a machine that died finds what reached its disk, and nothing that another one still knows of it.
  if (was_broken) close_state();
  disarm();
  witness_.end();
  ++outcome_.commands;
  outcome_.kills += done.was_killed ? 1 : 0;
  done.was_edited = done.was_edited || was_edited_;
  log("  " + (done.was_killed ? std::string("killed") : done.ending.word) + " after " + std::to_string(witness_.exchanges()) + " exchanges, " +
      std::to_string(witness_.writes()) + " writes" + (was_broken ? ", the state could not be written" : "") + ", " + to_rfc3339(site_.loop().now()));
  check_role(command, before, done);
  check_untouched(command, before, done);
  check_names();
  check_synced(before, done);
  check_turned(command, before, done);
  check_mirror(done);
  check_disk(done);
  check_said_equal(command, done);
  cover(done);
  was_disturbed_ = false;
  return done;
}

Result<state::Store*> Player::state() {
  if (!state_) {
    TRY(state_, state::Store::open(machine_.folder, group_name));
  }
  return state_.get();
}

void Player::close_state() {
  journal_.close();
  state_.reset();
}

void Player::cover(const Done& done) {
  Coverage& coverage = outcome_.coverage;
  ++coverage.commands[std::string(playing_)][done.was_killed ? "killed" : done.ending.word];
  for (const auto& [kind, counts] : done.ending.kinds)
    for (const auto& [what, count] : counts) coverage.kinds[kind][what] += count;
  for (const Journal::Held& held : journal_.held()) ++coverage.held[held.kind][held.place.substr(0, held.place.find(' '))];
}

void Player::commit() {
  ++outcome_.coverage.commands["commit"]["given"];
  disk_.mend();
  auto store = state();
  if (!store) return log("commit: " + describe(store.error()));
  auto last = (*store)->last_failover();
  if (!last || !last->turned || !last->finished || last->committed) return log("commit: there is nothing to commit");
  last->committed = site_.loop().now();
  (*store)->put_failover(*last);
  log("committed");
}

}  // namespace twinlake::simulation
