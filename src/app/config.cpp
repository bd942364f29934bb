#include "app/config.h"

#include <algorithm>
#include <optional>

#include "app/files.h"
#include "app/glob.h"
#include "app/suggest.h"
#include "app/yaml_reader.h"
#include "workspace/network_access.h"
#include "workspace/profile.h"

namespace twinlake::app {

namespace {

class ConfigReader {
 public:
  ConfigReader(const std::string& file, const KindNames& kinds) : yaml_(file), kinds_(kinds) {
    config_.file = file;
  }

  Config read(const YAML::Node& document) {
    if (document.IsNull() || !document.IsDefined())
      yaml_.fail_at(YAML::Mark(), "the file is empty",
                    "Begin with `groups:` and one group below it, or remove the file");
    for (const auto& member : yaml_.members(document, "twinlake.yml", {"groups"}))
      for (const auto& group : yaml_.members(member.value, "groups")) read_group(group);
    if (config_.groups.empty())
      yaml_.fail_at(document, "there is no failover group",
                    "Add one below `groups:`, with its `primary` and `secondary`");
    return std::move(config_);
  }

 private:
  void check_profiles(const YamlReader::Member& member, const GroupConfig& group) {
    for (const auto& [key, profile] :
         {std::pair("primary", &group.primary), std::pair("secondary", &group.secondary)})
      if (profile->empty())
        yaml_.fail_at(member.key_node, "group `" + group.name + "` has no `" + key + "`",
                      std::string("Add `") + key + ": PROFILE`, a profile of ~/.databrickscfg");
    if (group.primary == group.secondary)
      yaml_.fail_at(member.key_node,
                    "group `" + group.name + "` has the same profile on both sides",
                    "Name the profile of the other region's workspace as `secondary`");
    if (!group.managed_dr.cover.empty() && group.account.empty())
      yaml_.fail_at(member.key_node, "`managed_dr` covers something, but no `account` tells of it",
                    "Add `account: PROFILE` of the account console");
  }

  void read_group(const YamlReader::Member& member) {
    check_name(member);
    GroupConfig group;
    group.name = member.key;
    static const std::vector<std::string> known = {
        "primary",    "secondary",       "state",   "scope",         "rewrites",
        "deletion",   "adopt",           "values",  "own_addresses", "dbfs",
        "mounts",     "helper_clusters", "secrets", "metastore",     "drill",
        "always_on",  "recovery_plan",   "azure",   "account",       "conflicts",
        "managed_dr", "targets",         "limits",  "sweep",         "history"};
    for (const auto& [key, key_node, value] : yaml_.members(member.value, member.key, known)) {
      if (key == "primary") group.primary = yaml_.text(value, key);
      if (key == "secondary") group.secondary = yaml_.text(value, key);
      if (key == "state") group.state = yaml_.text(value, key);
      if (key == "limits") group.limits = read_limit_rules(yaml_, value);
      if (key == "targets") read_targets(value, group);
      if (key == "account") group.account = yaml_.text(value, key);
      if (key == "scope") read_scope(value, group);
      if (key == "rewrites") read_rewrites(value, group);
      if (key == "deletion") read_deletion(value, group);
      if (key == "adopt") read_adopt(value, group);
      if (key == "conflicts") group.conflicts = read_conflict_rules(yaml_, value, kinds_);
      if (key == "values") group.values = beside_config(yaml_.text(value, key));
      if (key == "own_addresses") group.own_addresses = addresses(value, key);
      if (key == "always_on") read_always_on(value, group);
      if (key == "dbfs") read_dbfs(value, group);
      if (key == "secrets") read_secrets(value, group);
      if (key == "mounts") group.mounts = read_mount_rules(yaml_, value);
      if (key == "sweep") std::tie(group.sweep, group.audit) = read_sweep_rules(yaml_, value);
      if (key == "drill") group.drill = read_drill_rules(yaml_, value);
      if (key == "azure") group.azure = read_azure_rules(yaml_, value);
      if (key == "managed_dr") group.managed_dr = read_managed_rules(yaml_, value);
      if (key == "history") read_history(value, group);
      if (key == "recovery_plan")
        group.recovery_plan = read_recovery_plan(yaml_, value, member.key);
      if (key == "metastore") group.metastore = read_metastore_rules(yaml_, value);
      if (key == "helper_clusters") group.helper_clusters = read_helper_clusters(yaml_, value);
    }
    check_profiles(member, group);
    config_.groups.push_back(std::move(group));
  }

