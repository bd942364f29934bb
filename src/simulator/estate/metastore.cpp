// A hive_metastore that grew over the years: tables in the lake, on mounts and in the workspace's
// own storage, views on views, and privileges for groups whose names nobody would choose today.
#include <stdexcept>

#include "simulator/estate/parts.h"
#include "simulator/sql/answer.h"

namespace twinlake::simulator {

namespace {
constexpr const char* warehouse_name = "shared-sql";

class MetastoreFiller {
 public:
  explicit MetastoreFiller(Estate& estate)
      : estate_(estate), warehouse_(estate.shared_id("warehouse", warehouse_name)) {}

  void run(const std::string& statement, const std::string& schema = "default") {
    const json answered =
        estate_.primary.post("/api/2.0/sql/statements", json::object({{"warehouse_id", warehouse_},
                                                                      {"statement", statement},
                                                                      {"catalog", "hive_metastore"},
                                                                      {"schema", schema},
                                                                      {"wait_timeout", "50s"}}));
    if (answered.at("status").at("state") != "SUCCEEDED")
      throw std::runtime_error("the simulated metastore refused: " + statement + ": " +
                               answered.at("status").dump());
  }

  void stop_warehouse() {
    estate_.primary.wait(6);
    estate_.primary.post("/api/2.0/sql/warehouses/" + warehouse_ + "/stop", json::object());
    estate_.primary.wait(6);
  }

