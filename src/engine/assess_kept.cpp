// An object whose source is what was kept of it.
#include <nlohmann/json.hpp>

#include "engine/assess.h"
#include "engine/left_out.h"

namespace twinlake::engine {

using nlohmann::json;

/// What was kept of it, where that is the source.
bool Assessor::read_kept(const Pair& pair, Assessment& result) {
  auto form = options_.source(pair);
  if (!form) {
    Verdict& verdict = result.verdict;
    verdict.stop = Stop::failed;
    verdict.standing = Standing::unknown;
    verdict.because = what_happened(form.error());
    verdict.what_to_do = form.error().hint;
    verdict.spoils = true;
    return false;
  }
  const json* current = nullptr;
  model::Canonical there;
  if (pair.secondary != nullptr) {
    there = model::canonical(*pair.kind, pair.secondary->raw, context_on(world_, false));
    current = there.form.get();
  }
  for (const std::string& place : fill_left_out(*pair.kind, *form, current))
    findings_.push_back(model::Finding{pair.address(), "had a secret at " + place + ", which no recovery point keeps; it comes back without it",
                                       "Write it there afterwards"});
  result.primary.uses = model::uses_of(*pair.kind, *form, context_on(world_, true));
  result.primary.form = std::make_shared<json>(std::move(*form));
  return true;
}

}  // namespace twinlake::engine
