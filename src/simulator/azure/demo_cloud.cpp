#include "simulator/azure/demo_cloud.h"

#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
/// Writes resources of one group in few words.
class Writer {
 public:
  Writer(Cloud& cloud, const std::string& group, std::string location)
      : cloud_(cloud),
        base_(cloud.subscription_id() + "/resourceGroups/" + group + "/providers/"),
        location_(std::move(location)) {}

  [[nodiscard]] std::string id(const std::string& what) const { return base_ + what; }
  void make(const std::string& what, const json& properties, const json& more = json::object()) {
    json body = json::object({{"id", id(what)}, {"location", location_}});
    body["tags"] = json::object({{"company", "lakeside"}});
    body["properties"] = properties;
    body.merge_patch(more);
    cloud_.add(std::move(body));
  }
  /// What lies inside another resource has no location.
  void make_inside(const std::string& what, const json& properties) {
    cloud_.add(json::object({{"id", id(what)}, {"properties", properties}}));
  }
  void account(const std::string& name, const char* sku, const json& properties) {
    make("Microsoft.Storage/storageAccounts/" + name, properties,
         json::object({{"sku", json::object({{"name", sku}})}, {"kind", "StorageV2"}}));
  }

 private:
  Cloud& cloud_;
  std::string base_;
  std::string location_;
};

json delegated_subnet(const Writer& writer, const std::string& range, const std::string& group) {
  json properties = json::object({{"addressPrefix", range}});
  properties["networkSecurityGroup"]["id"] =
      writer.id("Microsoft.Network/networkSecurityGroups/" + group);
  json delegation = json::object({{"name", "databricks"}});
  delegation["properties"]["serviceName"] = "Microsoft.Databricks/workspaces";
  properties["delegations"] = json::array({std::move(delegation)});
  return properties;
}

void make_network(Writer& writer, const std::string& letters, const std::string& net) {
  const std::string nsg = "nsg-lakeside-" + letters;
  const std::string network = "Microsoft.Network/virtualNetworks/vnet-lakeside-" + letters;
  writer.make("Microsoft.Network/networkSecurityGroups/" + nsg, json::object());
  json space = json::object();
  space["addressSpace"]["addressPrefixes"] = json::array({net + ".0.0/20"});
  writer.make(network, space);
  writer.make_inside(network + "/subnets/adb-host", delegated_subnet(writer, net + ".0.0/23", nsg));
  writer.make_inside(network + "/subnets/adb-container",
                     delegated_subnet(writer, net + ".2.0/23", nsg));
  writer.make_inside(network + "/subnets/endpoints",
                     json::object({{"addressPrefix", net + ".4.0/26"}}));
}

void make_accounts(Writer& here, Writer& there, std::int64_t now_micros) {
  // The lake: geo-redundant, and its copy has fallen far behind.
  constexpr std::int64_t hours_behind = 6;
  json behind = json::object({{"isHnsEnabled", true}});
  behind["geoReplicationStats"] =
      json::object({{"status", "Live"},
                    {"lastSyncTime", instant(now_micros / 1000 - hours_behind * 3'600'000)},
                    {"canFailover", true},
                    {"canPlannedFailover", false}});
  here.account("stlake", "Standard_RAGRS", behind);
  // What the production mounts lead to has no copy anywhere else.
  here.account("stlakesidewe", "Standard_LRS", json::object({{"isHnsEnabled", true}}));
  here.account("stlakesidelogs", "Standard_GRS", json::object());
  here.account("stlakesidecheck", "Standard_GZRS", json::object({{"isHnsEnabled", true}}));
  there.account("stlakedr", "Standard_LRS", json::object({{"isHnsEnabled", true}}));
}

void make_failover_group(Writer& here, Writer& there, const DemoPlaces& places) {
  const std::string first = "Microsoft.Sql/servers/sql-lakeside-we";
  const std::string second = "Microsoft.Sql/servers/sql-lakeside-ne";
  here.make(first, json::object());
  there.make(second, json::object());
  const auto group = [](Writer& writer, const std::string& server, const std::string& partner,
                        const std::string& partner_place, bool primary) {
    json properties = json::object();
    properties["replicationRole"] = primary ? "Primary" : "Secondary";
    properties["replicationState"] = "CATCH_UP";
    properties["readWriteEndpoint"] = json::object({{"failoverPolicy", "Manual"}});
    properties["partnerServers"] =
        json::array({json::object({{"id", partner},
                                   {"location", partner_place},
                                   {"replicationRole", primary ? "Secondary" : "Primary"}})});
    properties["databases"] = json::array({writer.id(server + "/databases/metastore")});
    writer.make_inside(server + "/failoverGroups/fog-lakeside", properties);
    writer.make_inside(
        server + "/databases/metastore",
        json::object({{"status", "Online"}, {"currentBackupStorageRedundancy", "Geo"}}));
  };
  group(here, first, there.id(second), places.secondary, true);
  group(there, second, here.id(first), places.primary, false);
  json link = json::object({{"partnerServer", "sql-lakeside-ne"},
                            {"partnerDatabase", "metastore"},
                            {"partnerLocation", places.secondary},
                            {"role", "Primary"},
                            {"partnerRole", "Secondary"},
                            {"replicationState", "CATCH_UP"},
                            {"percentComplete", 100},
                            {"linkType", "GEO"}});
  here.make_inside(first + "/databases/metastore/replicationLinks/lakeside", link);
}

