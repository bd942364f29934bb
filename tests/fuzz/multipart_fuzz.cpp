// Uploads to the simulator, from any client.
#include <cstdlib>

#include "input.h"
#include "simulator/server/multipart.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace twinlake;
  Input input(data, size);
  http::Request request(http::Method::post, "/api/2.0/workspace/import");
  request.content_type = input.choice(4) == 0 ? input.piece() : "multipart/form-data; boundary=b";
  request.body = input.rest();
  const auto parts = simulator::parse_multipart(request);
  if (!parts) return 0;
  std::size_t content = 0;
  for (const simulator::Part& part : *parts) content += part.content.size();
  if (content > request.body.size()) std::abort();
  return 0;
}
