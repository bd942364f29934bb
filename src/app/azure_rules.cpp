#include "app/azure_rules.h"

#include <map>

#include "azure/arm.h"
#include "azure/provider.h"

namespace twinlake::app {

namespace {

/// The id of a workspace, taken apart.
azure::ResourceId workspace_id(const YamlReader& yaml, const YAML::Node& node) {
  const std::string text = yaml.text(node, "resource_id");
  auto id = azure::resource_id(text);
  if (!id) yaml.fail_at(node, id.error().message, id.error().hint);
  if (!azure::same_id(id->provider + "/" + id->type, "Microsoft.Databricks/workspaces"))
    yaml.fail_at(node, "`" + text + "` is no workspace of Azure Databricks",
                 "It ends with /providers/Microsoft.Databricks/workspaces/NAME");
  return *id;
}

azure::NetworkSettings network_of(const YamlReader& yaml, const YAML::Node& node) {
  azure::NetworkSettings network;
  if (node.IsScalar()) {
    if (yaml.text(node, "network") != "managed")
      yaml.fail_at(node, "`network` must be `managed` or a mapping",
                   "Write {vnet: ID, public_subnet: NAME, private_subnet: NAME}");
    network.managed = true;
    return network;
  }
  for (const auto& [key, key_node, value] :
       yaml.members(node, "network",
                    {"vnet", "public_subnet", "private_subnet", "load_balancer", "backend_pool",
                     "address_space", "public_prefix", "private_prefix"})) {
    const std::string text = yaml.text(value, key);
    if (key == "vnet") network.vnet = text;
    if (key == "public_subnet") network.public_subnet = text;
    if (key == "private_subnet") network.private_subnet = text;
    if (key == "load_balancer") network.load_balancer = text;
    if (key == "backend_pool") network.backend_pool = text;
    if (key == "address_space") network.address_space = text;
    if (key == "public_prefix") network.public_prefix = text;
    if (key == "private_prefix") network.private_prefix = text;
  }
  return network;
}

azure::KeySettings key_of(const YamlReader& yaml, const YAML::Node& node, const std::string& what) {
  azure::KeySettings made;
  for (const auto& [key, key_node, value] :
       yaml.members(node, what, {"vault", "name", "version"})) {
    const std::string text = yaml.text(value, key);
    if (key == "vault") made.vault = text;
    if (key == "name") made.name = text;
    if (key == "version") made.version = text;
  }
  if (!made.vault.starts_with("https://") || made.name.empty())
    yaml.fail_at(node, "a key needs the address of its vault and its name",
                 "Write {vault: https://NAME.vault.azure.net, name: KEY, version: VERSION}");
  return made;
}

void read_keys(const YamlReader& yaml, const YAML::Node& node, azure::TwinSettings& settings) {
  for (const auto& [key, key_node, value] :
       yaml.members(node, "keys", {"managed_services", "managed_disks", "dbfs_root"})) {
    if (key == "managed_services") settings.services_key = key_of(yaml, value, key);
    if (key == "managed_disks") settings.disks_key = key_of(yaml, value, key);
    if (key == "dbfs_root") settings.root_key = key_of(yaml, value, key);
  }
}

void read_accepted(const YamlReader& yaml, const YAML::Node& node, azure::TwinSettings& settings) {
  for (const YAML::Node& entry : yaml.list(node, "accept")) {
    if (yaml.text(entry, "accept") != "compliance_security_profile")
      yaml.fail_at(entry, "there is nothing of that name to accept",
                   "What can be accepted is compliance_security_profile");
    settings.accept_compliance = true;
  }
}

void take_id(const YamlReader& yaml, const YAML::Node& node, azure::TwinSettings& settings) {
  const azure::ResourceId id = workspace_id(yaml, node);
  settings.subscription = id.subscription;
  settings.resource_group = id.group;
  settings.name = id.name;
}

azure::TwinSettings secondary_of(const YamlReader& yaml, const YAML::Node& node) {
  azure::TwinSettings settings;
  using Settings = azure::TwinSettings;
  static const std::map<std::string, std::string Settings::*> texts = {
      {"subscription", &Settings::subscription},
      {"resource_group", &Settings::resource_group},
      {"name", &Settings::name},
      {"region", &Settings::region},
      {"sku", &Settings::sku},
      {"access_connector", &Settings::access_connector},
      {"storage_sku", &Settings::storage_sku},
      {"storage_account", &Settings::storage_account},
      {"managed_resource_group", &Settings::managed_resource_group},
      {"ml_workspace", &Settings::ml_workspace},
      {"address_prefix", &Settings::address_prefix}};
  std::vector<std::string> known = {"resource_id", "network", "keys", "tags", "accept"};
  for (const auto& [name, field] : texts) known.push_back(name);
  for (const auto& [key, key_node, value] : yaml.members(node, "secondary", known)) {
    if (key == "resource_id") take_id(yaml, value, settings);
    if (key == "network") settings.network = network_of(yaml, value);
    if (key == "keys") read_keys(yaml, value, settings);
    if (key == "accept") read_accepted(yaml, value, settings);
    if (key == "tags")
      for (const auto& tag : yaml.members(value, "tags"))
        settings.tags[tag.key] = yaml.text(tag.value, tag.key);
    const auto field = texts.find(key);
    if (field != texts.end()) settings.*field->second = yaml.text(value, key);
  }
  return settings;
}

}  // namespace

AzureRules read_azure_rules(const YamlReader& yaml, const YAML::Node& node) {
  AzureRules rules;
  for (const auto& [key, key_node, value] : yaml.members(node, "azure", {"primary", "secondary"})) {
    if (key == "secondary") rules.secondary = secondary_of(yaml, value);
    if (key != "primary") continue;
    for (const auto& part : yaml.members(value, "primary", {"resource_id"})) {
      static_cast<void>(workspace_id(yaml, part.value));
      rules.primary_id = yaml.text(part.value, part.key);
    }
  }
  return rules;
}

}  // namespace twinlake::app
