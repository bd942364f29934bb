#include "simulator/commands/dbutils.h"

#include <gtest/gtest.h>

#include "simulator/commands/commands.h"
#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"
#include "simulator/compute/compute.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string lake = "abfss://raw@stprimary.dfs.core.windows.net/";
const std::string oauth =
    "{'fs.azure.account.auth.type': 'OAuth', 'fs.azure.account.oauth.provider.type': "
    "'org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider', "
    "'fs.azure.account.oauth2.client.id': 'app', 'fs.azure.account.oauth2.client.secret': "
    "dbutils.secrets.get('kv', 'app'), 'fs.azure.account.oauth2.client.endpoint': "
    "'https://login.microsoftonline.com/t/oauth2/token'}";

/// A notebook on a cluster that may do everything, unless told otherwise.
class DbutilsTest : public testing::Test {
 protected:
  DbutilsTest() {
    probe.post("/api/2.0/secrets/scopes/create", json::object({{"scope", "kv"}}));
    SecretsAccess secrets;
    secrets.value_of = [](const std::string& scope,
                          const std::string& key) -> std::optional<std::string> {
      if (scope != "kv") return std::nullopt;
      if (key == "app") return "s3cret";
      if (key == "bytes") return std::string("\x00\xff", 2);
      if (key == "longer") return "s3cret and more";
      return std::nullopt;
    };
    secrets.keys_of = [](const std::string&) {
      return std::vector<std::string>{"app", "bytes", "longer"};
    };
    probe.region().get<Commands>().use_secrets(std::move(secrets));
    attach(json::object());
  }
  /// To a new cluster.
  void attach(const json& more) {
    json body = json::object({{"spark_version", "15.4.x-scala2.12"},
                              {"node_type_id", "Standard_DS3_v2"},
                              {"num_workers", 0}});
    body.update(more);
    cluster = text_of(body_of(probe.post("/api/2.1/clusters/create", body)), "cluster_id");
    probe.wait_millis(cluster_start_millis);
    open();
  }
  void open() {
    context =
        text_of(body_of(probe.post("/api/1.2/contexts/create",
                                   json::object({{"clusterId", cluster}, {"language", "python"}}))),
                "id");
    probe.wait_millis(1000);
  }
  std::string start(const std::string& command) {
    const json body =
        json::object({{"clusterId", cluster}, {"contextId", context}, {"command", command}});
    return text_of(body_of(probe.post("/api/1.2/commands/execute", body)), "id");
  }
  json status(const std::string& id) {
    return body_of(probe.get("/api/1.2/commands/status?clusterId=" + cluster +
                             "&contextId=" + context + "&commandId=" + id));
  }
  /// Its text, or what the error says.
  std::string run(const std::string& command) {
    const std::string id = start(command);
    probe.wait_millis(300);
    const json found = status(id).value("results", json::object());
    return text_of(found, "data", text_of(found, "cause"));
  }
  bool fails(const std::string& command, const std::string& with) {
    const std::string said = run(command);
    if (said.find(with) != std::string::npos) return true;
    ADD_FAILURE() << command << " said: " << said;
    return false;
  }
  std::string mount(const std::string& source, const std::string& point,
                    const std::string& configs = oauth) {
    return run("dbutils.fs.mount('" + source + "', '" + point + "', extra_configs=" + configs +
               ")");
  }
  json mounts() { return probe.region().world().at("mounts"); }

  Probe probe;
  std::string cluster, context;
};

