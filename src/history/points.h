#pragma once
// What the history tells: values, no database.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "model/side.h"

namespace twinlake::history {

/// A recovery point: what was in scope of the primary at a moment.
struct Point {
  std::int64_t id = 0;
  Time moment;                           ///< when the reading began
  std::int64_t run = 0;                  ///< of the state
  model::Side side = model::Side::home;  ///< which was primary
  std::string workspace_id;              ///< of that side
  std::int64_t objects = 0;
  std::int64_t changed = 0;  ///< since the point before: new, different or gone
  std::vector<std::string>
      gaps;                 ///< what could not be looked at, and is as the point before had it
  std::string digest = {};  ///< equal where two points of one file have the same objects
};

/// One object of a point.
struct Entry {
  std::int64_t id = 0;
  std::string uuid;
  std::string kind;
  std::string parent_kind;  ///< of a child; else empty
  std::string parent;       ///< uuid
  std::string key;
  std::int64_t form = 0;     ///< 0: only known by its name, so that references to it resolve
  std::int64_t content = 0;  ///< 0: it has none, or it was left out
  bool lacks_content = false;
  std::uint64_t content_size = 0;
};

/// What an object is between two points.
struct Difference {
  std::optional<Entry> before;  ///< none: it came
  std::optional<Entry> after;   ///< none: it went
};

/// Which points stay. The newest one always does. Of those that say the same one after the other
/// the first stays: a watch leaves one every few minutes, and what changed must not be pushed out
/// by what did not.
struct Retention {
  std::int64_t last = 50;    ///< so many of the newest
  std::int64_t daily = 30;   ///< the newest of each of so many days (UTC) that have one
  std::int64_t weekly = 12;  ///< the newest of each of so many weeks that have one
};
/// Ids of those that go. Pure.
[[nodiscard]] std::vector<std::int64_t> outdated(const std::vector<Point>& points,
                                                 const Retention& keep);

struct Pruned {
  std::vector<Point> points;  ///< that went
  std::int64_t blobs = 0;
  std::int64_t bytes_before = 0;  ///< of the file
  std::int64_t bytes_after = 0;
};

struct Checked {
  std::int64_t points = 0;
  std::int64_t objects = 0;  ///< versions of objects
  std::int64_t blobs = 0;
  std::int64_t bytes = 0;           ///< of content, unpacked
  std::vector<std::string> damage;  ///< clauses, each names what it is about
};

}  // namespace twinlake::history
