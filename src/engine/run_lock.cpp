#include "engine/run_lock.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "engine/mirror.h"
#include "workspace/remote_files.h"

namespace twinlake::engine {

using nlohmann::json;

namespace {

std::string describe_owner(const json& lock) {
  return text_at(lock, "/user") + " on " + text_at(lock, "/host") + ", process " +
         text_at(lock, "/pid") + ", since " + text_at(lock, "/since");
}

}  // namespace

RunLock::RunLock(Loop& loop, workspace::Workspace& secondary, LockOptions options)
    : loop_(loop),
      secondary_(secondary),
      options_(std::move(options)),
      path_(own_file(options_.group, "lock.json")),
      token_(uuid_from(std::to_string(loop.random()()) + options_.owner.host +
                       std::to_string(options_.owner.pid) + to_rfc3339(loop.now()))),
      busy_(loop, 1) {}

std::string RunLock::text() const {
  json lock = json::object();
  lock["format"] = "twinlake-lock";
  lock["token"] = token_;
  lock["host"] = options_.owner.host;
  lock["pid"] = options_.owner.pid;
  lock["user"] = options_.owner.user;
  lock["state"] = options_.owner.state;
  lock["since"] = to_rfc3339(loop_.now());
  lock["expires"] = to_rfc3339(loop_.now() + options_.lifetime);
  lock["fencing"] = options_.fencing;
  return to_text(lock);
}

bool RunLock::is_ours(const json& lock) const { return text_at(lock, "/token") == token_; }

Task<Result<std::optional<json>>> RunLock::read() {
  CO_TRY(const std::optional<std::string> text, co_await workspace::get_file(secondary_, path_));
  if (!text) co_return std::optional<json>();
  json lock = json::parse(*text, nullptr, false);
  // A file that was cut while it was written says nothing: like one that has expired.
  co_return std::optional<json>(lock.is_object() ? std::move(lock) : json::object());
}

Task<Result<void>> RunLock::write_over() {
  return workspace::put_file(secondary_, path_, text(), workspace::Overwrite::yes);
}

Task<Result<void>> RunLock::take() {
  // Between a refusal and the look at who holds it, the lock may be gone: then once more.
  for (int attempt = 0; attempt < 3; ++attempt) {
    auto created =
        co_await workspace::put_file(secondary_, path_, text(), workspace::Overwrite::no);
    if (created) {
      held_ = true;
      co_return created;
    }
    const Fault fault = created.error().fault;
    if (fault != Fault::already_exists && fault != Fault::in_doubt) co_return created;
    CO_TRY(const std::optional<json> lock, co_await read());
    if (!lock) continue;
    if (!is_ours(*lock)) co_return co_await take_over(*lock);
    held_ = true;
    co_return Result<void>{};
  }
  co_return refuse_for_now("the run lock " + path_ + " on the secondary changes hands all the time",
                           "Wait until the other runs have finished");
}

Task<Result<void>> RunLock::take_over(json held) {
  const bool expired = time_from_rfc3339(text_at(held, "/expires")) <= loop_.now();
  const bool leftover =
      !options_.owner.state.empty() && text_at(held, "/state") == options_.owner.state;
  if (!expired && !leftover && !options_.take_over)
    co_return refuse_for_now(
        "another run of `" + options_.group + "` is under way (" + describe_owner(held) + ")",
        "Wait until it has finished. If that machine is gone, the lock expires at " +
            text_at(held, "/expires"));
  const json* fencing = find_at(held, "/fencing");
  if (fencing != nullptr && fencing->is_number_integer())
    options_.fencing = std::max(options_.fencing, fencing->get<std::int64_t>() + 1);
  CO_CHECK(co_await write_over());
  // Of two who take over at once the last to write has it; both look again after a while.
  if (!leftover) co_await loop_.sleep(options_.settling);
  CO_TRY(const std::optional<json> now, co_await read());
  if (!now || !is_ours(*now))
    co_return refuse_for_now("another run of `" + options_.group + "` took the lock first",
                             "Wait until it has finished");
  held_ = true;
  co_return Result<void>{};
}

void RunLock::keep_alive(std::atomic<bool>* stop) {
  refresher_ = refresh(stop);
  refresher_.resume();
}

/// For who has the turn. A lock that is gone was somebody else's in the meantime.
Task<Result<bool>> RunLock::look() {
  if (!held_ || lost_) co_return false;
  CO_TRY(std::optional<json> lock, co_await read());
  // What was made just now may not be shown at first, even to who made it.
  if (!lock) {
    co_await loop_.sleep(options_.settling);
    CO_TRY(lock, co_await read());
  }
  lost_ = !lock || !is_ours(*lock);
  co_return !lost_;
}

Task<Result<bool>> RunLock::is_still_ours() {
  const auto turn = co_await busy_.acquire();
  co_return co_await look();
}

Task<Result<void>> RunLock::refresh_once() {
  const auto turn = co_await busy_.acquire();
  CO_TRY(const bool ours, co_await look());
  if (!ours) co_return Result<void>{};
  co_return co_await write_over();
}

Task<void> RunLock::refresh(std::atomic<bool>* stop) {
  while (held_ && !lost_) {
    co_await loop_.sleep(options_.lifetime / 4);
    // A refresh that failed is tried again: three of them fit into the lifetime.
    (void)co_await refresh_once();
    if (lost_ && stop != nullptr) stop->store(true);
  }
}

Task<Result<void>> RunLock::release() {
  const auto turn = co_await busy_.acquire();
  auto ours = co_await look();
  held_ = false;
  if (!ours) co_return fail(std::move(ours).error());
  if (!*ours) co_return Result<void>{};
  co_return co_await workspace::delete_file(secondary_, path_);
}

}  // namespace twinlake::engine
