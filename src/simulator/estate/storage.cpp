// What lies beside the workspace's objects: files in DBFS and in a volume, and the mounts of the
// lake. The secondary has the volume, because its catalog is made by others, and nothing in it.
#include "base/hash.h"
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
constexpr const char* volume = "main.platform.libraries";
constexpr std::size_t block = 1048576;

/// Bytes that do not compress and are the same on every machine.
std::string archive(Dice& dice, std::size_t size) {
  std::string bytes = "PK\x03\x04";
  while (bytes.size() < size) bytes += static_cast<char>(dice.roll(256));
  return bytes;
}

void put(EstateClient& client, const std::string& path, const std::string& bytes) {
  client.post("/api/2.0/dbfs/put",
              json::object({{"path", path}, {"contents", base64_encode(bytes)}}));
}

void put_in_blocks(EstateClient& client, const std::string& path, const std::string& bytes) {
  const json handle =
      client.post("/api/2.0/dbfs/create", json::object({{"path", path}})).at("handle");
  for (std::size_t at = 0; at < bytes.size(); at += block)
    client.post(
        "/api/2.0/dbfs/add-block",
        json::object({{"handle", handle}, {"data", base64_encode(bytes.substr(at, block))}}));
  client.post("/api/2.0/dbfs/close", json::object({{"handle", handle}}));
}

void make_files(EstateClient& client, Dice& dice) {
  put_in_blocks(client, "dbfs:/FileStore/jars/lakeside-spark-connectors-2.4.1.jar",
                archive(dice, 2 * block + 4711));
  put(client, "dbfs:/FileStore/jars/b5f1_geo_functions.jar", archive(dice, 52144));
  put(client, "dbfs:/FileStore/jars/maven/ignored.pom", "<project/>\n");
  put(client, "dbfs:/FileStore/tables/country codes #1.csv",
      "code,name\nDE,Deutschland\nPL,Polska\n");
  put(client, "dbfs:/FileStore/plots/100%25 umsatz.txt", "empty plot\n");
  put(client, "dbfs:/databricks/init/set-proxy.sh",
      "#!/bin/bash\necho 'export https_proxy=http://proxy.lakeside.example:3128' "
      ">> /etc/environment\n");
  put(client, "dbfs:/databricks/scripts/install-odbc.sh",
      "#!/bin/bash\nset -e\napt-get install -y msodbcsql18\n");
  put(client, "dbfs:/databricks/jars/audit-listener.jar", archive(dice, 9000));
  put(client, "dbfs:/user/hive/warehouse/ledger.db/part-00000.parquet", archive(dice, 3000));
}

/// A cluster that needs files of both places.
void use_them(EstateClient& client, const std::string& wheels) {
  const json clusters = client.get("/api/2.1/clusters/list").value("clusters", json::array());
  if (clusters.empty()) return;
  json body = json::object({{"cluster_id", clusters.front().at("cluster_id")}});
  body["libraries"] =
      json::array({json::object({{"whl", wheels + "/lakeside_core-1.7.0-py3-none-any.whl"}}),
                   json::object({{"jar", "dbfs:/databricks/jars/audit-listener.jar"}})});
  client.post("/api/2.0/libraries/install", body);
}

void make_mounts(EstateClient& client) {
  const char* secret = "fs.azure.account.oauth2.client.secret";
  json oauth = json::array({json::object({{"key", secret}, {"from_secret", true}})});
  for (const char* name :
       {"fs.azure.account.auth.type", "fs.azure.account.oauth.provider.type",
        "fs.azure.account.oauth2.client.endpoint", "fs.azure.account.oauth2.client.id"})
    oauth.push_back(json::object({{"key", name}, {"from_secret", false}}));
  const json key =
      json::array({json::object({{"key", "fs.azure.account.key.stlakesidewe.blob.core.windows.net"},
                                 {"from_secret", true}})});
  const auto mount = [&](const char* point, const char* source, const json& configs) {
    client.post("/sim/mounts",
                json::object({{"mount_point", point}, {"source", source}, {"configs", configs}}));
  };
  mount("/mnt/raw", "abfss://raw@stlakesidewe.dfs.core.windows.net/", oauth);
  mount("/mnt/curated/finance", "abfss://curated@stlakesidewe.dfs.core.windows.net/finance", oauth);
  mount("/mnt/archive", "wasbs://archive@stlakesidewe.blob.core.windows.net", key);
}
}  // namespace

void fill_storage(Estate& estate) {
  for (EstateClient* client : {&estate.primary, &estate.secondary})
    client->post("/sim/volumes", json::object({{"full_name", volume}}));
  make_files(estate.primary, estate.dice);
  if (estate.size.mounts) make_mounts(estate.primary);
  const std::string folder = "/Volumes/main/platform/libraries/wheels";
  estate.primary.put_bytes("/api/2.0/fs/directories" + folder, {}, "");
  estate.primary.put_bytes("/api/2.0/fs/files" + folder + "/lakeside_core-1.7.0-py3-none-any.whl",
                           {{"overwrite", "false"}}, archive(estate.dice, 61440));
  use_them(estate.primary, folder);
}

}  // namespace twinlake::simulator
