#pragma once
// The thread behind CurlEngine. Internal to the curl transport.
#include <curl/curl.h>

#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "http/curl_exchange.h"

namespace twinlake::http {

class CurlEngine::Impl {
 public:
  explicit Impl(Loop& loop);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void submit(std::shared_ptr<Exchange> exchange);
  /// Tells that an exchange was abandoned. Harmless after stop().
  void wake();
  void stop();

 private:
  void run();
  void begin(const std::shared_ptr<Exchange>& exchange);
  void end_finished();
  void drop_abandoned();
  void end_all();
  void complete(std::shared_ptr<Exchange> exchange, Result<Response> outcome);

  Loop& loop_;
  CURLM* multi_;
  std::map<CURL*, std::shared_ptr<Exchange>> active_;  // the thread's own

  std::mutex mutex_;  // guards the two below
  std::vector<std::shared_ptr<Exchange>> queue_;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace twinlake::http
