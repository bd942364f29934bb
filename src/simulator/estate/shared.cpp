// What both sides have under the same names: it is not replicated yet, only referred to. On the
// secondary nothing of it runs by itself, as somebody who prepares a standby would leave it.
#include <initializer_list>

#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
constexpr const char* folder = "/Shared/BI";

/// One side while it is being filled; ids are kept for the primary only.
class Side {
 public:
  Side(Estate& estate, bool is_primary)
      : client_(is_primary ? estate.primary : estate.secondary),
        primary_(is_primary),
        shared_(estate.shared) {}

  EstateClient& client() { return client_; }
  [[nodiscard]] bool is_primary() const { return primary_; }
  void keep(const std::string& kind, const std::string& name, const json& id) {
    ids_[kind + "/" + name] = id.get<std::string>();
    if (primary_) shared_[kind + "/" + name] = id.get<std::string>();
  }
  /// The id on this side.
  [[nodiscard]] const std::string& id(const std::string& kind, const std::string& name) const {
    return ids_.at(kind + "/" + name);
  }

 private:
  EstateClient& client_;
  bool primary_;
  std::map<std::string, std::string>& shared_;
  std::map<std::string, std::string> ids_;
};

struct Warehouse {
  const char* name;
  const char* size;
  bool serverless;
};
constexpr Warehouse warehouses[] = {{"finance-bi", "Small", true},
                                    {"risk-reporting", "Medium", false},
                                    {"telemetry-explore", "X-Small", true},
                                    {"shared-sql", "2X-Small", false}};

void make_warehouses(Side& side) {
  for (const Warehouse& warehouse : warehouses) {
    json body = json::object({{"name", warehouse.name},
                              {"cluster_size", warehouse.size},
                              {"min_num_clusters", 1},
                              {"max_num_clusters", 3},
                              {"auto_stop_mins", 15},
                              {"enable_photon", true},
                              {"enable_serverless_compute", warehouse.serverless},
                              {"warehouse_type", "PRO"}});
    body["tags"]["custom_tags"] =
        json::array({json::object({{"key", "cost-centre"}, {"value", "4711"}})});
    const json id = side.client().post("/api/2.0/sql/warehouses", body).at("id");
    side.keep("warehouse", warehouse.name, id);
    // Creating starts it, and there is no other way.
    side.client().wait(6);
    side.client().post("/api/2.0/sql/warehouses/" + id.get<std::string>() + "/stop",
                       json::object());
  }
  side.client().wait(6);
}

void make_pipelines(Side& side) {
  const auto make = [&](const char* name, const char* notebook, bool continuous) {
    json body = json::object({{"name", name},
                              {"catalog", "main"},
                              {"schema", "bronze"},
                              {"channel", "CURRENT"},
                              {"edition", "ADVANCED"},
                              {"continuous", continuous},
                              {"development", false},
                              {"photon", true},
                              {"serverless", true}});
    body["libraries"] =
        json::array({json::object({{"notebook", json::object({{"path", notebook}})}})});
    body["notifications"] = json::array(
        {json::object({{"alerts", json::array({"on-update-failure"})},
                       {"email_recipients", json::array({"on-call@lakeside.example"})}})});
    side.keep("pipeline", name, side.client().post("/api/2.0/pipelines", body).at("pipeline_id"));
  };
  make("orders-bronze", "/Teams/supply/orders/bronze/ingest orders", false);
  make("events-live", "/Teams/telemetry/events/bronze/ingest events", true);
  make("ledger-quality", "/Teams/finance/ledger/quality/check ledger", false);
}

void make_destinations(Side& side) {
  const std::pair<const char*, json> destinations[] = {
      {"on-call mail",
       json::object(
           {{"email", json::object({{"addresses", json::array({"on-call@lakeside.example"})}})}})},
      {"#data-platform",
       json::object(
           {{"slack", json::object({{"url", "https://hooks.chat.example/T1/B1/invented"}})}})},
      {"Finance channel",
       json::object({{"microsoft_teams",
                      json::object({{"url", "https://office.example/webhook/invented"}})}})},
      {"pager",
       json::object({{"pagerduty",
                      json::object({{"integration_key", "0123456789abcdef0123456789abcdef"}})}})},
      {"ticket-hook", json::object({{"generic_webhook",
                                     json::object({{"url", "https://tickets.lakeside.example/hook"},
                                                   {"username", "twin"},
                                                   {"password", "invented"}})}})}};
  for (const auto& [name, config] : destinations) {
    const json body = json::object({{"display_name", name}, {"config", config}});
    side.keep("notification_destination", name,
              side.client().post("/api/2.0/notification-destinations", body).at("id"));
  }
}

