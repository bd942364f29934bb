#pragma once
// For tests: a simulated workspace, reached as any other.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/json_path.h"
#include "simulator/region.h"
#include "simulator/transport.h"
#include "workspace/workspace.h"

namespace twinlake::kinds {

class WithToken : public http::Transport {
 public:
  explicit WithToken(http::Transport& inner) : inner_(inner) {}
  Task<Result<http::Response>> send(http::Request request) override {
    request.headers.emplace_back("Authorization", "Bearer dapi-simulated");
    co_return co_await inner_.send(std::move(request));
  }

 private:
  http::Transport& inner_;
};

/// One region with a workspace on it.
struct TestSide {
  TestSide(Loop& loop_of_test, model::Side which, simulator::RegionOptions options)
      : loop(loop_of_test),
        region(std::move(options)),
        wire(loop, region, Millis(5)),
        transport(wire),
        workspace(loop, which, transport, loop.run(workspace::who_am_i(transport)).value(),
                  "/tmp") {}

  /// Sends a body as a person would and gives the answer, whatever it is.
  nlohmann::json send(http::Method method, const std::string& path,
                      const nlohmann::json& body = nlohmann::json()) {
    http::Request request(method, path);
    request.effect = http::Effect::writes;
    if (!body.is_null()) {
      request.body = to_text(body);
      request.content_type = "application/json";
    }
    auto answer = loop.run(transport.send(std::move(request)));
    return answer ? nlohmann::json::parse(answer->body, nullptr, false) : nlohmann::json();
  }
  [[nodiscard]] std::int64_t calls(const std::string& method, const std::string& route) {
    const auto found = region.traffic().routes.find({method, route});
    return found == region.traffic().routes.end() ? 0 : found->second.requests;
  }

  Loop& loop;
  simulator::Region region;
  simulator::InProcessTransport wire;
  WithToken transport;
  workspace::Workspace workspace;
};

}  // namespace twinlake::kinds
