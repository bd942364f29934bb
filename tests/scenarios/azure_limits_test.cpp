// Azure's limits are shared with whoever else signs in as the same principal.
#include <gtest/gtest.h>

#include "support/azure.h"

namespace twinlake::test {
namespace {

/// Counts what the service refused because of its limits.
class CountingRefusals final : public http::Transport {
 public:
  CountingRefusals(Loop& loop, simulator::Cloud& cloud, int* refused)
      : inner_(loop, cloud), refused_(refused) {}
  Task<Result<http::Response>> send(http::Request request) override {
    auto outcome = co_await inner_.send(std::move(request));
    if (outcome && outcome->status == 429) ++*refused_;
    co_return outcome;
  }

 private:
  CloudWire inner_;
  int* refused_;
};

/// Something else of the same principal, which reads 15 times a second and does not look at limits.
Task<void> neighbour(Loop* loop, CloudWire* wire, std::string path, const bool* done) {
  while (!*done) {
    http::Request request = http::Request::get(path);
    request.with_query("api-version", "2022-12-01");
    static_cast<void>(co_await wire->send(std::move(request)));
    co_await loop->sleep(std::chrono::milliseconds(1000 / 15));
  }
}

Task<void> ask_once(azure::Arm* arm, std::string path, int* answered) {
  if (co_await arm->list(std::move(path), "2022-12-01")) ++*answered;
}

Task<void> ask_often(azure::Arm* arm, std::string path, int* answered, bool* done) {
  const auto one = [&](std::size_t) { return ask_once(arm, path, answered); };
  co_await for_each_index(arm->loop(), 1000, 32, one);
  *done = true;
}

TEST(AzureLimits, WeSlowDownBeforeTheServiceHasToRefuse) {
  simulator::CloudOptions options = options_with_app();
  options.enforce_limits = true;
  AzureLab lab(options);
  Loop& loop = lab.loop();
  int refused = 0;
  azure::ArmConnection connection(
      loop, std::make_unique<CountingRefusals>(loop, lab.cloud(), &refused),
      std::make_unique<SignedInElsewhere>(), azure::ArmOptions());
  CloudWire other(loop, lab.cloud());
  const std::string path = lab.subscription() + "/locations";
  int answered = 0;
  bool done = false;
  TaskGroup both(loop);
  both.start(neighbour(&loop, &other, path, &done));
  both.start(ask_often(&connection.arm(), path, &answered, &done));
  loop.run(both.join());
  EXPECT_EQ(answered, 1000);
  EXPECT_EQ(refused, 0);
}

}  // namespace
}  // namespace twinlake::test