void make_queries(Side& side) {
  const std::pair<const char*, const char*> queries[] = {
      {"Daily orders",
       "select count(*) as orders from main.supply.orders where day = current_date() - 1"},
      {"Open invoices",
       "select sum(amount) as open_amount from main.finance.invoices where paid_at is null"},
      {"Exposure by desk",
       "select desk, sum(exposure) as exposure from main.risk.positions group by desk"},
      {"Devices online",
       "select count(distinct device_id) as devices from main.telemetry.heartbeats"},
      {"Load is late",
       "select count(*) as late from main.platform.loads where finished_at > due_at"}};
  for (const auto& [name, text] : queries) {
    json query = json::object({{"display_name", name},
                               {"query_text", text},
                               {"warehouse_id", side.id("warehouse", "shared-sql")},
                               {"parent_path", std::string("/Workspace") + folder},
                               {"run_as_mode", "OWNER"}});
    const json body =
        json::object({{"query", std::move(query)}, {"auto_resolve_display_name", false}});
    side.keep("query", name, side.client().post("/api/2.0/sql/queries", body).at("id"));
  }
}

json schedule_of(const Side& side) {
  return json::object({{"quartz_cron_schedule", "0 0 6 * * ?"},
                       {"timezone_id", "Europe/Berlin"},
                       {"pause_status", side.is_primary() ? "UNPAUSED" : "PAUSED"}});
}

void make_alerts(Side& side) {
  for (const char* name : {"Late loads", "Exposure above limit"}) {
    json notification = json::object();
    notification["subscriptions"] = json::array(
        {json::object({{"destination_id", side.id("notification_destination", "on-call mail")}})});
    json evaluation =
        json::object({{"source", json::object({{"name", "late"}, {"aggregation", "SUM"}})},
                      {"comparison_operator", "GREATER_THAN"},
                      {"empty_result_state", "OK"},
                      {"notification", std::move(notification)}});
    evaluation["threshold"]["value"]["double_value"] = 0;
    const json body =
        json::object({{"display_name", name},
                      {"query_text", "select count(*) as late from main.platform.late_loads"},
                      {"warehouse_id", side.id("warehouse", "shared-sql")},
                      {"parent_path", std::string("/Workspace") + folder},
                      {"schedule", schedule_of(side)},
                      {"evaluation", std::move(evaluation)}});
    side.keep("alert", name, side.client().post("/api/2.0/alerts", body).at("id"));
  }
  json condition = json::object({{"op", "GREATER_THAN"}, {"empty_result_state", "UNKNOWN"}});
  condition["operand"]["column"]["name"] = "open_amount";
  condition["threshold"]["value"]["double_value"] = 100000;
  const json alert = json::object({{"display_name", "Open invoices above limit"},
                                   {"query_id", side.id("query", "Open invoices")},
                                   {"parent_path", std::string("/Workspace") + folder},
                                   {"condition", std::move(condition)}});
  side.keep("legacy_alert", "Open invoices above limit",
            side.client().post("/api/2.0/sql/alerts", json::object({{"alert", alert}})).at("id"));
}

void make_dashboards(Side& side) {
  for (const char* name : {"Revenue", "Fleet health"}) {
    json page =
        json::object({{"name", "p1"}, {"displayName", "Overview"}, {"layout", json::array()}});
    json dataset =
        json::object({{"name", "d1"},
                      {"displayName", "rows"},
                      {"queryLines", json::array({"select * from main.finance.revenue"})}});
    const json document = json::object({{"datasets", json::array({std::move(dataset)})},
                                        {"pages", json::array({std::move(page)})}});
    const json body = json::object({{"display_name", name},
                                    {"parent_path", folder},
                                    {"warehouse_id", side.id("warehouse", "finance-bi")},
                                    {"serialized_dashboard", document.dump()}});
    side.keep("dashboard", name,
              side.client().post("/api/2.0/lakeview/dashboards", body).at("dashboard_id"));
  }
  const json old =
      json::object({{"name", "Cost overview (old)"}, {"tags", json::array({"costs"})}});
  side.keep("legacy_dashboard", "Cost overview (old)",
            side.client().post("/api/2.0/preview/sql/dashboards", old).at("id"));
}

void make_connections(Side& side) {
  const std::pair<const char*, const char*> connections[] = {
      {"dbt-account", "HTTP"}, {"power-bi-service", "POWER_BI"}, {"erp-postgres", "POSTGRESQL"}};
  for (const auto& [name, type] : connections) {
    json options =
        json::object({{"host", std::string(name) + ".lakeside.example"}, {"password", "invented"}});
    const json body = json::object({{"name", name},
                                    {"connection_type", type},
                                    {"options", std::move(options)},
                                    {"comment", "used by jobs"}});
    side.client().post("/api/2.1/unity-catalog/connections", body);
    side.keep("connection", name, name);
  }
}

void make_secret_scopes(Side& side) {
  for (const char* name : {"finance-secrets", "platform-secrets", "telemetry-secrets"}) {
    side.client().post("/api/2.0/secrets/scopes/create", json::object({{"scope", name}}));
    side.keep("secret_scope", name, name);
  }
}
}  // namespace

void fill_shared(Estate& estate) {
  for (const bool is_primary : {true, false}) {
    Side side(estate, is_primary);
    side.client().post("/api/2.0/workspace/mkdirs", json::object({{"path", folder}}));
    make_warehouses(side);
    if (is_primary) make_pipelines(side);
    make_destinations(side);
    make_queries(side);
    make_alerts(side);
    make_dashboards(side);
    make_connections(side);
    make_secret_scopes(side);
  }
}

}  // namespace twinlake::simulator
