#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "state/database.h"
#include "state/descriptor.h"
#include "state/store.h"

namespace twinlake::state {

namespace {

constexpr int nothing_to_lock = -1;

std::string owner_of(const Descriptor& file) {
  std::string text(200, '\0');
  const ssize_t length = pread(file.number(), text.data(), text.size(), 0);
  text.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text.empty() ? "another process" : text;  // it may not have signed yet
}

Result<void> sign(const Descriptor& file, const std::string& path) {
  // Real time even when a loop's time is virtual: this is about processes of this machine.
  const Time now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
  const std::string text =
      "process " + std::to_string(getpid()) + ", since " + to_rfc3339(now) + "\n";
  if (ftruncate(file.number(), 0) != 0) return fail(file_error("cannot write", path, errno));
  const ssize_t written = pwrite(file.number(), text.data(), text.size(), 0);
  if (written < 0) return fail(file_error("cannot write", path, errno));
  return {};
}

}  // namespace

Result<LocalLock> LocalLock::take(const std::string& folder, const std::string& group) {
  CHECK(prepare_folder(folder, group));
  if (folder == memory_folder) return LocalLock(nothing_to_lock);
  const std::string path = folder + "/" + group + ".lock";
  Descriptor file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return fail(file_error("cannot open", path, errno));
  if (flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(file_error("cannot lock", path, errno));
    return refuse_for_now("another run of `" + group + "` is under way (" + owner_of(file) + ")",
                          "Wait until it has finished, or end that process");
  }
  CHECK(sign(file, path));
  return LocalLock(file.release());
}

std::optional<std::string> LocalLock::owner(const std::string& folder, const std::string& group) {
  const std::string path = folder + "/" + group + ".lock";
  const Descriptor file(open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) return std::nullopt;
  // A shared lock that is had means that nobody has the whole; it goes with the descriptor. Whoever
  // takes the lock in just that moment is refused, and comes again.
  if (flock(file.number(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return std::nullopt;
  return owner_of(file);
}

LocalLock::LocalLock(LocalLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, nothing_to_lock)) {}

// The file stays: removing it would let a third process lock a new one while a second holds the
// old.
LocalLock::~LocalLock() {
  if (descriptor_ != nothing_to_lock) close(descriptor_);
}

}  // namespace twinlake::state
