#pragma once
// Who looks at the content that passes through memory anyway, and who gives it in place of a side.
#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "base/task.h"

namespace twinlake::workspace {

class Content;

/// Sees the content of one side. `id`: what that side calls the object. `told`: what a read of the
/// content adds to its item ("content_sha256", and "format" of a notebook).
class ContentWitness {
 public:
  virtual ~ContentWitness() = default;
  /// What is larger need not be kept together for it where it passes block by block.
  [[nodiscard]] virtual std::uint64_t most_bytes() const = 0;
  /// It was read to compare it; the object is looked at afterwards.
  virtual void saw_read(const std::string& id, const Content& content,
                        const nlohmann::json& told) = 0;
  /// It was read to copy it; the object was looked at before.
  virtual void saw_copied(const std::string& id, const Content& content,
                          const nlohmann::json& told) = 0;
};

/// Gives the content of objects where no workspace is asked for it.
class ContentSource {
 public:
  virtual ~ContentSource() = default;
  /// `definition`: of the write that it is for.
  [[nodiscard]] virtual Task<Result<Content>> content(nlohmann::json definition) = 0;
};

}  // namespace twinlake::workspace
