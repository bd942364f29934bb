#include "simulation/shrink.h"

#include <algorithm>

namespace twinlake::simulation {

namespace {

History without(const History& history, std::size_t from, std::size_t count) {
  History rest = history;
  const auto begin = rest.operations.begin() + static_cast<std::ptrdiff_t>(from);
  rest.operations.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(count, rest.operations.size() - from)));
  return rest;
}

}  // namespace

History shrink(History failing, const Fails& fails, int most_runs) {
  std::size_t size = std::max<std::size_t>(1, failing.operations.size() / 2);
  while (most_runs > 0) {
    bool was_shortened = false;
    // From the end: what comes after the failure goes at once.
    for (std::size_t end = failing.operations.size(); end > 0 && most_runs > 0;) {
      const std::size_t from = end > size ? end - size : 0;
      --most_runs;
      History shorter = without(failing, from, end - from);
      if (fails(shorter)) {
        failing = std::move(shorter);
        was_shortened = true;
      }
      end = from;
    }
    if (!was_shortened && size == 1) break;
    if (!was_shortened || size > failing.operations.size()) size = std::max<std::size_t>(1, size / 2);
  }
  return failing;
}

}  // namespace twinlake::simulation
