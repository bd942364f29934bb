// A listing is whole or an error, and it ends, whatever the pages say.
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "http/pager.h"
#include "http/scripted_transport.h"
#include "input.h"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace twinlake::http;
  Input input(data, size);
  static constexpr PageStyle styles[] = {PageStyle::none, PageStyle::token, PageStyle::scim,
                                         PageStyle::repos_token};
  static constexpr const char* places[] = {"/jobs", "", "/a/b"};
  const PageStyle style = styles[input.choice(std::size(styles))];
  const std::string place = places[input.choice(std::size(places))];
  twinlake::Loop loop{twinlake::Loop::Clock::virtual_time};
  ScriptedTransport wire(loop);
  while (!input.empty()) wire.then(200, input.piece());
  // The last page would be repeated for ever; a service that fails ends every listing.
  wire.always([](const Request&) -> twinlake::Result<Response> {
    return twinlake::fail(twinlake::Fault::unavailable, "no more pages");
  });
  const auto listed = loop.run(list_all(wire, Request::get("/list"), style, place));
  if (!listed && listed.error().message.empty()) std::abort();
  return 0;
}
