#pragma once
// What the objects of each point add up to, in one pass over all entries. Inside src/history only.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "history/codec.h"

namespace twinlake::history {

class PointSums {
 public:
  struct Sum {
    Digest digest;
    std::int64_t objects = 0;
  };
  void add(std::int64_t first, std::optional<std::int64_t> last, const std::string& hash,
           std::int64_t objects) {
    events_.push_back({first, true, objects, hash});
    if (last && *last < std::numeric_limits<std::int64_t>::max())
      events_.push_back({*last + 1, false, objects, hash});
    is_sorted_ = false;
  }
  /// Of a point; ask for them in ascending order.
  [[nodiscard]] Sum at(std::int64_t point) {
    if (!is_sorted_) std::ranges::sort(events_, {}, &Event::at);
    is_sorted_ = true;
    for (; next_ < events_.size() && events_[next_].at <= point; ++next_) {
      const Event& event = events_[next_];
      event.comes ? sum_.digest.add(event.hash) : sum_.digest.remove(event.hash);
      sum_.objects += event.comes ? event.objects : -event.objects;
    }
    return sum_;
  }

 private:
  struct Event {
    std::int64_t at;
    bool comes;
    std::int64_t objects;
    std::string hash;
  };
  std::vector<Event> events_;
  std::size_t next_ = 0;
  Sum sum_;
  bool is_sorted_ = true;
};

}  // namespace twinlake::history
