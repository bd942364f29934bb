// SCIM filters and patches, sent to a simulated region by any client: an answer, never an end.
#include <cstdlib>

#include "input.h"
#include "simulator/identity/scim_filter.h"
#include "simulator/region.h"

namespace {
using namespace twinlake;

void filter(const std::string& text) {
  const auto parsed = simulator::ScimFilter::parse(text);
  if (!parsed) return;
  (void)parsed->matches([](const std::string& name) -> std::optional<std::vector<std::string>> {
    if (name == "username") return std::vector<std::string>{"ana@contoso.example"};
    return std::nullopt;
  });
}

void patch(const std::string& kind, const std::string& body) {
  constexpr std::int64_t now = 1'700'000'000'000'000;
  simulator::Region region{simulator::RegionOptions{}};
  const auto send = [&](http::Method method, const std::string& path, const std::string& sent) {
    http::Request request(method, "/api/2.0/preview/scim/v2/" + path);
    request.headers.emplace_back("Authorization", "Bearer dapi-simulated");
    request.content_type = "application/json";
    request.body = sent;
    return region.serve(request, now).response;
  };
  const auto made =
      send(http::Method::post, kind, R"({"displayName":"x","userName":"x@y.example"})");
  const auto id = nlohmann::json::parse(made.body, nullptr, false).value("id", "");
  if (id.empty()) return;
  const auto patched = send(http::Method::patch, kind + "/" + id, body);
  if (patched.status >= 500) std::abort();
  if (send(http::Method::get, kind + "/" + id, "").status >= 500) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  Input input(data, size);
  static constexpr const char* kinds[] = {"Users", "Groups", "ServicePrincipals"};
  const unsigned choice = input.choice(std::size(kinds) + 1);
  if (choice == std::size(kinds)) {
    filter(input.rest());
  } else {
    patch(kinds[choice], input.rest());
  }
  return 0;
}