  void check_name(const YamlReader::Member& member) const {
    if (!is_group_name(member.key))
      yaml_.fail_at(member.key_node, "`" + member.key + "` cannot be the name of a failover group",
                    group_name_remedy);
  }

  void read_scope(const YAML::Node& node, GroupConfig& group) const {
    for (const auto& [key, key_node, value] :
         yaml_.members(node, "scope", {"include", "exclude"})) {
      auto& into = key == "include" ? group.include : group.exclude;
      for (const YAML::Node& entry : yaml_.list(value, key)) into.push_back(selector(entry, key));
    }
  }

  Selector selector(const YAML::Node& node, const std::string& what) const {
    Selector made;
    if (node.IsScalar()) {
      made.path = path(node, what);
      return made;
    }
    if (!node.IsMap())
      yaml_.fail_at(node, "an entry of `" + what + "` must be a path or a mapping",
                    "Write `- /Shared/tmp/**` or `- {kind: job, name: \"test *\"}`");
    for (const auto& [key, key_node, value] : yaml_.members(node, what, {"kind", "path", "name"})) {
      if (key == "kind") made.kinds = kinds(value);
      if (key == "path") made.path = path(value, key);
      if (key == "name") made.name = yaml_.text(value, key);
    }
    if (!made.path.empty() && !made.name.empty())
      yaml_.fail_at(node, "an entry has both `path` and `name`, but no object has both",
                    "Make two entries of it");
    if (made.kinds.empty() && made.path.empty() && made.name.empty())
      yaml_.fail_at(node, "an entry of `" + what + "` names nothing",
                    "Give `kind`, `path` or `name`");
    return made;
  }

  void read_always_on(const YAML::Node& node, GroupConfig& group) const {
    for (const YAML::Node& entry : yaml_.list(node, "always_on")) {
      Selector wanted;
      if (entry.IsScalar()) {
        wanted.name = yaml_.text(entry, "always_on");
      } else {
        for (const auto& [key, key_node, value] :
             yaml_.members(entry, "always_on", {"kind", "name"})) {
          if (key == "kind") wanted.kinds = kinds(value);
          if (key == "name") wanted.name = yaml_.text(value, key);
        }
      }
      if (wanted.name.empty())
        yaml_.fail_at(entry, "an entry of `always_on` needs a name",
                      "Write a name or a glob, or {kind: cluster, name: \"serving *\"}");
      group.always_on.push_back(std::move(wanted));
    }
  }

  std::string path(const YAML::Node& node, const std::string& what) const {
    std::string text = yaml_.text(node, what);
    if (text.starts_with("/Workspace/")) text.erase(0, std::string_view("/Workspace").size());
    if (!text.starts_with("/") && !text.starts_with("**"))
      yaml_.fail_at(node, "`" + text + "` is not a path of the workspace",
                    "Begin with '/', for example /Shared/tmp/**, or with '**'");
    return text;
  }

  std::vector<std::string> kinds(const YAML::Node& node) const {
    std::vector<std::string> names;
    const auto take = [&](const YAML::Node& entry) {
      const std::string name = yaml_.text(entry, "kind");
      if (!kinds_.contains(name)) {
        const std::string meant = nearest(name, {kinds_.begin(), kinds_.end()});
        yaml_.fail_at(
            entry, "there is no kind `" + name + "`",
            meant.empty() ? "`twinlake kinds` lists them" : "Did you mean `" + meant + "`?");
      }
      names.push_back(name);
    };
    if (node.IsSequence()) {
      for (const auto& entry : node) take(entry);
    } else {
      take(node);
    }
    return names;
  }

