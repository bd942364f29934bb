// An answer comes from a service, from a gateway before it or from somebody's proxy: whatever it
// is, it becomes an error of one clean line, and a time to wait that is no nonsense.
#include <chrono>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "http/classify.h"
#include "http/retry.h"
#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace twinlake::http;
  Input input(data, size);
  static constexpr int statuses[] = {200, 204, 302, 400, 401, 403, 404, 409, 429, 500, 503, 504};
  const int status = statuses[input.choice(std::size(statuses))];
  const std::string retry_after = input.piece();
  const std::string content_type = input.piece();
  Response response(status, input.rest(), content_type);
  response.headers.emplace_back("Retry-After", retry_after);
  const Request request = Request::get("/api/2.1/jobs/list");

  const twinlake::Error error = classify(request, response);
  for (const char c : error.message)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) std::abort();
  if (tidy_message(response.body, 100).size() > 100 + 3) std::abort();
  if (is_throttled(response) && status < 400) std::abort();
  const auto delay = asked_delay(response, twinlake::Time(std::chrono::seconds(1'700'000'000)));
  if (delay && (*delay < twinlake::Micros(0) || *delay > std::chrono::hours(24))) std::abort();
  (void)parse_answer(request, response);
  return 0;
}
