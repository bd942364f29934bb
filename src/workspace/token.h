#pragma once
// Access tokens that expire: fetched when needed, once for all who wait, renewed in time.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/loop.h"
#include "base/result.h"
#include "base/secret.h"
#include "http/message.h"

namespace twinlake::workspace {

struct AccessToken {
  Secret value;
  Time expires{};

  AccessToken() = default;
  AccessToken(Secret text, Time end) : value(std::move(text)), expires(end) {}
};

/// Where tokens for one audience come from.
class TokenOrigin {
 public:
  virtual ~TokenOrigin() = default;
  [[nodiscard]] virtual Task<Result<AccessToken>> fetch() = 0;
};

class TokenCache {
 public:
  TokenCache(Loop& loop, std::unique_ptr<TokenOrigin> origin)
      : loop_(loop), origin_(std::move(origin)), one_at_a_time_(loop, 1) {}
  /// The text of a token that lasts.
  [[nodiscard]] Task<Result<std::string>> get();
  /// Forgets the token if it is still this one: many requests may be refused with the same token.
  void drop(std::string_view used);

 private:
  [[nodiscard]] bool is_fresh() const;
  Loop& loop_;
  std::unique_ptr<TokenOrigin> origin_;
  Semaphore one_at_a_time_;
  AccessToken token_;
  int fetches_ = 0;
  std::optional<Error> last_error_;  ///< of the last fetch
};

/// Which end of a token to believe: what is left of it, or the moment. A managed identity endpoint
/// hands out cached tokens with the lifetime that they once had, so only the moment is right there.
enum class Lifetime { relative, absolute };

/// The token of an answer of Entra ID, Databricks or a managed identity endpoint: `access_token`
/// with `expires_in` or `expires_on`, each a number or a text. Errors never quote the answer's
/// token.
[[nodiscard]] Result<AccessToken> read_token_answer(const http::Request& request,
                                                    const http::Response& response, Time now,
                                                    Lifetime lifetime = Lifetime::relative);
/// The output of `az account get-access-token`.
[[nodiscard]] Result<AccessToken> read_azure_cli_answer(std::string_view output);

}  // namespace twinlake::workspace