  RewriteRule rewrite(const YAML::Node& node) const {
    RewriteRule rule;
    std::string same;
    rule.line = node.Mark().line + 1;
    for (const auto& [key, key_node, value] :
         yaml_.members(node, "rewrites", {"from", "to", "kinds", "one_way", "same"})) {
      if (key == "from") rule.from = yaml_.text(value, key);
      if (key == "to") rule.to = yaml_.text(value, key);
      if (key == "kinds") rule.kinds = kinds(value);
      if (key == "one_way") rule.one_way = yaml_.truth(value, key);
      if (key == "same") same = yaml_.text(value, key);
    }
    if (!same.empty()) {
      if (!rule.from.empty() || !rule.to.empty() || rule.one_way)
        yaml_.fail_at(node, "a rewrite has `same` and another text", "Give one of them");
      rule.from = rule.to = same;
      rule.same = true;
    }
    if (rule.from.empty() || rule.to.empty())
      yaml_.fail_at(node, "a rewrite needs `from` and `to`", "Add what is missing");
    return rule;
  }

  void read_rewrites(const YAML::Node& node, GroupConfig& group) const {
    const std::vector<YAML::Node> nodes = yaml_.list(node, "rewrites");
    for (const YAML::Node& entry : nodes) group.rewrite_rules.push_back(rewrite(entry));
    std::size_t wrong = 0;
    auto made = Rewrites::make(group.rewrite_rules, wrong);
    if (!made) yaml_.fail_at(nodes[wrong], made.error().message, made.error().hint);
    group.rewrites = std::move(*made);
  }

  void read_deletion(const YAML::Node& node, GroupConfig& group) const {
    for (const auto& [key, key_node, value] :
         yaml_.members(node, "deletion", {"enabled", "allow", "unassign"})) {
      if (key == "enabled") group.delete_enabled = yaml_.truth(value, key);
      if (key == "unassign") group.unassign = yaml_.truth(value, key);
      if (key == "allow") group.allow_deletes = yaml_.count(value, key);
    }
  }

  /// Paths in the file are relative to it, wherever the program is started.
  std::string beside_config(const std::string& path) const {
    std::string expanded = expand_home(path);
    const std::size_t slash = config_.file.rfind('/');
    if (expanded.starts_with('/') || slash == std::string::npos) return expanded;
    return config_.file.substr(0, slash + 1) + expanded;
  }

  std::vector<std::string> addresses(const YAML::Node& node, const std::string& what) const {
    std::vector<std::string> all;
    for (const YAML::Node& entry : yaml_.list(node, what)) {
      all.push_back(yaml_.text(entry, what));
      if (!workspace::is_within(all.back(), all.back()))
        yaml_.fail_at(entry, "`" + all.back() + "` is not an address or network",
                      "Write it like 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32");
    }
    return all;
  }

  void read_dbfs(const YAML::Node& node, GroupConfig& group) const {
    for (const auto& [key, key_node, value] : yaml_.members(node, "dbfs", {"roots"})) {
      group.dbfs_roots.clear();
      for (const YAML::Node& entry : yaml_.list(value, key)) {
        std::string root = yaml_.text(entry, key);
        if (root.starts_with("dbfs:/")) root.erase(0, std::string_view("dbfs:").size());
        if (!root.starts_with('/') || root == "/" || root.starts_with("/mnt") ||
            root.starts_with("/Volumes"))
          yaml_.fail_at(
              entry, "`" + root + "` is not a folder of the DBFS root that can be copied",
              "Name a folder such as /FileStore/jars; data belongs to storage replication");
        group.dbfs_roots.push_back(std::move(root));
      }
    }
  }

