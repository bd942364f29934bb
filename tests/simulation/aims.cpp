#include "simulation/aims.h"

#include <array>

#include "simulation/people.h"

namespace twinlake::simulation {

namespace {

constexpr Beat edit(std::string_view name) { return {.act = Act::edit, .edit = name}; }
constexpr Beat meddle(std::string_view name) { return {.act = Act::meddle, .edit = name}; }
constexpr Beat command(Act act) { return {.act = act}; }

/// What a trigger is changes between two syncs, and then nobody can ask the primary any more.
constexpr std::array trigger_turned{edit("new job"), command(Act::sync), edit("turn job"), command(Act::sync), command(Act::forced)};
/// More goes than may go without a word of the operator.
constexpr std::array many_removed{edit("many new jobs"), edit("new notebook"), command(Act::sync), edit("remove many jobs"), command(Act::sync)};
/// Somebody on the standby was first.
constexpr std::array taken_path{edit("new notebook"), edit("new notebook"), meddle("own notebook of a path that is there"), command(Act::sync)};
/// The second new job, or the first write of another kind: made, and answered with a failure. Numbers: see Player::add_fault.
constexpr std::array made_and_failed{edit("new job"), command(Act::sync), edit("new job"),
                                     Beat{.act = Act::fail, .when = 1, .what = 0, .which = 11}, command(Act::sync)};
/// Our pauses are there, and the machine that knows them for ours is not.
constexpr std::array lost_in_the_fence{edit("new job"), edit("new job"), command(Act::sync), Beat{.act = Act::kill_at_write, .when = 0},
                                       command(Act::planned), command(Act::new_machine), command(Act::planned)};
/// Both sides changed the same.
constexpr std::array changed_on_both{edit("new job"), command(Act::sync), edit("change job"), meddle("change job"), meddle("let job run"), command(Act::sync),
                                     command(Act::reconcile)};
/// What no listing tells, a day later.
constexpr std::array shared_long_ago{edit("new group"), edit("new job"), edit("new folder"), command(Act::sync), edit("share"), Beat{.act = Act::wait, .what = 0},
                                     command(Act::sync), command(Act::reconcile)};
/// A machine that was pinned, and idle ones.
constexpr std::array machines{edit("new pool"), edit("change idle machines"), edit("new cluster"), edit("pin cluster"), command(Act::sync),
                              command(Act::planned)};

/// What a killed run has made has another name on the primary before the next one looks.
constexpr std::array renamed_in_doubt{edit("new job"), edit("new cluster"), Beat{.act = Act::kill_at_write, .when = 1}, command(Act::sync),
                                      edit("move notebook"), command(Act::sync)};

/// Of what people have few, chance changes and removes hardly any.
constexpr std::array rest_changed{edit("new policy"), edit("new cluster"), edit("new pipeline"), edit("new warehouse"), edit("new script"),
                                  edit("new secret scope"), edit("put secret"), edit("new group"), command(Act::sync), Beat{.act = Act::wait, .what = 14},
                                  edit("change policy"), edit("change cluster"), edit("change pipeline"), edit("change warehouse"),
                                  edit("change script"), edit("put secret"), edit("new user"), edit("new user"), edit("change group"),
                                  command(Act::sync)};
constexpr std::array rest_removed{edit("new policy"), edit("new cluster"), edit("new pipeline"), edit("new warehouse"), edit("new script"),
                                  edit("new secret scope"), edit("put secret"), command(Act::sync), edit("remove cluster"), edit("remove policy"),
                                  edit("remove pipeline"), edit("remove warehouse"), edit("remove script"), edit("remove secret"), command(Act::sync),
                                  edit("remove scope"), command(Act::sync)};

constexpr std::array all{
    Aim{"a trigger is turned, and then the primary is lost", trigger_turned}, Aim{"many are removed", many_removed},
    Aim{"the path is taken", taken_path}, Aim{"made, and answered with a failure", made_and_failed},
    Aim{"the machine is lost in the middle of the fence", lost_in_the_fence}, Aim{"changed on both sides", changed_on_both, true},
    Aim{"shared, and a day passes", shared_long_ago}, Aim{"pinned and idle machines", machines},
    Aim{"made by a killed run, and moved", renamed_in_doubt},
    Aim{"what there is little of is changed", rest_changed}, Aim{"what there is little of is removed", rest_removed},
};

/// One history of so many has an aim.
constexpr std::uint64_t one_of = 4;

}  // namespace

std::span<const Aim> aims() { return all; }

const Aim* aim_of(std::uint64_t seed) { return seed % one_of != 0 ? nullptr : &all[seed / one_of % all.size()]; }

bool is_asked_in(std::uint64_t seed) {
  const Aim* aim = aim_of(seed);
  return aim != nullptr && aim->asks;
}

void follow(const Beat& beat, Operation& operation) {
  operation.act = beat.act;
  if (!beat.edit.empty()) operation.what = People::what_of(beat.act == Act::meddle ? People::meddlings() : People::edits(), beat.edit);
  operation.when = beat.when.value_or(operation.when);
  operation.what = beat.what.value_or(operation.what);
  operation.which = beat.which.value_or(operation.which);
}

}  // namespace twinlake::simulation
