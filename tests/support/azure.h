#pragma once
// The simulated cloud with a primary workspace in it, and a client that is signed in.
#include <memory>
#include <stdexcept>
#include <string>

#include "azure/arm.h"
#include "azure/connection.h"
#include "azure/provision.h"
#include "simulator/azure/cloud.h"
#include "simulator/transport.h"
#include "state/store.h"

namespace twinlake::test {

/// Thrown in the middle of everything: the process is gone.
struct AzureKilled {};

/// To the cloud, with a token; dies on command.
class CloudWire final : public http::Transport {
 public:
  CloudWire(Loop& loop, simulator::Cloud& cloud)
      : cloud_(cloud), inner_(loop, cloud, Millis(5)) {}
  Task<Result<http::Response>> send(http::Request request) override {
    request.headers.emplace_back("Authorization", "Bearer " + cloud_.token_for("app"));
    if (request.effect != http::Effect::reads) ++writes;
    auto outcome = co_await inner_.send(std::move(request));
    ++exchanges;
    if (kill_after > 0 && exchanges == kill_after) throw AzureKilled();
    co_return outcome;
  }
  int exchanges = 0;
  int writes = 0;
  int kill_after = 0;  ///< 0: never

 private:
  simulator::Cloud& cloud_;
  simulator::InProcessTransport inner_;
};

class SignedInElsewhere final : public workspace::Credentials {
 public:
  Task<Result<http::Headers>> headers() override { co_return http::Headers(); }
  bool refused(const http::Headers&) override { return false; }
};

inline simulator::CloudOptions options_with_app() {
  simulator::CloudOptions options;
  options.credentials.push_back({.client_id = "app", .secret = "s"});
  return options;
}

class AzureLab {
 public:
  explicit AzureLab(simulator::CloudOptions options = options_with_app(),
                    const std::string& from = "westeurope", const std::string& to = "northeurope")
      : cloud_(std::move(options)) {
    cloud_.add_workspace(home_, {.location = from, .address = "home.example"}, primary_id(),
                         primary_more());
    cloud_.add_seat(away_, {.location = to, .address = "away.example"});
    store_ = std::move(*state::Store::open("memory", "main"));
    settings.region = to;
  }

  [[nodiscard]] simulator::Cloud& cloud() { return cloud_; }
  [[nodiscard]] state::Store& store() { return *store_; }
  [[nodiscard]] Loop& loop() { return loop_; }
  [[nodiscard]] std::string subscription() const { return cloud_.subscription_id(); }
  [[nodiscard]] std::string primary_id() const {
    return subscription() +
           "/resourceGroups/rg-prod/providers/Microsoft.Databricks/workspaces/adb-prod";
  }

  /// A new process each time: what it knows is in the state.
  Result<azure::ProvisionPlan> plan() {
    make_connection();
    auto primary = loop_.run(azure::read_workspace(connection_->arm(), primary_id()));
    if (!primary) return fail(primary.error());
    return loop_.run(azure::plan_provision(connection_->arm(), *store_, std::move(*primary),
                                           settings, options));
  }
  Result<azure::ProvisionOutcome> apply() {
    auto planned = plan();
    if (!planned) return fail(planned.error());
    azure::ApplyOptions how;
    how.progress = [this](const azure::ProvisionProgress& progress) {
      if (progress.state == "begins") begun.emplace_back(azure::name_of(progress.step.kind));
    };
    return loop_.run(azure::apply_provision(connection_->arm(), *store_, std::move(*planned), how));
  }
  [[nodiscard]] CloudWire& wire() { return *wire_; }

  azure::TwinSettings settings;
  azure::PlanOptions options;
  std::vector<std::string> begun;  ///< kinds of steps
  int kill_after = 0;

 private:
  static nlohmann::json primary_more() {
    return nlohmann::json::parse(R"({"tags":{"team":"data"},"properties":{"parameters":{
      "enableNoPublicIp":{"value":true},"storageAccountSkuName":{"value":"Standard_GRS"}}}})");
  }
  void make_connection() {
    auto made = std::make_unique<CloudWire>(loop_, cloud_);
    made->kill_after = kill_after;
    wire_ = made.get();
    azure::ArmOptions arm;
    arm.allowed = http::Effect::writes;
    connection_ = std::make_unique<azure::ArmConnection>(
        loop_, std::move(made), std::make_unique<SignedInElsewhere>(), std::move(arm));
  }

  Loop loop_{Loop::Clock::virtual_time};
  static simulator::RegionOptions named(const char* name, std::int64_t id) {
    simulator::RegionOptions options;
    options.name = name;
    options.workspace_id = id;
    return options;
  }
  simulator::Region home_{named("primary", 1001)};
  simulator::Region away_{named("secondary", 2002)};
  simulator::Cloud cloud_;
  std::unique_ptr<state::Store> store_;
  CloudWire* wire_ = nullptr;
  std::unique_ptr<azure::ArmConnection> connection_;
};

}  // namespace twinlake::test
