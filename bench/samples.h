#pragma once
// Objects of one kind at a time, each with a grant of its own, and what the formula allows for one.
#include <string>
#include <vector>

#include "support/lab.h"

namespace twinlake::bench {

/// Requests by what they are for. Listings of whole kinds do not depend on the number of objects
/// and so fall out of a count per object; those of folders do, one per folder.
struct Requests {
  double listings = 0;
  double reads = 0;  ///< what a listing does not carry: content, or the rest of a definition
  double permission_reads = 0;
  double writes = 0;
  double permission_writes = 0;
  double follow_ups = 0;  ///< terminate and pin
};

struct Sample {
  std::string name;
  Requests first;      ///< the formula for a first sync of one object
  Requests unchanged;  ///< the formula when nothing changed
  void (*fill)(test::Lab& lab, int count);
};

[[nodiscard]] std::vector<Sample> samples();

}  // namespace twinlake::bench
