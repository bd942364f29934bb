// What the estate names of the Azure around it, beside storage: an external metastore, a vault,
// streams, a document database, images and logs. Nothing here stands in the demo without that
// Azure.
#include "base/hash.h"
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {

/// Hive 2.3 in a database of one's own, behind the listener of a failover group.
json metastore_conf(const char* password) {
  return json::object(
      {{"spark.sql.hive.metastore.version", "2.3.9"},
       {"spark.sql.hive.metastore.jars", "builtin"},
       {"spark.hadoop.javax.jdo.option.ConnectionURL",
        "jdbc:sqlserver://fog-lakeside.database.windows.net:1433;database=metastore;encrypt=true"},
       {"spark.hadoop.javax.jdo.option.ConnectionDriverName",
        "com.microsoft.sqlserver.jdbc.SQLServerDriver"},
       {"spark.hadoop.javax.jdo.option.ConnectionUserName", "hive"},
       {"spark.hadoop.javax.jdo.option.ConnectionPassword", password}});
}

void make_cluster(Estate& estate, const char* name, json spark_conf, json environment) {
  json cluster = json::object({{"cluster_name", name},
                               {"spark_version", "15.4.x-scala2.12"},
                               {"node_type_id", "Standard_DS3_v2"},
                               {"num_workers", 2},
                               {"autotermination_minutes", 45}});
  cluster["spark_conf"] = std::move(spark_conf);
  cluster["spark_env_vars"] = std::move(environment);
  const json made = estate.primary.post("/api/2.1/clusters/create", cluster);
  estate.primary.wait(600);
  estate.primary.post("/api/2.1/clusters/delete",
                      json::object({{"cluster_id", made.at("cluster_id")}}));
  estate.primary.wait(60);
}

void make_notebook(Estate& estate) {
  const std::string text =
      "# Databricks notebook source\n"
      "# Enriches events with customer profiles.\n"
      "profiles = spark.read.format('cosmos.oltp').option('spark.cosmos.accountEndpoint',\n"
      "  'https://cosmos-lakeside.documents.azure.com:443/').load()\n\n"
      "# COMMAND ----------\n"
      "display(profiles.limit(10))\n";
  const std::string folder = "/Teams/marketing/audience";
  estate.primary.post("/api/2.0/workspace/mkdirs", json::object({{"path", folder}}));
  estate.primary.post("/api/2.0/workspace/import",
                      json::object({{"path", folder + "/enrich with profiles"},
                                    {"format", "SOURCE"},
                                    {"language", "PYTHON"},
                                    {"content", base64_encode(text)}}));
}

}  // namespace

void fill_azure(Estate& estate) {
  // What the mounts sign in with.
  for (const char* key : {"lake-client", "lake-key"})
    estate.primary.post(
        "/api/2.0/secrets/put",
        json::object({{"scope", "ingest-keys"}, {"key", key}, {"string_value", "invented"}}));
  make_cluster(estate, "lakehouse (shared metastore)",
               metastore_conf("{{secrets/kv-lakeside/erp-password}}"),
               json::object({{"REGISTRY", "crlakeside.azurecr.io"}}));
  make_cluster(estate, "event intake",
               json::object({{"spark.lakeside.source", "sb://evh-lakeside.servicebus.windows.net/"},
                             {"spark.lakeside.jdbc",
                              "jdbc:mysql://mysql-lakeside.mysql.database.azure.com:3306/routes"}}),
               json::object({{"STAGE", "prod"}}));
  make_notebook(estate);
}

}  // namespace twinlake::simulator
