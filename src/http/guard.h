#pragma once
// The last word on what a run may do to a side (rules 1 and 6 of the design): `plan` only reads,
// the side with the primary role is only read. Outermost, so that nothing forbidden gets any
// further.
#include <string>

#include "http/transport.h"

namespace twinlake::http {

class EffectGuard final : public Transport {
 public:
  /// `why` completes "refused: ...", e.g. "home has the primary role".
  EffectGuard(Transport& inner, Effect allowed, std::string why)
      : inner_(inner), allowed_(allowed), why_(std::move(why)) {}
  [[nodiscard]] Task<Result<Response>> send(Request request) override;
  /// Roles turn within a failover; the steps that do it say so here.
  void allow(Effect allowed, std::string why);
  /// Besides, something may be run there, although it may not be written to: the operator said so.
  void allow_execution() { may_execute_ = true; }
  [[nodiscard]] Effect allowed() const { return allowed_; }

 private:
  Transport& inner_;
  Effect allowed_;
  std::string why_;
  bool may_execute_ = false;
};

}  // namespace twinlake::http
