// What a sync does besides for its recovery point.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/assess.h"
#include "engine/item_reading.h"
#include "engine/session.h"

namespace twinlake::engine {

using workspace::Item;

void Session::record_with(Recorder& recorder) {
  recorder_ = &recorder;
  primary_.use_content_witness(recorder_);
}

Task<void> Session::look_for_history(Reading* reading, std::vector<Recorder::Missed>* missed, std::size_t index) {
  Recorder::Missed& one = (*missed)[index];
  const Pair& pair = reading->world.pairs[one.position];
  if (recorder_->has_failed() || (stop_ != nullptr && stop_->load())) {
    recorder_->could_not_read(pair);
    co_return;
  }
  Item& item = *pair.primary;
  if (!one.raw.is_null()) item.raw = std::move(one.raw);
  const bool reads = Recorder::is_worth_reading(*pair.kind);
  if (reads) co_await complete_into(&primary_, &item, &reading->errors);
  const bool is_foreign = pair.kind->is_foreign != nullptr && pair.kind->is_foreign(item.raw);
  if (is_foreign) {
    // The service makes it with something else.
  } else if (item.complete || !reads) {
    const model::Canonical form = model::canonical(*pair.kind, item.raw, context_on(reading->world, true));
    recorder_->saw(pair, *form.form, Recorder::Unread::is_left_out);
  } else {
    recorder_->could_not_read(pair);
  }
  item.raw = nullptr;
}

Task<void> Session::leave_point(Reading* reading, std::int64_t run, SyncReport* report) {
  if (recorder_ == nullptr) co_return;
  std::vector<Recorder::Missed> missed = recorder_->missed();
  if (!missed.empty()) sink_.on(events::Phase{"reading for the history"});
  const auto look = [&](std::size_t index) { return look_for_history(reading, &missed, index); };
  co_await for_each_index(loop_, missed.size(), 96, look);
  history::Point point;
  point.moment = reading->moment;
  point.run = run;
  point.side = primary_.side();
  point.workspace_id = primary_.self().workspace_id;
  recorder_->finish(reading->world, std::move(point), report);
}

}  // namespace twinlake::engine
