#pragma once
// The disk under the state: SQLite writes through it, and it can be full, or the machine can die in the middle of a write.
#include <functional>
#include <optional>

namespace twinlake::simulation {

class StateDisk {
 public:
  /// Becomes what SQLite opens files with, until it goes. One at a time.
  StateDisk();
  ~StateDisk();
  StateDisk(const StateDisk&) = delete;
  StateDisk& operator=(const StateDisk&) = delete;

  enum class Trouble {
    full,  ///< nothing more can be written, everything can be read
    dead,  ///< nothing reaches the disk any more: the machine has no power
  };
  /// After so many more writes. `told` is called once, when it comes to that.
  void break_after(unsigned writes, Trouble trouble, std::function<void()> told);
  /// What was broken works again.
  void mend();
  [[nodiscard]] bool is_broken() const { return is_broken_; }

  /// For SQLite's calls: an error code of SQLite, or 0.
  int before_write();
  int before_sync();

 private:
  std::optional<unsigned> left_;
  Trouble trouble_ = Trouble::full;
  bool is_broken_ = false;
  std::function<void()> told_;
};

}  // namespace twinlake::simulation
