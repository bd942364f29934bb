#include "app/mount_rules.h"

#include <algorithm>
#include <array>

#include "app/glob.h"
#include "base/json_path.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

constexpr const char* mount_kind = "mount";

/// Settings whose value lets somebody in (facts, azure 8.1).
bool is_secret(std::string_view name) {
  static constexpr std::array<std::string_view, 6> parts{"secret",           ".account.key.",
                                                         "password",         "oauth2.credential",
                                                         ".sas.fixed.token", "refresh.token"};
  if (name.starts_with("fs.azure.sas.") && name.find("provider.type") == std::string_view::npos)
    return true;
  return std::ranges::any_of(
      parts, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

bool is_reference(std::string_view value) {
  return value.starts_with("{{secrets/") && value.ends_with("}}") &&
         std::count(value.begin(), value.end(), '/') == 2;
}

MountConfigs read_configs(const YamlReader& yaml, const YAML::Node& node) {
  MountConfigs configs;
  for (const YamlReader::Member& member : yaml.members(node, "configs")) {
    std::string value = yaml.text(member.value, member.key);
    if (is_secret(member.key) && !is_reference(value))
      yaml.fail_at(member.value,
                   "the value of `" + member.key + "` is a secret and must not stand here",
                   "Keep it in a secret scope and write {{secrets/SCOPE/KEY}}");
    configs.emplace(member.key, std::move(value));
  }
  return configs;
}

std::string source_of(const YamlReader& yaml, const YAML::Node& node, const std::string& what) {
  std::string source = yaml.text(node, what);
  if (source.find("://") == std::string::npos)
    yaml.fail_at(node, "`" + source + "` is no storage that can be mounted",
                 "Write it like abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/");
  return source;
}

MountEntry read_mount(const YamlReader& yaml, const YAML::Node& node) {
  MountEntry entry;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "list", {"mount", "source", "encryption_type", "configs"})) {
    if (key == "mount") entry.mount_point = yaml.text(value, key);
    if (key == "source") entry.source = source_of(yaml, value, key);
    if (key == "encryption_type") entry.encryption_type = yaml.text(value, key);
    if (key == "configs") entry.configs = read_configs(yaml, value);
  }
  if (!entry.mount_point.starts_with("/mnt/"))
    yaml.fail_at(node, "a mount needs a `mount` such as /mnt/raw", "Add it, or correct it");
  if (entry.source.empty())
    yaml.fail_at(node, "the mount " + entry.mount_point + " has no `source`",
                 "Add it as the primary has it; rewrites turn it into the secondary's");
  return entry;
}

MountCredentials read_credentials(const YamlReader& yaml, const YAML::Node& node) {
  MountCredentials rule;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "credentials", {"source", "configs"})) {
    if (key == "source") rule.source = yaml.text(value, key);
    if (key == "configs") rule.configs = read_configs(yaml, value);
  }
  if (rule.source.empty() || rule.configs.empty())
    yaml.fail_at(node, "`credentials` need a `source` and `configs`",
                 "Write {source: \"abfss://*@ACCOUNT.dfs.core.windows.net/*\", configs: {...}}");
  return rule;
}

json item_of(const MountEntry& entry) {
  json item = json::object();
  item["mount_point"] = entry.mount_point;
  item["source"] = entry.source;
  if (!entry.encryption_type.empty()) item["encryption_type"] = entry.encryption_type;
  if (!entry.configs.empty()) item["configs"] = entry.configs;
  return item;
}

void add_credentials(const std::vector<MountCredentials>& rules, json& mount) {
  if (mount.contains("configs")) return;
  for (const MountCredentials& rule : rules) {
    if (!glob_matches(rule.source, text_at(mount, "/source"), GlobStyle::name)) continue;
    mount["configs"] = rule.configs;
    return;
  }
}

std::optional<workspace::HelperOptions> helper_of(const HelperClusters& helpers,
                                                  const std::string& where) {
  if (where == "none") return std::nullopt;
  workspace::HelperOptions options;
  if (where != "auto") options.cluster_id = where;
  options.node_type = helpers.node_type;
  options.runtime = helpers.runtime;
  return options;
}

}  // namespace

HelperClusters read_helper_clusters(const YamlReader& yaml, const YAML::Node& node) {
  HelperClusters helpers;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "helper_clusters", {"primary", "secondary", "node_type", "runtime"})) {
    std::string& into = key == "primary"     ? helpers.primary
                        : key == "secondary" ? helpers.secondary
                        : key == "node_type" ? helpers.node_type
                                             : helpers.runtime;
    into = yaml.text(value, key);
    if (into.empty())
      yaml.fail_at(value, "`" + key + "` is empty",
                   "Write none, auto, or the id of a cluster that runs");
  }
  return helpers;
}

MountRules read_mount_rules(const YamlReader& yaml, const YAML::Node& node) {
  MountRules rules;
  for (const auto& [key, key_node, value] :
       yaml.members(node, "mounts", {"look_every_hours", "list", "credentials"})) {
    if (key == "look_every_hours") rules.every = std::chrono::hours(yaml.count(value, key));
    if (key == "list")
      for (const YAML::Node& entry : yaml.list(value, key))
        rules.list.push_back(read_mount(yaml, entry));
    if (key == "credentials")
      for (const YAML::Node& entry : yaml.list(value, key))
        rules.credentials.push_back(read_credentials(yaml, entry));
  }
  return rules;
}

engine::ObserveRules observe_rules(const HelperClusters& helpers,
                                   const std::optional<MountRules>& mounts) {
  engine::ObserveRules rules;
  const std::string secondary =
      helpers.secondary.empty() ? (mounts ? "auto" : "none") : helpers.secondary;
  rules.primary = helper_of(helpers, helpers.primary);
  rules.secondary = helper_of(helpers, secondary);
  if (!mounts) return rules;
  rules.kinds.insert(mount_kind);
  rules.every = mounts->every;
  for (const MountEntry& entry : mounts->list) rules.declared[mount_kind].push_back(item_of(entry));
  rules.complete = [credentials = mounts->credentials](const model::Kind& kind, json& item) {
    if (kind.name == mount_kind) add_credentials(credentials, item);
  };
  return rules;
}

}  // namespace twinlake::app
