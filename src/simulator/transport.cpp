#include "simulator/transport.h"

#include <system_error>

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
Error failure(Fault fault, std::string message, const http::Request& request) {
  Error error(fault, std::move(message));
  error.method = http::name_of(request.method);
  error.path = request.path;
  return error;
}

/// The connection broke after the request was sent: nobody can tell whether it was done.
Error broken(const http::Request& request, const char* how) {
  const Fault fault = request.repeat == http::Repeat::unsafe ? Fault::in_doubt : Fault::network;
  return failure(fault, how, request);
}

/// A request whose body lies in a file gets it into memory: the region knows only text.
std::optional<Error> load_upload(http::Request& request) {
  if (!request.upload) return std::nullopt;
  try {
    request.body = bytes_of(request);
  } catch (const std::system_error& problem) {
    return failure(Fault::io, problem.what(), request);
  }
  request.upload.reset();
  return std::nullopt;
}

std::optional<Error> spool_answer(const http::Request& request, http::Response& response) {
  if (request.spool_answer_in.empty() || !response.ok()) return std::nullopt;
  try {
    response.file = http::SpoolFile::create(request.spool_answer_in);
    response.file->append(response.body);
  } catch (const std::system_error& problem) {
    return failure(Fault::io, problem.what(), request);
  }
  response.body.clear();
  return std::nullopt;
}

std::int64_t micros_of(Time time) { return time.time_since_epoch().count(); }
}  // namespace

Task<Result<http::Response>> InProcessTransport::send(http::Request request) {
  if (auto problem = load_upload(request)) co_return fail(std::move(*problem));
  const Micros half = std::chrono::duration_cast<Micros>(latency_) / 2;
  const InFlight in_flight(host_);
  co_await loop_.sleep(half);
  Outcome outcome = host_.serve(request, micros_of(loop_.now()));
  const Micros back = half + std::chrono::duration_cast<Micros>(outcome.extra_delay);
  co_await loop_.sleep(back);
  switch (outcome.delivery) {
    case Delivery::answer: break;
    case Delivery::unreachable:
      co_return fail(
          failure(Fault::network, "no connection: " + host_.label() + " is lost", request));
    case Delivery::lost_before_work:
    case Delivery::lost_after_work:
      co_return fail(broken(request, "the connection broke before the answer came"));
    case Delivery::truncated: co_return fail(broken(request, "the answer broke off in the middle"));
  }
  if (request.method == http::Method::head) outcome.response.body.clear();
  if (auto problem = spool_answer(request, outcome.response)) co_return fail(std::move(*problem));
  co_return std::move(outcome.response);
}

}  // namespace twinlake::simulator
