#pragma once
// What happened, as values. The terminal, JSON lines and logs are listeners; the journal is not one:
// it is written in the transaction.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "base/result.h"

namespace twinlake::events {

enum class Outcome { done, failed, blocked, in_doubt, skipped };
[[nodiscard]] std::string_view name_of(Outcome outcome);

struct Phase {
  std::string name;  ///< "reading both sides", "applying", ...
};
struct Planned {
  std::string kind;
  std::size_t steps = 0;
};
struct StepStarted {
  std::string kind;
  std::string address;
  std::string action;
};
struct StepFinished {
  std::string kind;
  std::string address;
  std::string action;
  Outcome outcome = Outcome::done;
  std::string message;  ///< the cause when it was not done
};
struct Note {
  std::string message;
};

/// Listens. Called on the loop's thread; must not block.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void on(const Phase&) {}
  virtual void on(const Planned&) {}
  virtual void on(const StepStarted&) {}
  virtual void on(const StepFinished&) {}
  virtual void on(const Note&) {}
};

}  // namespace twinlake::events
