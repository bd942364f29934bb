#pragma once
// AI/BI (Lakeview) dashboards with their schedules, and the legacy ones that are only listed.
#include <map>

#include "simulator/collection.h"

namespace twinlake::simulator {

class Dashboards : public Collection {
 public:
  explicit Dashboards(Region& region);
  json plant(const json& body, const std::string& creator) override;
  [[nodiscard]] json world() override;

 private:
  http::Response create(Call& call);
  http::Response patch(Call& call);
  http::Response trash(Call& call);
  http::Response list_dashboards(Call& call);
  [[nodiscard]] std::string new_id() override { return region_.ids().hex(32); }
  [[nodiscard]] http::Response missing(const std::string& id) const override;
  void touch(json& dashboard);

  // dashboard_schedules.cpp
  void add_published_routes();
  void add_schedule_routes();
  http::Response publish(Call& call);
  http::Response create_schedule(Call& call);
  http::Response replace_schedule(Call& call);
  http::Response create_subscription(Call& call);

  struct Schedule {
    json body;
    Shelf<json> subscriptions;
  };
  struct Extras {
    json published;
    Shelf<Schedule> schedules;
  };
  [[nodiscard]] Schedule* find_schedule(Call& call);
  std::map<std::string, Extras> extras_;  ///< by dashboard id
};

class LegacyDashboards : public Collection {
 public:
  explicit LegacyDashboards(Region& region);

 private:
  http::Response list_numbered(Call& call);
};

}  // namespace twinlake::simulator