 private:
  Estate& estate_;
  std::string warehouse_;
};

constexpr const char* schemas[] = {
    "CREATE SCHEMA sales COMMENT 'Orders, customers and what came back' WITH DBPROPERTIES "
    "('steward' = 'supply', 'since' = '2019')",
    "CREATE SCHEMA finance_raw COMMENT 'As it comes from the ledger' LOCATION "
    "'abfss://lake@stlake.dfs.core.windows.net/hive/finance_raw'",
    "CREATE SCHEMA telemetry LOCATION 'dbfs:/mnt/telemetry/hive'",
    "CREATE SCHEMA platform_ops",
};

constexpr const char* sales_tables[] = {
    "CREATE TABLE sales.orders (order_id BIGINT NOT NULL, customer_id BIGINT, amount "
    "DECIMAL(18,2) COMMENT 'gross', day DATE) USING delta PARTITIONED BY (day) LOCATION "
    "'abfss://lake@stlake.dfs.core.windows.net/sales/orders' COMMENT 'One row per order' "
    "TBLPROPERTIES ('delta.appendOnly' = 'false', 'owner.team' = 'supply')",
    "CREATE TABLE sales.customers (customer_id BIGINT, name STRING COMMENT 'isn\\'t always "
    "known', region_id INT, address STRUCT<street: STRING, zip: STRING>) USING delta LOCATION "
    "'abfss://lake@stlake.dfs.core.windows.net/sales/customers'",
    "CREATE TABLE sales.order_lines (order_id BIGINT, line INT, article STRING, day STRING) USING "
    "parquet PARTITIONED BY (day) LOCATION 'dbfs:/mnt/lake/sales/order_lines'",
    "CREATE TABLE sales.regions (region_id INT, `region name` STRING) USING csv OPTIONS (header "
    "'true', delimiter ';') LOCATION 'abfss://reference@stlake.dfs.core.windows.net/regions'",
    "CREATE TABLE sales.returns (order_id BIGINT, reason STRING, at TIMESTAMP) USING delta",
};
constexpr const char* finance_tables[] = {
    "CREATE TABLE finance_raw.ledger (entry_id BIGINT, account STRING, currency STRING, amount "
    "DECIMAL(18,4), booked_on DATE) USING delta LOCATION "
    "'abfss://lake@stlake.dfs.core.windows.net/finance/ledger' TBLPROPERTIES "
    "('delta.logRetentionDuration' = 'interval 90 days')",
    "CREATE TABLE finance_raw.invoices (invoice STRING, lines ARRAY<STRUCT<article: STRING, "
    "amount: DECIMAL(18,2)>>) USING json LOCATION "
    "'abfss://landing@stlake.dfs.core.windows.net/invoices'",
    "CREATE TABLE finance_raw.fx_rates (currency STRING, day DATE, rate DOUBLE) USING delta",
    ("CREATE TABLE finance_raw.cost_centres (id STRING, label STRING) USING csv OPTIONS (header "
     "'true') LOCATION 'dbfs:/mnt/reference/cost_centres'"),
};
constexpr const char* telemetry_tables[] = {
    "CREATE TABLE telemetry.devices (device_id STRING, model STRING, firmware STRING) USING delta "
    "LOCATION 'dbfs:/mnt/telemetry/devices'",
    "CREATE TABLE telemetry.events (device_id STRING, at TIMESTAMP, signal MAP<STRING, DOUBLE>, "
    "day DATE) USING delta PARTITIONED BY (day) LOCATION "
    "'abfss://telemetry@stlake.dfs.core.windows.net/events'",
    "CREATE EXTERNAL TABLE telemetry.firmware (version STRING, released STRING) ROW FORMAT SERDE "
    "'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('separatorChar' = '\\t') "
    "STORED AS TEXTFILE LOCATION 'dbfs:/mnt/telemetry/firmware'",
    "CREATE TABLE telemetry.sessions (session_id STRING, seconds INT, region STRING) USING parquet "
    "PARTITIONED BY (region) LOCATION 'abfss://telemetry@stlake.dfs.core.windows.net/sessions'",
};
constexpr const char* platform_tables[] = {
    "CREATE TABLE platform_ops.job_audit (job_id BIGINT, run_id BIGINT, outcome STRING) USING "
    "delta COMMENT 'written by the nightly audit'",
    "CREATE TABLE platform_ops.thresholds (name STRING, value DOUBLE) USING delta",
};

constexpr const char* partitions[] = {
    "ALTER TABLE sales.order_lines ADD PARTITION (day = '2025-12-30') PARTITION (day = "
    "'2025-12-31')",
    "ALTER TABLE telemetry.sessions ADD PARTITION (region = 'eu') PARTITION (region = 'old/us') "
    "LOCATION 'abfss://archive@stlake.dfs.core.windows.net/sessions/us'",
};

struct View {
  const char* schema;  ///< where its unqualified names are looked up
  const char* statement;
};
constexpr View views[] = {
    {"sales",
     "CREATE VIEW open_orders COMMENT 'not returned yet' AS SELECT o.order_id, c.name, "
     "c.region_id, "
     "o.amount FROM orders o JOIN customers c ON o.customer_id = c.customer_id LEFT ANTI JOIN "
     "returns r ON r.order_id = o.order_id"},
    {"sales",
     "CREATE VIEW revenue_by_region (region COMMENT 'as in the reference data', revenue) AS SELECT "
     "g.`region name`, sum(v.amount) FROM open_orders v JOIN regions g ON g.region_id = "
     "v.region_id GROUP BY 1"},
    {"finance_raw",
     "CREATE VIEW ledger_eur AS WITH latest AS (SELECT currency, max(day) AS day FROM fx_rates "
     "GROUP BY currency) SELECT l.entry_id, l.account, l.amount * f.rate AS amount_eur FROM ledger "
     "l JOIN latest ON latest.currency = l.currency JOIN fx_rates f ON f.currency = l.currency AND "
     "f.day = latest.day"},
    {"telemetry",
     "CREATE VIEW active_devices AS SELECT DISTINCT d.* FROM devices d, events e WHERE "
     "e.device_id = d.device_id -- the last week only"},
    {"platform_ops",
     "CREATE VIEW overview TBLPROPERTIES ('shown.on' = 'Overview') AS SELECT 'revenue' AS kind, "
     "revenue AS amount FROM sales.revenue_by_region UNION ALL SELECT 'ledger', "
     "sum(amount_eur) FROM hive_metastore.finance_raw.ledger_eur"},
};

constexpr const char* functions[] = {
    "CREATE FUNCTION sales.mask_email AS 'example.lakeside.udf.MaskEmail' USING JAR "
    "'dbfs:/FileStore/jars/lakeside-udf.jar'",
    "CREATE FUNCTION telemetry.parse_signal AS 'example.lakeside.udf.ParseSignal' USING JAR "
    "'dbfs:/FileStore/jars/lakeside-udf.jar', JAR 'abfss://libs@stlake.dfs.core.windows.net/s.jar'",
};

void make_privileges(MetastoreFiller& filler, const Estate& estate) {
  const auto group = [&](std::size_t number) { return in_ticks(estate.group(number)); };
  const auto user = [&](std::size_t number) { return in_ticks(estate.user(number)); };
  const std::string robot = in_ticks(estate.service_principal(0));
  const std::string statements[] = {
      "GRANT USAGE ON CATALOG hive_metastore TO " + group(0),
      "GRANT `READ_METADATA` ON CATALOG TO " + group(1),
      "GRANT USAGE, SELECT ON SCHEMA sales TO " + group(2),
      "GRANT CREATE, CREATE NAMED FUNCTION ON SCHEMA sales TO " + group(3),
      "GRANT ALL PRIVILEGES ON SCHEMA platform_ops TO " + group(4),
      "GRANT SELECT, MODIFY ON TABLE sales.orders TO " + robot,
      "GRANT SELECT ON VIEW sales.revenue_by_region TO " + group(14),
      "GRANT SELECT ON TABLE finance_raw.ledger TO " + group(17),
      "GRANT SELECT ON FUNCTION sales.mask_email TO " + group(5),
      "GRANT SELECT ON ANY FILE TO " + group(3),
      "GRANT SELECT ON ANONYMOUS FUNCTION TO " + group(3),
      "DENY SELECT ON TABLE sales.customers TO " + group(15),
      "DENY `READ_METADATA`, MODIFY ON TABLE finance_raw.ledger TO " + user(2),
      "ALTER TABLE sales.orders OWNER TO " + robot,
      "ALTER TABLE telemetry.events SET OWNER TO " + group(8),
      "ALTER VIEW finance_raw.ledger_eur OWNER TO " + user(1),
      "ALTER SCHEMA finance_raw OWNER TO " + group(6),
      // Somebody who has left.
      "ALTER TABLE finance_raw.invoices OWNER TO " + in_ticks(estate.users.back()),
  };
  for (const std::string& statement : statements) filler.run(statement);
}

/// The lake is copied to an account of the other region by other means, and both accounts can be
/// read from there. What is managed lies in the workspace's own storage and is not.
void copy_lake(Estate& estate) {
  const json world = estate.primary.get("/sim/world").at("hive_metastore");
  for (const json& table : world.at("tables")) {
    const auto location = table.at("location").get<std::string>();
    const auto data = world.at("storage").find(location);
    if (table.at("type") != "EXTERNAL" || data == world.at("storage").end()) continue;
    std::string twin = location;
    if (const std::size_t at = twin.find("@stlake."); at != std::string::npos)
      twin.replace(at, 8, "@stlakedr.");
    for (const std::string& place : {location, twin}) {
      json body = *data;
      body["location"] = place;
      estate.secondary.post("/sim/storage", body);
    }
  }
}
}  // namespace

void fill_metastore(Estate& estate) {
  estate.primary.act_as(estate.users.front());
  MetastoreFiller filler(estate);
  filler.run("SELECT 1");  // starts the warehouse
  estate.primary.wait(6);
  for (const char* statement : schemas) filler.run(statement);
  for (const char* statement : sales_tables) filler.run(statement);
  for (const char* statement : finance_tables) filler.run(statement);
  for (const char* statement : telemetry_tables) filler.run(statement);
  for (const char* statement : platform_tables) filler.run(statement);
  for (const char* statement : partitions) filler.run(statement);
  for (const View& view : views) filler.run(view.statement, view.schema);
  for (const char* statement : functions) filler.run(statement);
  if (estate.size.grants) make_privileges(filler, estate);
  filler.stop_warehouse();
  copy_lake(estate);
}

}  // namespace twinlake::simulator
