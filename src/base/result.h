#pragma once
// Expected outcomes are values: a function that can fail for reasons outside the program returns
// Result<T>. Exceptions are kept for what ends the program.
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace twinlake {

/// What went wrong, as a class that callers branch on. Messages are for people only.
enum class Fault {
  not_found,        ///< the object is not there
  already_exists,   ///< a create met an object with the same key
  invalid,          ///< the service refused the request as wrong
  unauthenticated,  ///< no or expired credentials
  forbidden,        ///< credentials without the right
  disabled,         ///< the feature is switched off in that workspace
  throttled,        ///< asked to slow down, and the retries were used up
  unavailable,      ///< the service answered that it cannot serve now
  network,          ///< the request did not reach the service
  in_doubt,         ///< a request that must not be repeated got no answer: it may have been done
  bad_answer,       ///< the answer is not what the API promises (HTML, broken JSON)
  refused,          ///< we refuse: stale plan, locked, wrong role
  config,           ///< the configuration or the command line is wrong
  io,               ///< this machine: files, disk, permissions
  ambiguous,        ///< several candidates, a person must choose
  blocked,          ///< something it depends on is not there
  cancelled,        ///< asked to stop
  bug,              ///< should not happen
};

[[nodiscard]] std::string_view name_of(Fault fault);

/// The facts of a failure. Printers make the sentences (`describe`).
struct Error {
  Fault fault = Fault::bug;
  std::string message;       ///< what happened, one clause, no secrets
  std::string hint;          ///< what to do next; may be empty
  std::string address;       ///< the object, e.g. `job:"nightly load"`; may be empty
  std::string method;        ///< HTTP method; empty when no request was involved
  std::string path;          ///< HTTP path without query values
  int status = 0;            ///< HTTP status, 0 when there was no answer
  std::string service_code;  ///< `error_code` of the answer
  std::string request_id;    ///< to quote to the vendor's support
  int attempts = 0;          ///< how often it was tried
  bool for_now = false;      ///< of Fault::refused: somebody else is at work, and it passes by itself

  Error() = default;
  Error(Fault what, std::string text, std::string what_to_do = {})
      : fault(what), message(std::move(text)), hint(std::move(what_to_do)) {}
};

/// One line for people: the message with the request and the object, then the hint.
[[nodiscard]] std::string describe(const Error& error);

template <class T>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Fault fault, std::string message,
                                                std::string hint = {}) {
  return tl::unexpected<Error>(Error(fault, std::move(message), std::move(hint)));
}
[[nodiscard]] inline tl::unexpected<Error> fail(Error error) {
  return tl::unexpected<Error>(std::move(error));
}
/// Refused while somebody else is at work. Who runs again and again need not stop for that.
[[nodiscard]] inline tl::unexpected<Error> refuse_for_now(std::string message, std::string hint) {
  Error error(Fault::refused, std::move(message), std::move(hint));
  error.for_now = true;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace twinlake

#define TWINLAKE_CONCAT_(a, b) a##b
#define TWINLAKE_CONCAT(a, b) TWINLAKE_CONCAT_(a, b)

// TRY(var, expr): declares `var` with the value of the Result `expr`, or returns its error.
#define TRY(declaration, ...) TRY_(return, TWINLAKE_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)
// CO_TRY: the same inside a coroutine; `expr` may contain co_await.
#define CO_TRY(declaration, ...) \
  TRY_(co_return, TWINLAKE_CONCAT(try_result_, __LINE__), declaration, __VA_ARGS__)
#define TRY_(leave, result, declaration, ...)                          \
  auto result = (__VA_ARGS__);                                         \
  if (!result) leave ::tl::unexpected<::twinlake::Error>(std::move(result).error()); \
  declaration = std::move(*result)

// CHECK(expr): like TRY for a Result whose value is not needed (Result<void> included).
#define CHECK(...) CHECK_(return, TWINLAKE_CONCAT(check_result_, __LINE__), __VA_ARGS__)
#define CO_CHECK(...) CHECK_(co_return, TWINLAKE_CONCAT(check_result_, __LINE__), __VA_ARGS__)
#define CHECK_(leave, result, ...) \
  if (auto result = (__VA_ARGS__); !result) leave ::tl::unexpected<::twinlake::Error>(std::move(result).error())
