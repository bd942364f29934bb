#pragma once
// A step of provisioning as it is kept, so that a run that was killed goes on with what it began.
#include <optional>
#include <string>

#include "base/loop.h"

namespace twinlake::state {

struct ProvisionStep {
  std::string target;  ///< ARM id of the resource; compared without case
  std::string name;    ///< "workspace", ...; see azure/provision.h
  Time started = {};
  std::optional<Time> ended = {};
  std::string outcome = {};    ///< done | failed | refused; empty: its end is not known
  std::string operation = {};  ///< JSON text of an operation to follow; empty: none is known
  std::string detail = {};     ///< for people, without secrets
  int salt = 0;                ///< of the names that were made for it
};

}  // namespace twinlake::state
