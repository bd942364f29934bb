#pragma once
// Long-running operations of Azure Resource Manager: what an answer to a write means, how to follow
// it up, and what is kept so that another process can go on.
// Sources: Azure/azure-resource-manager-rpc v1.0/async-api-reference.md; "Track asynchronous Azure
// operations" of the Azure documentation; tolerance rules of hashicorp/go-azure-sdk (poller_lro.go)
// and @azure/core-lro.
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "base/result.h"
#include "http/message.h"

namespace twinlake::azure {

class Arm;

/// One write that was accepted. Everything but `answer` survives in JSON (to_json).
struct Operation {
  /// Whom to ask about it.
  enum class Poll {
    finished,  ///< nobody: it has succeeded
    status,    ///< the Azure-AsyncOperation URL: a body with `status`
    location,  ///< the Location URL: 202 while it runs
    resource,  ///< the resource itself: properties.provisioningState, or its absence after a DELETE
  };
  http::Method verb = http::Method::put;
  std::string path;         ///< of the resource or action, without query
  std::string api_version;  ///< of the write
  Poll poll = Poll::finished;
  std::string url;       ///< absolute, as given; empty for Poll::resource
  std::string result;    ///< of a POST with Azure-AsyncOperation: where its result will be
  Time started{};        ///< when the write was accepted
  Time next{};           ///< not to be asked before
  double percent = -1;   ///< as the service tells; negative: it does not
  int failed_reads = 0;  ///< how often in a row its state could not be read
  int absent_reads = 0;  ///< how often in a row the answer was 404
  std::string answer;    ///< JSON text of the last body; "" when there was none

  [[nodiscard]] bool finished() const { return poll == Poll::finished; }
};
[[nodiscard]] std::string_view name_of(Operation::Poll poll);

[[nodiscard]] nlohmann::json to_json(const Operation& operation);
/// Fault::invalid when the text is not one of to_json().
[[nodiscard]] Result<Operation> operation_from(const nlohmann::json& kept);

/// The three ends of ARM, compared without case; "Cancelled" is accepted too. No state at all is a
/// success: resources without provisioningState are made at once.
enum class Ending { running, succeeded, failed, cancelled };
[[nodiscard]] Ending ending_of(std::string_view state);

/// What a successful answer to a write begins. A POST that was accepted without a word about where
/// to ask for its end is Fault::in_doubt. `host` is the one of ARM: a URL to poll elsewhere is
/// not followed, because the token would go with it; the resource is asked instead.
[[nodiscard]] Result<Operation> operation_begun(http::Method verb, const std::string& path,
                                                const std::string& api_version,
                                                const http::Response& response, Time now,
                                                std::string_view host);

/// Takes one answer to a poll into account. An error is the end: the operation failed or was
/// cancelled (its code in service_code), or its state could not be read for too long
/// (Fault::in_doubt: it may go on, and may be asked again later).
[[nodiscard]] Result<void> take_poll(Operation& operation, const Result<http::Response>& polled,
                                     Time now, std::string_view host);

struct Patience {
  /// Terraform gives a workspace 30 minutes; one more operation may stand before it.
  Micros limit = std::chrono::minutes(60);
  /// Called after each answer: to keep the operation, and to show how far it is.
  std::function<void(const Operation&)> watch = {};
  /// Asked before each wait and during it: true ends with Fault::cancelled. The operation goes on
  /// at the service.
  std::function<bool()> stop = {};
};

/// Waits, but no longer than until `stop`, which may be empty, says true: the service asks for
/// pauses of up to ten minutes, and whoever presses Ctrl-C does not want to wait for their end.
[[nodiscard]] Task<void> pause_until(Loop& loop, Time until, std::function<bool()> stop);

/// Follows it to its end. The value is the resource after PUT and PATCH, the result of a POST, and
/// an empty object after DELETE.
[[nodiscard]] Task<Result<nlohmann::json>> complete(Arm& arm, Operation operation,
                                                    Patience patience);

}  // namespace twinlake::azure
