#pragma once
// What a sync sees of the primary becomes a recovery point. A run is never ended by it: when the history cannot
// be written, this run leaves no point, and says so.
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/report.h"
#include "history/history.h"
#include "model/literals.h"
#include "workspace/content_witness.h"

namespace twinlake::engine {

struct RecorderOptions {
  model::LiteralRules literals;
  std::uint64_t max_file = std::uint64_t{10} << 20U;  ///< bytes: content that is larger is left out
  history::Retention keep;
};

class Recorder final : public workspace::ContentWitness {
 public:
  Recorder(history::History& history, RecorderOptions options) : history_(history), options_(std::move(options)) {}

  /// A pass begins; `world` must outlive it.
  void begin(const World& world);
  /// Content that was not read yet: it passes by when it is copied, or nobody reads it for the history alone.
  enum class Unread { comes, is_left_out };
  /// An object of the primary, in its canonical form. Before the planner changes it.
  void saw(const Pair& pair, const nlohmann::json& form, Unread content = Unread::comes);
  [[nodiscard]] std::uint64_t most_bytes() const override { return options_.max_file; }
  void saw_read(const std::string& id, const workspace::Content& content, const nlohmann::json& told) override;
  void saw_copied(const std::string& id, const workspace::Content& content, const nlohmann::json& told) override;

  /// Planned. What the plan did not look at, and the newest point has not either or otherwise, is looked at afterwards:
  /// what was listed of it is taken over.
  void decided(const Pair& pair);

  /// An object that has to be looked at for the history alone.
  struct Missed {
    std::size_t position = 0;  ///< among the pairs
    nlohmann::json raw;        ///< as listed; null for what comes late
  };
  /// Those, and what comes late and was not looked at after all, and what was not copied after all.
  [[nodiscard]] std::vector<Missed> missed();
  /// Something could not be read for the history.
  void could_not_read(const Pair& pair);

  /// Is its content read for the history alone? Else it is kept as it was listed, and its content comes in when it
  /// is copied or compared anyway.
  [[nodiscard]] static bool is_worth_reading(const model::Kind& kind);

  /// Makes the point, and removes those that are outdated.
  void finish(const World& world, history::Point point, SyncReport* report);
  /// This run leaves no point any more; nothing is worth reading for it.
  [[nodiscard]] bool has_failed() const { return trouble_.has_value(); }

 private:
  [[nodiscard]] bool is_known(const Pair& pair);
  void complete(const std::string& id, const workspace::Content& content, const nlohmann::json& told);
  void keep(const workspace::Content& content, const std::string& sha256);
  void keep_names(const World& world);
  /// Runs `work`; a failure of the history ends the recording and not the run.
  void guarded(const std::function<void()>& work);

  history::History& history_;
  RecorderOptions options_;
  const World* world_ = nullptr;
  std::vector<bool> seen_;  ///< by position of the pair
  std::vector<Missed> missed_;
  std::vector<std::string> gaps_;
  std::size_t unread_ = 0;
  std::set<std::string> withheld_;  ///< hashes of contents with what looks like a secret, which are not kept in clear
  std::optional<Error> trouble_;
};

}  // namespace twinlake::engine
