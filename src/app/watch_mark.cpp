#include "app/watch_mark.h"

#include <unistd.h>

#include "app/files.h"
#include "workspace/profile.h"

namespace twinlake::app {

namespace {
std::string mark_of(const std::string& group) { return group + ".watch"; }
}  // namespace

Result<WatchMark> WatchMark::make(const std::string& folder, const std::string& group) {
  const std::string file = folder + "/" + mark_of(group);
  auto lock = state::LocalLock::take(folder, mark_of(group));
  if (!lock) {
    Error error = std::move(lock).error();
    if (error.for_now)
      error.message = "a watch of the group `" + group + "` is at work on this machine already";
    return fail(std::move(error));
  }
  unlink(file.c_str());  // of one that was killed
  return WatchMark(std::move(*lock), file);
}

void WatchMark::tell_next(Time next) const {
  static_cast<void>(write_atomically(file_, to_rfc3339(next) + "\n", Privacy::owner_only));
}

std::optional<WatchSeen> watch_at_work(const std::string& folder, const std::string& group) {
  const auto owner = state::LocalLock::owner(folder, mark_of(group));
  if (!owner) return std::nullopt;
  WatchSeen seen{*owner, std::nullopt};
  const auto text = workspace::disk_reader()(folder + "/" + mark_of(group));
  if (!text || !*text) return seen;
  const Time next = time_from_rfc3339(**text);
  if (next != Time{}) seen.next = next;
  return seen;
}

}  // namespace twinlake::app
