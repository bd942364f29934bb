#pragma once
// A small cluster of our own, for what no API tells or does: started when it is first needed,
// deleted at the end of the run.
#include <functional>
#include <optional>
#include <string>

#include "base/loop.h"
#include "base/result.h"
#include "base/task.h"

namespace twinlake::workspace {

class Workspace;

/// The tag of our clusters; its value says whose they are (HelperOptions::owner).
inline constexpr const char* helper_tag = "twinlake-helper";

struct HelperOptions {
  std::string owner;       ///< of which failover group and which two workspaces; never empty
  std::string cluster_id;  ///< a running cluster to use instead; it is neither started nor stopped
  std::string node_type;   ///< empty: the smallest that the region offers
  std::string runtime;     ///< empty: the newest with long-term support
  Micros start_deadline = std::chrono::minutes(20);
};

/// Told before something that costs is started and when it is gone, so that a later run can find
/// what a killed one left.
struct HelperJournal {
  std::function<void()> starting;
  std::function<void()> gone;
};

/// "a cluster of one Standard_DS3_v2", "the cluster 0412-091500-abcd123", for people.
[[nodiscard]] std::string describe(const HelperOptions& options);
/// What using it costs, a sentence for people.
[[nodiscard]] std::string cost_of(const HelperOptions& options);

class HelperCluster {
 public:
  HelperCluster(Workspace& side, HelperOptions options, HelperJournal journal);

  /// What the Python code prints; see run_python(). The first call waits for the cluster, which is
  /// tried once: when it does not start, every call says why.
  [[nodiscard]] Task<Result<std::string>> run(std::string code, Micros deadline);
  /// Deletes all clusters of this owner, those that killed runs left too.
  [[nodiscard]] Task<Result<void>> close();
  /// May one of ours be running?
  [[nodiscard]] bool is_open() const { return started_; }
  /// Ran something already, so that running more costs nothing.
  [[nodiscard]] bool is_ready() const { return cluster_ && cluster_->has_value(); }

 private:
  [[nodiscard]] Task<Result<std::string>> ready();
  [[nodiscard]] Task<Result<std::string>> start();
  [[nodiscard]] Task<Result<void>> wait_until_running(std::string id);

  Workspace& side_;
  HelperOptions options_;
  HelperJournal journal_;
  Semaphore turn_;      ///< the first one starts the cluster, the others wait for it
  Semaphore commands_;  ///< a small machine runs a few at a time
  std::optional<Result<std::string>> cluster_;
  bool started_ = false;
};

}  // namespace twinlake::workspace
