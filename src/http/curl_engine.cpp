#include "http/curl_engine.h"

#include <stdexcept>

namespace twinlake::http {

namespace {
constexpr long max_connections_per_host = 64;
constexpr long max_idle_connections = 128;

CURLM* new_multi() {
  // Not thread-safe in itself; a static makes it happen once, before any thread of ours.
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM* const multi = ready == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi == nullptr) throw std::runtime_error("libcurl cannot be initialised");
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, max_connections_per_host);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, max_idle_connections);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  return multi;
}
}  // namespace

CurlEngine::CurlEngine(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}
CurlEngine::~CurlEngine() { impl_->stop(); }

CurlEngine::Impl::Impl(Loop& loop) : loop_(loop), multi_(new_multi()), thread_([this] { run(); }) {}

CurlEngine::Impl::~Impl() {
  stop();
  curl_multi_cleanup(multi_);
}

void CurlEngine::Impl::submit(std::shared_ptr<Exchange> exchange) {
  loop_.external_work_started();
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(exchange));
  }
  curl_multi_wakeup(multi_);
}

void CurlEngine::Impl::wake() { curl_multi_wakeup(multi_); }

void CurlEngine::Impl::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  curl_multi_wakeup(multi_);
  if (thread_.joinable()) thread_.join();
}

void CurlEngine::Impl::run() {
  for (;;) {
    std::vector<std::shared_ptr<Exchange>> fresh;
    bool stopping = false;
    {
      const std::lock_guard lock(mutex_);
      fresh.swap(queue_);
      stopping = stopping_;
    }
    for (const auto& exchange : fresh) begin(exchange);
    if (stopping) break;
    drop_abandoned();
    int running = 0;
    curl_multi_perform(multi_, &running);
    end_finished();
    curl_multi_poll(multi_, nullptr, 0, 1000, nullptr);
  }
  end_all();
}

void CurlEngine::Impl::begin(const std::shared_ptr<Exchange>& exchange) {
  CURL* const easy = exchange->prepare();
  if (easy == nullptr || curl_multi_add_handle(multi_, easy) != CURLM_OK) {
    complete(exchange, fail(Fault::io, "libcurl cannot take another request"));
    return;
  }
  active_.emplace(easy, exchange);
}

void CurlEngine::Impl::end_finished() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    // The message dies with the removal of its handle.
    CURL* const easy = message->easy_handle;
    const CURLcode code = message->data.result;
    auto found = active_.find(easy);
    if (found == active_.end()) continue;
    const std::shared_ptr<Exchange> exchange = std::move(found->second);
    active_.erase(found);
    auto outcome = exchange->finish(code);
    curl_multi_remove_handle(multi_, easy);
    complete(exchange, std::move(outcome));
  }
}

void CurlEngine::Impl::drop_abandoned() {
  for (auto at = active_.begin(); at != active_.end();) {
    if (!at->second->abandoned.load()) {
      ++at;
      continue;
    }
    curl_multi_remove_handle(multi_, at->first);
    complete(at->second, fail(at->second->stopped()));
    at = active_.erase(at);
  }
}

void CurlEngine::Impl::end_all() {
  for (auto& [easy, exchange] : active_) {
    curl_multi_remove_handle(multi_, easy);
    complete(exchange, fail(exchange->stopped()));
  }
  active_.clear();
}

void CurlEngine::Impl::complete(std::shared_ptr<Exchange> exchange, Result<Response> outcome) {
  exchange->outcome = std::move(outcome);
  exchange->release();
  loop_.post([&loop = loop_, exchange = std::move(exchange)] {
    loop.external_work_finished();
    exchange->done = true;
    // Resumed here and not queued: a queued handle could outlive its coroutine.
    if (exchange->waiter) std::exchange(exchange->waiter, {}).resume();
  });
}

}  // namespace twinlake::http