TEST_F(DbutilsTest, MountsAreMadeListedAndRemoved) {
  EXPECT_EQ(run("[m.mountPoint for m in dbutils.fs.mounts()]"),
            "['/', '/databricks-datasets', '/databricks-results', '/databricks/mlflow-registry', "
            "'/databricks/mlflow-tracking']");
  EXPECT_EQ(mount(lake, "/mnt/raw"), "True");
  EXPECT_EQ(run("dbutils.fs.mounts()[-1]"),
            "MountInfo(mountPoint='/mnt/raw', source='" + lake + "', encryptionType='')");
  EXPECT_EQ(run("import json\nprint(json.dumps([m._asdict() for m in dbutils.fs.mounts()][-1:]))"),
            R"([{"mountPoint": "/mnt/raw", "source": ")" + lake + R"(", "encryptionType": ""}])");
  EXPECT_EQ(run("dbutils.fs.refreshMounts()"), "True");
  EXPECT_EQ(run("dbutils.fs.unmount('/mnt/raw')"), "/mnt/raw has been unmounted.\nTrue");
  EXPECT_EQ(mounts(), json::array());
  fails("dbutils.fs.unmount('/mnt/raw')", "Directory not mounted: /mnt/raw");
  fails("dbutils.fs.unmount('/')", "Directory not mounted: /");
}

TEST_F(DbutilsTest, TheWorldKnowsOfCredentialsOnlyTheirNames) {
  mount(lake, "/mnt/raw");
  const json row = mounts()[0];
  EXPECT_EQ(count_of(row, "configs"), 5U);
  for (const json& config : row.at("configs"))
    EXPECT_EQ(config.at("from_secret").get<bool>(),
              text_of(config, "key") == "fs.azure.account.oauth2.client.secret")
        << config;
  EXPECT_EQ(probe.region().world().dump().find("s3cret"), std::string::npos);
}

TEST_F(DbutilsTest, APlaceIsMountedOnce) {
  mount(lake, "/mnt/raw");
  fails("dbutils.fs.mount('" + lake + "', 'dbfs:/mnt/raw/', extra_configs=" + oauth + ")",
        "Directory already mounted: /mnt/raw");
  fails("dbutils.fs.mount('" + lake + "', '/mnt/raw/in', extra_configs=" + oauth + ")", "overlaps");
  fails("dbutils.fs.mount('" + lake + "', '/mnt', extra_configs=" + oauth + ")", "overlaps");
  fails("dbutils.fs.mount('" + lake + "', '/databricks-results', extra_configs=" + oauth + ")",
        "Directory already mounted");
  fails("dbutils.fs.mount('" + lake + "', 'mnt/raw', extra_configs=" + oauth + ")", "absolute");
  fails("dbutils.fs.updateMount('" + lake + "', '/mnt/other', extra_configs=" + oauth + ")",
        "Directory not mounted: /mnt/other");
  EXPECT_EQ(run("dbutils.fs.updateMount(source='" + lake +
                "2', mountPoint='/mnt/raw', "
                "extraConfigs=" +
                oauth + ")"),
            "True");
  EXPECT_EQ(text_of(mounts()[0], "source"), lake + "2");
}

TEST_F(DbutilsTest, ASourceNeedsItsCredentials) {
  const std::string blob = "wasbs://old@stprimary.blob.core.windows.net/";
  const auto refused = [&](const std::string& source, const std::string& configs,
                           const std::string& why) {
    return fails("dbutils.fs.mount('" + source + "', '/mnt/x', extra_configs=" + configs + ")",
                 why);
  };
  refused(lake, "{}", "Configuration property stprimary.dfs.core.windows.net not found");
  refused(lake, "{'fs.azure.account.auth.type': 'OAuth'}", "oauth.provider.type");
  refused(lake, "dict(" + oauth + ", **{'fs.azure.account.oauth2.client.secret': ''})",
          "client.secret");
  refused(lake,
          "dict(" + oauth +
              ", **{'fs.azure.account.oauth2.client.secret': "
              "'{{secrets/kv/app}}'})",
          "Invalid client secret");
  refused(lake, "dict(" + oauth + ", **{'fs.azure.account.oauth2.client.endpoint': 'x'})", "401");
  refused(lake, "{'fs.azure.account.key.stother.dfs.core.windows.net': 'k'}", "not found");
  refused(blob, "{}", "no credentials found");
  refused(blob, "{'fs.azure.sas.other.stprimary.blob.core.windows.net': 'sas'}",
          "no credentials found");
  refused("adl://x.azuredatalakestore.net/", "{}", "fs.adl.oauth2");
  refused("ftp://x/", "{}", "invalid authority or scheme");
  refused("abfss://stprimary.dfs.core.windows.net/", oauth, "invalid authority or scheme");
  EXPECT_EQ(mounts(), json::array());
  EXPECT_EQ(mount(lake, "/mnt/1", "{'fs.azure.account.key.stprimary.dfs.core.windows.net': 'k'}"),
            "True");
  EXPECT_EQ(mount(blob, "/mnt/2", "{'fs.azure.account.key.stprimary.blob.core.windows.net': 'k'}"),
            "True");
  EXPECT_EQ(mount(blob, "/mnt/3", "{'fs.azure.sas.old.stprimary.blob.core.windows.net': 's'}"),
            "True");
  EXPECT_EQ(mount("adl://x.azuredatalakestore.net/", "/mnt/4", "{'fs.adl.oauth2.client.id': 'i'}"),
            "True");
  EXPECT_EQ(mount(lake, "/mnt/5",
                  "{'fs.azure.account.auth.type': 'CustomAccessToken', "
                  "'fs.azure.account.custom.token.provider.class': spark.conf.get("
                  "'spark.databricks.passthrough.adls.gen2.tokenProviderClassName')}"),
            "True");
  EXPECT_EQ(mounts().size(), 5U);
}

