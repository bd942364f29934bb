#pragma once
// What was written in the tree is shown by listing its place, once for many objects.
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/delivery.h"
#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"
#include "model/kind.h"
#include "workspace/inventory.h"
#include "workspace/workspace.h"

namespace twinlake::engine {

/// Lists a place when everything that was expected there has been written; where that takes long,
/// also in between, less often each time, so that the number of listings stays far below that of the
/// objects. All waiting is over when run() returns.
class PlaceReader {
 public:
  PlaceReader(Loop& loop, workspace::Workspace& side, std::span<const model::Kind* const> kinds)
      : loop_(loop), side_(side), kinds_(kinds.begin(), kinds.end()), readers_(loop) {}

  /// One more write is to come at this path.
  void expect(const model::Kind& kind, const std::string& path);
  /// It will not come: it failed, or was blocked.
  void give_up(const model::Kind& kind, const std::string& path);
  /// It was made: the object as a listing shows it that began after this call. Fault::not_found when
  /// it is still not there after a while, for the service may show a new object late.
  [[nodiscard]] Task<Result<workspace::Item>> show(const model::Kind& kind, std::string path);
  /// Waits until nothing is being listed any more.
  [[nodiscard]] Task<void> finish() { return readers_.join(); }

 private:
  struct Waiter {
    const model::Kind* kind = nullptr;
    std::string path;
    int looks = 0;
    Delivery<Result<workspace::Item>>* found = nullptr;
  };
  struct Place {
    model::ListPlaceVerb list = nullptr;
    std::string path;
    int expected = 0;
    std::vector<Waiter> waiting;
    bool lingering = false;
    Micros patience{};
  };

  Place& place_of(const model::Kind& kind, const std::string& path);
  void consider(Place& place);
  [[nodiscard]] Task<void> linger(Place* place);
  [[nodiscard]] Task<void> look(Place* place);
  [[nodiscard]] Task<void> look_again(Place* place, std::vector<Waiter> unseen);
  [[nodiscard]] static std::vector<Waiter> hand_out(std::vector<workspace::Item> items, std::vector<Waiter> waiting);

  Loop& loop_;
  workspace::Workspace& side_;
  std::vector<const model::Kind*> kinds_;
  std::map<std::pair<model::ListPlaceVerb, std::string>, Place> places_;
  TaskGroup readers_;
};

}  // namespace twinlake::engine
