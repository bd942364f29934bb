#pragma once
// One simulated workspace in one region: its content, its clock, its limits and its faults.
// It speaks the REST API as documented, from facts about the service, never from our own kinds.
#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

#include "http/message.h"
#include "simulator/router.h"

namespace twinlake::simulator {

struct RegionOptions {
  std::string name = "primary";           ///< shown in messages and in /sim/world
  std::int64_t workspace_id = 1111111111111111;
  std::string admin = "replicator@twinlake.example";  ///< caller of the default token
  std::string token = "dapi-simulated";   ///< the personal access token of that admin
  std::uint64_t seed = 1;                 ///< ids are invented from it
  bool enforce_limits = false;            ///< the published limits table answers 429
};

/// Ids as the service makes them.
class Ids {
 public:
  explicit Ids(std::uint64_t seed) : random_(seed) {}
  std::int64_t number();                   ///< positive, up to 2^62, never repeated
  std::string digits(int count);           ///< numeric string
  std::string hex(int count);              ///< lower case
  std::string upper_hex(int count);
  std::string uuid();
 private:
  std::mt19937_64 random_;
};

class Service;  ///< one family of endpoints (workspace tree, jobs, ...), see service.h

class Region {
 public:
  explicit Region(RegionOptions options);
  ~Region();
  Region(const Region&) = delete;
  Region& operator=(const Region&) = delete;

  /// The whole service: limits, faults, authentication, the handler. Never blocks and never throws;
  /// `now_micros` is the caller's clock (virtual or real), microseconds since the epoch.
  [[nodiscard]] http::Response handle(const http::Request& request, std::int64_t now_micros);

  [[nodiscard]] const RegionOptions& options() const { return options_; }
  [[nodiscard]] std::int64_t now_millis() const { return now_micros_ / 1000; }
  [[nodiscard]] Ids& ids() { return ids_; }
  [[nodiscard]] Router& router() { return router_; }

  /// The service of a type, e.g. region.get<Tree>(); they know each other only through this.
  template <class T>
  [[nodiscard]] T& get();

 private:
  RegionOptions options_;
  std::int64_t now_micros_ = 0;
  Ids ids_;
  Router router_;
  std::vector<std::unique_ptr<Service>> services_;
};

}  // namespace twinlake::simulator