TEST_F(DbutilsTest, SharedClustersMountNothing) {
  probe.region().set_legacy_dbfs_disabled(true);
  fails("dbutils.fs.mounts()", "Public DBFS root is disabled");
  probe.region().set_legacy_dbfs_disabled(false);
  attach(json::object({{"data_security_mode", "USER_ISOLATION"}}));
  for (const char* call : {"mounts()", "refreshMounts()", "unmount('/mnt/raw')"})
    fails(std::string("dbutils.fs.") + call, "is not whitelisted");
  fails("dbutils.fs.mount('" + lake + "', '/mnt/raw', extra_configs=" + oauth + ")",
        "is not whitelisted");
  EXPECT_EQ(run("len(dbutils.secrets.get('kv', 'app'))"), "6") << "secrets are not refused";
}

TEST_F(DbutilsTest, OnlyAdminsChangeMounts) {
  mount(lake, "/mnt/raw");
  probe.post("/api/2.0/preview/scim/v2/Users", json::object({{"userName", "ana@contoso.example"}}));
  probe.post("/sim/credentials",
             json::object({{"token", "dapi-ana"}, {"principal", "ana@contoso.example"}}));
  const json grant =
      json::object({{"user_name", "ana@contoso.example"}, {"permission_level", "CAN_ATTACH_TO"}});
  ASSERT_EQ(probe
                .patch("/api/2.0/permissions/clusters/" + cluster,
                       json::object({{"access_control_list", json::array({grant})}}))
                .status,
            200);
  probe.use_token("dapi-ana");
  open();
  EXPECT_EQ(run("len(dbutils.fs.mounts())"), "6") << "all may see them";
  fails("dbutils.fs.unmount('/mnt/raw')", "SecurityException");
  fails("dbutils.fs.mount('" + lake + "', '/mnt/x', extra_configs=" + oauth + ")",
        "SecurityException");
}

TEST_F(DbutilsTest, ADeadAccountHangsUntilTheCommandIsCancelled) {
  auto& accounts = probe.region().get<StorageAccounts>();
  accounts.set("stprimary", AccountState::dead);
  run("kept = 'kept'");
  for (const std::string& call :
       {"mount('" + lake + "', '/mnt/raw', extra_configs=" + oauth + ")", "ls('" + lake + "')"}) {
    const std::string id = start("dbutils.fs." + call);
    probe.wait_millis(3600 * 1000);
    EXPECT_EQ(text_of(status(id), "status"), "Running") << call;
    probe.post("/api/1.2/commands/cancel",
               json::object({{"clusterId", cluster}, {"contextId", context}, {"commandId", id}}));
    probe.wait_millis(100);
    EXPECT_EQ(text_of(status(id), "status"), "Cancelled") << call;
  }
  EXPECT_EQ(run("kept"), "'kept'") << "the context lives on";
  EXPECT_EQ(mounts(), json::array());
  accounts.set("stprimary", AccountState::denies);
  fails("dbutils.fs.mount('" + lake + "', '/mnt/raw', extra_configs=" + oauth + ")",
        "not authorized to perform this operation");
}

