#include "events/events.h"

namespace twinlake::events {

std::string_view name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::done: return "done";
    case Outcome::failed: return "failed";
    case Outcome::blocked: return "blocked";
    case Outcome::in_doubt: return "in_doubt";
    case Outcome::skipped: return "skipped";
  }
  return "?";
}

}  // namespace twinlake::events
