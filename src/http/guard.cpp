#include "http/guard.h"

namespace twinlake::http {

namespace {
std::string_view word(Effect effect) {
  switch (effect) {
    case Effect::reads: return "reads";
    case Effect::writes: return "writes";
    case Effect::executes: return "runs something";
  }
  return "?";
}

/// A row of data that calls a write a read must not get past the guard.
Effect true_effect(const Request& request) {
  const bool changes = request.method == Method::put || request.method == Method::patch ||
                       request.method == Method::del;
  return changes && request.effect == Effect::reads ? Effect::writes : request.effect;
}
}  // namespace

void EffectGuard::allow(Effect allowed, std::string why) {
  allowed_ = allowed;
  why_ = std::move(why);
}

Task<Result<Response>> EffectGuard::send(Request request) {
  const Effect effect = true_effect(request);
  const bool is_allowed = effect == Effect::executes
                              ? may_execute_ || allowed_ == Effect::executes
                              : static_cast<int>(effect) <= static_cast<int>(allowed_);
  if (!is_allowed) {
    Error error(Fault::refused, "not sent, it " + std::string(word(effect)) + ": " + why_);
    error.method = std::string(name_of(request.method));
    error.path = request.path;
    co_return fail(std::move(error));
  }
  co_return co_await inner_.send(std::move(request));
}

}  // namespace twinlake::http
