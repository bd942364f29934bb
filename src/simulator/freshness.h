#pragma once
// Eventual consistency: the first read of an object that was just made answers as if it was not
// there.
#include <optional>
#include <set>
#include <string>

#include "simulator/router.h"

namespace twinlake::simulator {

class Freshness {
 public:
  /// Remembers what a create made: the ids in its answer, or the path it was given.
  void created(const http::Request& request, const http::Response& response);
  /// True once for each object made: the read must answer 404.
  [[nodiscard]] bool hides(const http::Request& request);

 private:
  std::set<std::string> fresh_;
};

}  // namespace twinlake::simulator
