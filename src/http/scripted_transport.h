#pragma once
// For tests: a Transport that answers from a list, in virtual time. A real implementation of the
// interface, so that decisions above it can be tried without a network.
#include <deque>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "http/transport.h"

namespace twinlake::http {

class ScriptedTransport final : public Transport {
 public:
  using Answer = std::function<Result<Response>(const Request&)>;

  explicit ScriptedTransport(Loop& loop) : loop_(loop) {}

  ScriptedTransport& then(int status, std::string body = "{}", Headers headers = {}) {
    Response response(status, std::move(body));
    response.headers.insert(response.headers.end(), headers.begin(), headers.end());
    return then([response](const Request&) -> Result<Response> { return response; });
  }
  ScriptedTransport& then_fail(Fault fault, std::string message = "broken") {
    return then(
        [fault, message](const Request&) -> Result<Response> { return fail(fault, message); });
  }
  ScriptedTransport& then(Answer answer) {
    answers_.push_back(std::move(answer));
    return *this;
  }
  /// What is answered when the list is at its end; without it, the last entry goes on.
  ScriptedTransport& always(Answer answer) {
    always_ = std::move(answer);
    return *this;
  }
  /// How long each answer takes.
  ScriptedTransport& taking(Micros duration) {
    takes_ = duration;
    return *this;
  }

  Task<Result<Response>> send(Request request) override {
    seen.push_back(request);
    times.push_back(loop_.now());
    ++in_flight_;
    most_in_flight = std::max(most_in_flight, in_flight_);
    const Answer answer = next();
    if (takes_ > Micros(0)) co_await loop_.sleep(takes_);
    --in_flight_;
    co_return answer(request);
  }

  std::vector<Request> seen;
  std::vector<Time> times;
  int most_in_flight = 0;

 private:
  Answer next() {
    if (answers_.empty()) return always_;
    Answer answer = answers_.front();
    if (answers_.size() > 1 || always_) answers_.pop_front();
    return answer;
  }

  Loop& loop_;
  std::deque<Answer> answers_;
  Answer always_;
  Micros takes_{0};
  int in_flight_ = 0;
};

}  // namespace twinlake::http
