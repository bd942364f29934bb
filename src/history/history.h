#pragma once
// Recovery points of one failover group, in one SQLite file beside the state. What did not change
// between two points lies there once (ADR 0032).
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "history/points.h"

namespace twinlake::history {

/// An object of the primary as it was just read.
struct Observed {
  std::string uuid = {};
  std::string kind = {};
  std::string parent_kind = {};
  std::string parent = {};
  std::string key = {};
  std::string form = {};       ///< JSON text; empty: only its name is kept
  std::string content = {};    ///< SHA-256 in hex of content that was put; empty: it has none
  bool lacks_content = false;  ///< it has, and it was left out
  std::string mark = {};       ///< how its listing tells that it changed; empty: it cannot
  std::string waits_for = {};  ///< id on the primary of an object whose content is still to come
};

/// What becomes of the objects that no listing of this run showed, or of which it showed no more.
enum class Fate {
  there,
  gone,
  unknown,  ///< its listing failed: it stays as it was
};

class History {
 public:
  /// Opens or creates `<folder>/<group>.history.db`, for its owner only. An empty key: what lies
  /// there is not encrypted. Fault::refused when the file has another key, or none, or one that was
  /// not given. `memory` as folder: nothing on disk.
  static Result<std::unique_ptr<History>> open(const std::string& folder, const std::string& group,
                                               const Secret& key);
  [[nodiscard]] static bool exists(const std::string& folder, const std::string& group);
  ~History();
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  // All below throw state::StateFailure when the file can no longer be written or read.

  /// How the listing told of an object when it was read last; nothing: it never was.
  [[nodiscard]] std::optional<std::string> mark_of(const std::string& uuid);
  using Take = std::function<void(std::string_view)>;
  /// Keeps bytes under their SHA-256, unless they are there. `feed` gives them piece by piece.
  void put_content(const std::string& sha256, std::uint64_t size,
                   const std::function<void(const Take&)>& feed);
  [[nodiscard]] bool has_content(const std::string& sha256) {
    return content_named(sha256).has_value();
  }
  /// For read_content().
  [[nodiscard]] std::optional<std::int64_t> content_named(const std::string& sha256);
  /// Becomes part of the next point. Cheap when it is what the newest point has.
  void observe(const Observed& object);
  /// The object that waits for content of that id, to be observed again with it.
  [[nodiscard]] std::optional<Observed> waiting_for(const std::string& item_id);
  /// All that still wait; they do not become part of a point.
  [[nodiscard]] std::vector<Observed> waiting();
  /// Makes a point of what was observed: all of it or nothing. `fate`: of each object that the
  /// newest point has. `point`: moment, run, side, workspace and gaps.
  Point commit(Point point, const std::function<Fate(const Entry&)>& fate);
  /// Writes down what was put and observed so far.
  void flush();

  [[nodiscard]] std::vector<Point> points();  ///< the newest first
  /// By number, `latest`, or a moment: the newest one until then.
  [[nodiscard]] Result<Point> find(const std::string& name);
  [[nodiscard]] std::vector<Entry> entries(std::int64_t point);
  [[nodiscard]] std::vector<Difference> differences(std::int64_t before, std::int64_t after);
  /// The JSON text. Fault::io: it is damaged.
  [[nodiscard]] Result<std::string> form(const Entry& entry);
  /// Gives the bytes piece by piece, each of which was verified.
  [[nodiscard]] Result<void> read_content(std::int64_t content, const Take& take);
  [[nodiscard]] std::int64_t bytes_on_disk();
  [[nodiscard]] bool is_encrypted() const;

  /// `dry_run`: only tells.
  enum class Prune { now, dry_run };
  Pruned prune(const Retention& keep, Prune how);
  /// Reads everything. What is wrong is named; nothing is mended.
  [[nodiscard]] Checked check();
  /// Writes everything anew with another key, or without one, and puts it in the place of the old.
  static Result<void> change_key(const std::string& folder, const std::string& group,
                                 const Secret& old_key, const Secret& new_key);

 private:
  struct Impl;
  explicit History(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace twinlake::history
