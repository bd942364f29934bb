#pragma once
// What a sync and a restore do alike in each of their passes: how steps are carried out, what a read-back proves, and
// what becomes of the writes that an earlier run left without an outcome.
#include <atomic>
#include <functional>
#include <vector>

#include "engine/executor.h"
#include "engine/session.h"

namespace twinlake::engine {

/// So often at most a run plans and writes again, because a create is in doubt.
inline constexpr int most_passes = 3;
[[nodiscard]] bool needs_another_pass(const std::vector<StepResult>& results);

[[nodiscard]] ExecutorOptions executor_options(const Rules& rules, std::int64_t run, const std::atomic<bool>* stop);

enum class Triggers { held, live };
/// Reads back wrong what was written: it runs, or (where triggers are to be held) would start by itself. Then the
/// result says so.
void prove_quiet(const Step& step, const workspace::Item& item, Triggers triggers, const Words& words, StepResult& result);

/// Closes those of `old` that this pass has seen the end of. `was_looked_up`: was it seen what became of it?
void close_looked_up(state::Store& store, const std::vector<state::Intent>& old, const Plan& plan, const std::vector<StepResult>& results,
                     const std::function<bool(const state::Intent&)>& was_looked_up);

}  // namespace twinlake::engine