void make_services(Cloud& cloud, Writer& here, const DemoPlaces& places) {
  here.make("Microsoft.KeyVault/vaults/kv-lakeside",
            json::object({{"tenantId", cloud.options().tenant},
                          {"sku", json::object({{"family", "A"}, {"name", "standard"}})},
                          {"enableRbacAuthorization", true},
                          {"enablePurgeProtection", true}}));
  // One server, one region, backups that stay there.
  json backup = json::object();
  backup["backup"] = json::object({{"geoRedundantBackup", "Disabled"}, {"backupRetentionDays", 7}});
  backup["highAvailability"] = json::object({{"mode", "ZoneRedundant"}});
  here.make("Microsoft.DBforMySQL/flexibleServers/mysql-lakeside", backup);
  here.make(
      "Microsoft.EventHub/namespaces/evh-lakeside",
      json::object({{"serviceBusEndpoint", "https://evh-lakeside.servicebus.windows.net:443/"}}),
      json::object({{"sku", json::object({{"name", "Standard"}})}}));
  json cosmos =
      json::object({{"documentEndpoint", "https://cosmos-lakeside.documents.azure.com:443/"}});
  cosmos["failoverPolicies"] =
      json::array({json::object({{"locationName", places.primary}, {"failoverPriority", 0}}),
                   json::object({{"locationName", places.secondary}, {"failoverPriority", 1}})});
  here.make("Microsoft.DocumentDB/databaseAccounts/cosmos-lakeside", cosmos);
  here.make("Microsoft.ContainerRegistry/registries/crlakeside",
            json::object({{"loginServer", "crlakeside.azurecr.io"}}),
            json::object({{"sku", json::object({{"name", "Premium"}})}}));
  here.make("Microsoft.OperationalInsights/workspaces/log-lakeside",
            json::object({{"customerId", uuid_from("log-lakeside")}}));
}

/// Room for the pools and clusters of the demo, but not for everything at once.
void set_quotas(Cloud& cloud, const DemoPlaces& places) {
  Capacity& capacity = cloud.capacity();
  capacity.set_quota(places.primary, "cores", {212, 1000});
  capacity.set_quota(places.secondary, "cores", {12, 600});
  capacity.set_quota(places.secondary, "lowPriorityCores", {0, 200});
  capacity.set_quota(places.secondary, "standardDSv2Family", {0, 400});
  capacity.set_quota(places.secondary, "standardEDSv5Family", {0, 120});
  capacity.set_quota(places.secondary, "standardFSv2Family", {0, 64});
  capacity.set_quota(places.secondary, "standardNCSv3Family", {0, 0});
  capacity.limit_size(places.secondary, "Standard_NC6s_v3", SizeLimit::restricted);
}
}  // namespace

std::string demo_workspace_id(const Cloud& cloud, bool primary) {
  return cloud.subscription_id() +
         (primary ? "/resourceGroups/rg-lakeside" : "/resourceGroups/rg-lakeside-dr") +
         "/providers/Microsoft.Databricks/workspaces/" +
         (primary ? "adb-lakeside" : "adb-lakeside-dr");
}

json demo_workspace_body(const Cloud& cloud, const DemoPlaces& places, bool primary) {
  const std::string letters = primary ? "we" : "ne";
  json body = json::object({{"location", primary ? places.primary : places.secondary}});
  body["sku"]["name"] = "premium";
  body["tags"] = json::object({{"company", "lakeside"}, {"costs", "4711"}});
  json& properties = body["properties"];
  properties["computeMode"] = "Hybrid";
  properties["managedResourceGroupId"] =
      cloud.subscription_id() + "/resourceGroups/databricks-rg-adb-lakeside-" + letters;
  json& parameters = properties["parameters"];
  const auto set = [&](const char* name, const json& value) {
    parameters[name] =
        json::object({{"type", value.is_boolean() ? "Bool" : "String"}, {"value", value}});
  };
  set("enableNoPublicIp", true);
  set("storageAccountName", "dbstoragelakeside" + letters);
  set("storageAccountSkuName", primary ? "Standard_GRS" : "Standard_LRS");
  set("customVirtualNetworkId",
      cloud.subscription_id() +
          (primary ? "/resourceGroups/rg-lakeside" : "/resourceGroups/rg-lakeside-dr") +
          "/providers/Microsoft.Network/virtualNetworks/vnet-lakeside-" + letters);
  set("customPublicSubnetName", "adb-host");
  set("customPrivateSubnetName", "adb-container");
  return body;
}

void add_demo_workspace(Cloud& cloud, Region& region, const Seat& seat, const DemoPlaces& places,
                        bool whole) {
  const bool primary = same_id(seat.location, places.primary);
  cloud.add_workspace(region, seat, demo_workspace_id(cloud, primary),
                      whole ? demo_workspace_body(cloud, places, primary) : json::object());
}

void fill_demo_cloud(Cloud& cloud, const DemoPlaces& places, std::int64_t now_micros) {
  Writer here(cloud, "rg-lakeside", places.primary);
  Writer there(cloud, "rg-lakeside-dr", places.secondary);
  make_network(here, "we", "10.40");
  make_network(there, "ne", "10.60");
  make_accounts(here, there, now_micros);
  make_failover_group(here, there, places);
  make_services(cloud, here, places);
  set_quotas(cloud, places);
}

}  // namespace twinlake::simulator
