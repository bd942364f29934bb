#include "app/remedy.h"

namespace twinlake::app {

std::string remedy_of(const engine::ObjectReport& object) {
  if (!object.what_to_do.empty()) return object.what_to_do;
  if (object.outcome == "failed")
    return "Remove the cause, on the primary where the object itself is wrong, and sync again";
  if (object.outcome == "in_doubt")
    return "Sync again: it looks whether this was done, and makes nothing twice";
  if (object.outcome == "blocked")
    return "Look at what it waits for; the next sync does this one when that one is there";
  if (object.outcome == "skipped") return "Sync again: it goes on from here";
  return object.outcome == "done" ? "" : "Look at both objects, and sync again";
}

}  // namespace twinlake::app
