#pragma once
// Listeners for people who watch a run. All write to standard error.
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "app/settings.h"
#include "events/events.h"

namespace twinlake::app {

/// What has happened so far; shared by both ways to show it. Pure.
class Tally {
 public:
  struct Row {
    std::size_t planned = 0, finished = 0, failed = 0, in_flight = 0;
    Time began{};  ///< of the first step; a kind that waits for others is not slow
    /// Objects in a second; 0 when it cannot be told yet.
    [[nodiscard]] double rate(Time now) const;
    /// Seconds, from the rate so far; negative when it cannot be told yet.
    [[nodiscard]] double left(Time now) const;
  };
  void planned(const events::Planned& event);
  void started(const events::StepStarted& event, Time now);
  void finished(const events::StepFinished& event, Time now);

  [[nodiscard]] const std::map<std::string, Row>& rows() const { return rows_; }
  [[nodiscard]] Row total() const;
  /// "120 of 700 done, 8 in flight, 1 failed, 34/s, 17 s left"
  [[nodiscard]] static std::string line(const Row& row, Time now);

 private:
  std::map<std::string, Row> rows_;
};

/// A block that is drawn anew in place, at most ten times a second.
class TerminalProgress final : public events::Sink {
 public:
  TerminalProgress(Loop& loop, Style style) : loop_(loop), style_(style) {}
  ~TerminalProgress() override { clear(); }
  TerminalProgress(const TerminalProgress&) = delete;
  TerminalProgress& operator=(const TerminalProgress&) = delete;
  void on(const events::Phase& event) override;
  void on(const events::Planned& event) override;
  void on(const events::StepStarted& event) override;
  void on(const events::StepFinished& event) override;
  void on(const events::Note& event) override;

 private:
  enum class When { now, when_due };
  void draw(When when);
  void clear();
  Loop& loop_;
  Style style_;
  Tally tally_;
  std::string phase_;
  Time drawn_{};
  int lines_ = 0;
};

/// A line for each phase, for each hundred objects and at least every five seconds.
class PlainProgress final : public events::Sink {
 public:
  PlainProgress(Loop& loop, bool every_step) : loop_(loop), every_step_(every_step) {}
  void on(const events::Phase& event) override;
  void on(const events::Planned& event) override;
  void on(const events::StepStarted& event) override { tally_.started(event, loop_.now()); }
  void on(const events::StepFinished& event) override;
  void on(const events::Note& event) override;

 private:
  Loop& loop_;
  bool every_step_;
  Tally tally_;
  Time told_{};
  std::size_t told_at_ = 0;
};

/// The way that fits the output.
[[nodiscard]] std::unique_ptr<events::Sink> make_progress(Loop& loop, const Settings& settings);

}  // namespace twinlake::app
