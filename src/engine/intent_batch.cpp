#include "engine/intent_batch.h"

#include <exception>
#include <utility>

namespace twinlake::engine {

namespace {
/// Short beside the time that a request takes, long beside the time between two answers.
constexpr Micros patience = std::chrono::milliseconds(4);
}  // namespace

Task<std::int64_t> IntentBatch::intend(state::Intent intent) {
  Delivery<std::int64_t> id(loop_);
  const bool is_first = intents_.empty();
  intents_.push_back(std::move(intent));
  waiting_.push_back(&id);
  if (is_first) {
    co_await loop_.sleep(patience);
    commit();
  }
  co_return co_await id.receive();
}

void IntentBatch::commit() {
  const auto intents = std::exchange(intents_, {});
  const auto waiting = std::exchange(waiting_, {});
  try {
    const auto ids = store_.intend(intents);
    for (std::size_t i = 0; i < ids.size(); ++i) waiting[i]->put(ids[i]);
  } catch (...) {
    for (Delivery<std::int64_t>* const one : waiting) one->put_exception(std::current_exception());
  }
}

}  // namespace twinlake::engine
