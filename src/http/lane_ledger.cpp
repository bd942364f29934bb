#include "http/lane_ledger.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <type_traits>

#include "base/hash.h"

namespace twinlake::http {

namespace {

static_assert(std::is_trivially_copyable_v<LaneRecord>, "it is read from and written to a file");

struct Header {
  std::array<char, 16> magic{};
  std::array<char, 48> boot{};  ///< times of another boot mean nothing now
  std::uint64_t lanes = 0;
  std::uint64_t record_size = sizeof(LaneRecord);
  bool operator==(const Header&) const = default;
};

Header header_for(std::size_t lanes) {
  Header header;
  std::strncpy(header.magic.data(), "twinlake lanes1", header.magic.size() - 1);
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string boot;
  std::getline(file, boot);
  std::strncpy(header.boot.data(), boot.c_str(), header.boot.size() - 1);
  header.lanes = lanes;
  return header;
}

/// The loop's time follows the wall clock from the start of the process; what processes have in
/// common is the steady one.
Micros offset_of(const Loop& loop) {
  if (loop.clock() == Loop::Clock::virtual_time) return Micros(0);
  const auto steady = std::chrono::steady_clock::now().time_since_epoch();
  return loop.now().time_since_epoch() - std::chrono::duration_cast<Micros>(steady);
}

/// Closes what it holds.
class OpenFile {
 public:
  OpenFile() = default;
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  OpenFile& operator=(OpenFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  [[nodiscard]] int number() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  [[nodiscard]] bool is_removed() const {
    struct stat facts{};
    return fstat(descriptor_, &facts) != 0 || facts.st_nlink == 0;
  }

 private:
  int descriptor_ = -1;
};

class SharedLedger final : public LaneLedger {
 public:
  SharedLedger(const Loop& loop, std::span<const Lane> table, SharedLedgerOptions options)
      : options_(std::move(options)),
        header_(header_for(table.size())),
        alone_(table.size()),
        offset_(offset_of(loop)) {}

  void visit(std::size_t lane, const std::function<void(LaneRecord&)>& look) override {
    if (is_lost_ || !lock()) return alone_.visit(lane, look);
    LaneRecord record;
    const bool is_read = read_header() && read_record(lane, record);
    if (is_read) look(record);
    const bool is_kept = is_read && write_at(place_of(lane), record);
    flock(file_.number(), LOCK_UN);
    if (is_kept) return;
    give_up("cannot be read or written");
    if (!is_read) alone_.visit(lane, look);
  }

  [[nodiscard]] Time shared(Time now) const override { return now - offset_; }

 private:
  static off_t place_of(std::size_t lane) {
    return static_cast<off_t>(sizeof(Header) + lane * sizeof(LaneRecord));
  }

  /// False: this time without the others.
  bool lock() {
    if (file_.is_open() && file_.is_removed()) file_ = OpenFile();
    if (!file_.is_open()) {
      file_ = OpenFile(open(options_.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
      is_checked_ = false;
    }
    if (!file_.is_open()) {
      give_up(std::string("cannot be opened: ") + std::strerror(errno));
      return false;
    }
    // Held for microseconds. Who was stopped while holding it must not stop the others.
    for (int attempt = 0; attempt < 200; ++attempt) {
      if (flock(file_.number(), LOCK_EX | LOCK_NB) == 0) return true;
      if (errno != EWOULDBLOCK && errno != EINTR) break;
      sched_yield();
    }
    return false;
  }

  void give_up(const std::string& why) {
    if (!is_lost_ && options_.on_trouble) options_.on_trouble(options_.file + " " + why);
    is_lost_ = true;
  }

  /// A new file, one of an earlier boot, or one that somebody damaged begins anew.
  bool read_header() {
    if (is_checked_) return true;
    Header found;
    const bool is_ours =
        pread(file_.number(), &found, sizeof found, 0) == sizeof found && found == header_;
    if (!is_ours)
      if (ftruncate(file_.number(), 0) != 0 || !write_at(0, header_)) return false;
    is_checked_ = true;
    return true;
  }

  bool read_record(std::size_t lane, LaneRecord& record) {
    const ssize_t length = pread(file_.number(), &record, sizeof record, place_of(lane));
    if (length != sizeof record) record = LaneRecord();  // not written yet
    return length >= 0;
  }

  template <class T>
  bool write_at(off_t place, const T& value) {
    return pwrite(file_.number(), &value, sizeof value, place) == sizeof value;
  }

  SharedLedgerOptions options_;
  Header header_;
  OwnLedger alone_;
  Micros offset_;
  OpenFile file_;
  bool is_checked_ = false;
  bool is_lost_ = false;
};

}  // namespace

std::unique_ptr<LaneLedger> make_shared_ledger(const Loop& loop, std::span<const Lane> table,
                                               SharedLedgerOptions options) {
  return std::make_unique<SharedLedger>(loop, table, std::move(options));
}

std::string shared_ledger_name(const std::string& workspace, std::span<const Lane> table) {
  std::string lanes;
  for (const Lane& lane : table)
    lanes += std::string(lane.name) + " " + std::to_string(lane.per_second) + "\n";
  const bool is_id = !workspace.empty() && workspace.size() <= 32 &&
                     workspace.find_first_not_of("0123456789") == std::string::npos;
  const std::string name = is_id ? workspace : sha256_hex(workspace).substr(0, 20);
  return name + "-" + sha256_hex(lanes).substr(0, 8) + ".lanes";
}

}  // namespace twinlake::http