TEST_F(DbutilsTest, LiteralSecretsAreRedacted) {
  EXPECT_EQ(run("print(dbutils.secrets.get(scope='kv', key='app'))"), "[REDACTED]");
  EXPECT_EQ(run("print('a' + dbutils.secrets.get('kv', 'longer') + 'b', 's3cret')"),
            "a[REDACTED]b [REDACTED]");
  EXPECT_EQ(run("import base64\nprint(base64.b64encode(dbutils.secrets.getBytes('kv', 'app')))"),
            "b'czNjcmV0'");
  EXPECT_EQ(run("dbutils.secrets.getBytes('kv', 'bytes')"), R"(b'\x00\xff')");
  const std::string error = run("raise ValueError(dbutils.secrets.get('kv', 'app'))");
  EXPECT_EQ(error.find("s3cret"), std::string::npos) << error;
  fails("dbutils.secrets.get('kv', 'gone')", "Secret does not exist with scope: kv and key: gone");
  EXPECT_EQ(run("[s.key for s in dbutils.secrets.list('kv')]"), "['app', 'bytes', 'longer']");
  EXPECT_EQ(run("dbutils.secrets.listScopes()"), "[SecretScope(name='kv')]");
  fails("dbutils.secrets.list('gone')", "Scope gone does not exist!");
}

TEST_F(DbutilsTest, FilesAreThoseOfDbfs) {
  EXPECT_EQ(run("dbutils.fs.put('dbfs:/tmp/a b', 'żółw')"), "Wrote 7 bytes.\nTrue");
  fails("dbutils.fs.put('/tmp/a b', 'x')", "FileAlreadyExistsException");
  EXPECT_EQ(run("dbutils.fs.put('/tmp/a b', 'żółw!', True)\ndbutils.fs.head('/tmp/a b')"),
            "Wrote 8 bytes.\n'żółw!'");
  EXPECT_EQ(run("dbutils.fs.head('/tmp/a b', 2)"), "[Truncated to first 2 bytes]\n'ż'");
  EXPECT_EQ(run("[(f.path, f.name, f.size, f.isDir()) for f in dbutils.fs.ls('/tmp')]"),
            "[('dbfs:/tmp/a b', 'a b', 8, False)]");
  EXPECT_EQ(run("[f.name for f in dbutils.fs.ls('/user')]"), "['hive/']");
  fails("dbutils.fs.ls('/mnt/raw')", "FileNotFoundException");
  mount(lake, "/mnt/raw");
  run("dbutils.fs.put('/mnt/raw/x', 'x')");
  EXPECT_EQ(run("[f.path for f in dbutils.fs.ls('dbfs:/mnt/raw')]"), "['dbfs:/mnt/raw/x']");
  fails("dbutils.fs.ls('" + lake + "')", "ConfigurationPropertyNotFoundException");
}

TEST_F(DbutilsTest, TheConfigurationIsThatOfTheCluster) {
  attach(json::object(
      {{"spark_conf", json::object({{"my.key", "{{secrets/kv/app}}"}, {"my.other", "plain"}})}}));
  EXPECT_EQ(run("spark.conf.get('my.other')"), "'plain'");
  EXPECT_EQ(run("len(spark.conf.get('my.key')), spark.conf.get('my.key')"), "(6, '[REDACTED]')");
  EXPECT_EQ(run("spark.conf.set('a', 1)\nspark.conf.get('a')"), "'1'");
  EXPECT_EQ(run("spark.conf.get('none', 'other')"), "'other'");
  fails("spark.conf.get('none')", "NoSuchElementException");
  EXPECT_EQ(run("display(dbutils.secrets.listScopes())"), "SecretScope(name='kv')");
}

}  // namespace
}  // namespace twinlake::simulator