  /// What is a secret although neither its name nor its shape says so.
  void read_secrets(const YAML::Node& node, GroupConfig& group) const {
    for (const auto& [key, key_node, value] : yaml_.members(node, "secrets", {"names", "places"})) {
      for (const YAML::Node& entry : yaml_.list(value, key)) {
        if (key == "names") {
          group.secret_names.push_back(yaml_.text(entry, key));
          continue;
        }
        std::string place;
        std::vector<std::string> of;
        for (const auto& part : yaml_.members(entry, key, {"kind", "place"})) {
          if (part.key == "kind") of = kinds(part.value);
          if (part.key == "place") place = yaml_.text(part.value, part.key);
        }
        if (of.empty() || !place.starts_with('/'))
          yaml_.fail_at(entry, "an entry of `places` needs a `kind` and a `place`",
                        "Write {kind: job, place: /tasks/*/notebook_task/base_parameters/pin}, "
                        "as `plan` names places");
        for (const std::string& kind : of) group.secret_places.push_back({kind, place});
      }
    }
  }

  void read_targets(const YAML::Node& node, GroupConfig& group) const {
    for (const auto& [key, key_node, value] : yaml_.members(node, "targets", {"rpo_minutes"})) {
      group.rpo = std::chrono::minutes(yaml_.count(value, key));
      if (*group.rpo <= Micros(0))
        yaml_.fail_at(value, "`rpo_minutes` must be above 0", "Write how old the standby may be");
    }
  }

  void read_history(const YAML::Node& node, GroupConfig& group) const {
    group.history = read_history_rules(yaml_, node);
    const bool is_file = group.history.key.find(':') == std::string::npos;
    if (is_file && !group.history.key.empty()) group.history.key = beside_config(group.history.key);
  }

  void read_adopt(const YAML::Node& node, GroupConfig& group) const {
    if (node.IsScalar() && node.Scalar() == "overwrite") {
      group.overwrite.push_back(Selector{});
      return;
    }
    for (const auto& [key, key_node, value] : yaml_.members(node, "adopt", {"overwrite"}))
      for (const YAML::Node& entry : yaml_.list(value, key))
        group.overwrite.push_back(selector(entry, key));
  }

  YamlReader yaml_;
  const KindNames& kinds_;
  Config config_;
};

}  // namespace

bool is_group_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

bool Selector::matches(const model::Kind& kind, std::string_view key) const {
  if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), kind.name) == kinds.end())
    return false;
  if (!path.empty()) return kind.key_is_path && glob_matches(path, key, GlobStyle::path);
  if (!name.empty()) return !kind.key_is_path && glob_matches(name, key, GlobStyle::name);
  return true;
}

const GroupConfig* Config::find(std::string_view group) const {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [&](const GroupConfig& g) { return g.name == group; });
  return found == groups.end() ? nullptr : &*found;
}

Result<Config> parse_config(const std::string& text, const std::string& file,
                            const KindNames& kinds) {
  try {
    return ConfigReader(file, kinds).read(YAML::Load(text));
  } catch (const ConfigProblem& problem) {
    return fail(problem.error);
  } catch (const YAML::Exception& problem) {
    const std::string place = file + ":" + std::to_string(problem.mark.line + 1) + ":" +
                              std::to_string(problem.mark.column + 1);
    return fail(Fault::config, place + ": it is not YAML: " + problem.msg,
                "Check indentation (spaces, no tabs), colons and quotes near that place");
  }
}

Result<Config> load_config(const std::string& file, const KindNames& kinds) {
  TRY(const std::optional<std::string> text, workspace::disk_reader()(file));
  if (!text)
    return fail(Fault::config, "there is no file " + file, "Check --config, or leave it out");
  return parse_config(*text, file, kinds);
}

}  // namespace twinlake::app
