#pragma once
#include "base/result.h"
#include "base/task.h"
#include "http/message.h"

namespace twinlake::http {

/// Sends one request to one host. Everything else (retries, limits, credentials, counting) is a
/// decorator over this interface, put together in one place.
///
/// Any HTTP status is an answer here, a 404 too: `classify` gives it meaning. The errors are
/// Fault::network (it surely did not arrive), Fault::in_doubt (it may have arrived and been done),
/// Fault::io (this machine) and Fault::cancelled.
class Transport {
 public:
  virtual ~Transport() = default;
  [[nodiscard]] virtual Task<Result<Response>> send(Request request) = 0;
};

}  // namespace twinlake::http
