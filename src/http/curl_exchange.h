#pragma once
// One request on libcurl: from Request to an easy handle and back to Result<Response>.
// Internal to the curl transport.
#include <curl/curl.h>

#include <array>
#include <atomic>
#include <coroutine>
#include <memory>
#include <optional>
#include <string>

#include "http/curl_transport.h"

namespace twinlake::http {

/// Shared by the loop's thread (which waits) and the engine's thread (which works): the loop's
/// thread gives it away when it submits it and gets it back with the posted completion.
class Exchange {
 public:
  Exchange(std::shared_ptr<const CurlOptions> options, Request request)
      : options_(std::move(options)), request_(std::move(request)) {}
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // The engine's thread.
  /// A handle ready to be added to the multi handle, or nullptr when memory is short.
  CURL* prepare();
  /// What became of it, once libcurl has ended it.
  Result<Response> finish(CURLcode code);
  /// What became of it when it was stopped before its end.
  [[nodiscard]] Error stopped() const;
  /// Gives the handle back; on the engine's thread, like all that touches it.
  void release();

  // The loop's thread, and the completion.
  Result<Response> outcome;
  std::coroutine_handle<> waiter;
  bool done = false;
  std::atomic<bool> abandoned{false};  ///< nobody waits any more: stop the work

 private:
  void set_connection_options();
  void set_method();
  void set_body();
  void set_headers();
  void add_header(const std::string& line);
  [[nodiscard]] bool has_body() const {
    return !request_.body.empty() || request_.upload != nullptr;
  }
  [[nodiscard]] std::uint64_t body_size() const;
  [[nodiscard]] bool surely_not_sent(CURLcode code) const;
  [[nodiscard]] Error failure(CURLcode code) const;
  [[nodiscard]] Error with_request(Error error) const;
  std::size_t give_body(char* to, std::size_t size);
  std::size_t take_body(const char* from, std::size_t size);
  void take_header(std::string_view line);

  static std::size_t on_read(char* to, std::size_t size, std::size_t count, void* self);
  static int on_seek(void* self, curl_off_t offset, int origin);
  static std::size_t on_write(char* from, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* from, std::size_t size, std::size_t count, void* self);

  std::shared_ptr<const CurlOptions> options_;
  Request request_;
  CURL* easy_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};
  Response response_;
  std::optional<Error> own_error_;  ///< why a callback of ours stopped the transfer
  std::uint64_t given_ = 0;         ///< bytes of the body that libcurl has taken
};

}  // namespace twinlake::http
