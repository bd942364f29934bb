#include "workspace/run_history.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

Time start_of(const json& run) {
  const json* millis = find_at(run, "/start_time");
  if (millis == nullptr || !millis->is_number_integer()) return {};
  return Time(Millis(millis->get<std::int64_t>()));
}

/// Takes pages until there are enough of them.
struct Pages {
  RunHistory* into = nullptr;
  int left = 0;
  bool cut = false;

  Result<void> take(const json& page) {
    if (left-- == 0) {
      cut = true;
      return fail(Fault::cancelled, "enough was read");
    }
    for (const json& run : page)
      into->runs.push_back({text_at(run, "/job_id"), text_at(run, "/run_name"),
                            text_at(run, "/creator_user_name"), text_at(run, "/trigger"),
                            start_of(run)});
    return {};
  }
};

}  // namespace

Task<Result<RunHistory>> read_run_history(Workspace& side, Time since, int most_pages) {
  RunHistory history;
  history.since = since;
  const auto millis = std::chrono::duration_cast<Millis>(since.time_since_epoch()).count();
  // One sort must not crowd out the other.
  static constexpr std::array<const char*, 2> types{"SUBMIT_RUN", "JOB_RUN"};
  for (const char* type : types) {
    http::Request request = http::Request::get("/api/2.2/jobs/runs/list");
    request.query = {
        {"limit", "25"}, {"run_type", type}, {"start_time_from", std::to_string(millis)}};
    Pages pages{&history, most_pages};
    const http::PageSink sink = [&pages](json& page) { return pages.take(page); };
    auto listed = co_await http::for_each_page(side.transport(), std::move(request),
                                               http::PageStyle::token, "/runs", sink);
    if (!listed && !pages.cut) co_return fail(std::move(listed).error());
    if (!pages.cut) continue;
    // The newest come first: it is known as far back as the last of them.
    history.is_whole = false;
    history.since = std::max(history.since, history.runs.back().started);
  }
  co_return history;
}

}  // namespace twinlake::workspace
