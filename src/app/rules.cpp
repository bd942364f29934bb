#include "app/rules.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "app/glob.h"
#include "app/output.h"
#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::app {

using model::Kind;
using nlohmann::json;

namespace {

bool any_matches(const std::vector<Selector>& selectors, const Kind& kind, std::string_view key) {
  return std::any_of(selectors.begin(), selectors.end(),
                     [&](const Selector& s) { return s.matches(kind, key); });
}

/// A folder above something that is included: without it there would be no place for it.
bool is_way_to_included(const std::vector<Selector>& include, std::string_view path) {
  return std::any_of(include.begin(), include.end(), [&](const Selector& selector) {
    const std::string_view folder = literal_folder(selector.path);
    return folder.starts_with(path) && (folder.size() == path.size() || folder[path.size()] == '/');
  });
}

json as_json(const std::vector<Selector>& selectors) {
  json list = json::array();
  for (const Selector& selector : selectors) {
    json entry = json::object();
    entry["kinds"] = selector.kinds;
    entry["path"] = selector.path;
    entry["name"] = selector.name;
    list.push_back(std::move(entry));
  }
  return list;
}

/// A newer program may compare differently, so what an older one found equal is looked at again.
std::string digest_of(const GroupConfig& group) {
  json rules = json::object();
  rules["program"] = TWINLAKE_VERSION;
  rules["include"] = as_json(group.include);
  rules["exclude"] = as_json(group.exclude);
  rules["overwrite"] = as_json(group.overwrite);
  rules["delete"] = group.delete_enabled;
  rules["unassign"] = group.unassign;
  rules["dbfs"] = group.dbfs_roots;
  rules["rewrites"] = json::array();
  for (const RewriteRule& rule : group.rewrite_rules) {
    json entry = json::object();
    entry["from"] = rule.from;
    entry["to"] = rule.to;
    entry["kinds"] = rule.kinds;
    entry["one_way"] = rule.one_way;
    rules["rewrites"].push_back(std::move(entry));
  }
  return sha256_hex(to_text(rules)).substr(0, 32);
}

}  // namespace

const std::vector<std::string>& always_excluded() {
  static const std::vector<std::string> globs = {"/Twinlake/**", "/Users/*/Trash/**", "**/.ide/**",
                                                 "**/__pycache__/**"};
  return globs;
}

bool is_in_scope(const GroupConfig& group, const Kind& kind, const std::string& key) {
  // Lookups write nothing; without them references would not resolve.
  if (kind.support == model::Support::lookup) return true;
  // What cannot be replicated is still named.
  if (kind.key_is_path && kind.support == model::Support::replicated) {
    for (const std::string& glob : always_excluded())
      if (glob_matches(glob, key, GlobStyle::path)) return false;
  }
  if (any_matches(group.exclude, kind, key)) return false;
  if (group.include.empty() || any_matches(group.include, kind, key)) return true;
  return kind.key_is_path && is_way_to_included(group.include, key);
}

engine::Rules rules_of(const GroupConfig& group) {
  engine::Rules rules;
  rules.group = group.name;
  rules.in_scope = [&group](const Kind& kind, const std::string& key) {
    return is_in_scope(group, kind, key);
  };
  rules.may_overwrite = [&group](const Kind& kind, const std::string& key) {
    return any_matches(group.overwrite, kind, key);
  };
  rules.on_conflict = [&group](const Kind& kind, const std::string& key) {
    return policy_for(group.conflicts, kind, key);
  };
  if (!group.rewrites.empty())
    rules.rewrite = [&group](const Kind& kind, json& definition, model::Way way,
                             const model::Recall& recall) {
      return group.rewrites.apply(kind, definition, way, recall);
    };
  if (!group.secret_names.empty())
    rules.literals.is_secret_name = [&group](std::string_view name) {
      return std::ranges::any_of(group.secret_names, [&](const std::string& glob) {
        return glob_matches(glob, name, GlobStyle::name);
      });
    };
  rules.literals.places = group.secret_places;
  rules.delete_enabled = group.delete_enabled;
  rules.unassign = group.unassign;
  rules.allow_deletes =
      static_cast<int>(std::min<std::int64_t>(group.allow_deletes, 1'000'000'000));
  rules.observe = observe_rules(group.helper_clusters, group.mounts);
  add_metastore(rules.observe, group.metastore);
  rules.sweep = group.sweep;
  rules.audit = group.audit;
  rules.digest = digest_of(group);
  return rules;
}

std::vector<failover::AlwaysOn> always_on_of(const GroupConfig& group) {
  std::vector<failover::AlwaysOn> rules;
  for (const Selector& selector : group.always_on)
    rules.push_back({selector.name, [selector](const Kind& kind, const std::string& key) {
                       return selector.matches(kind, key);
                     }});
  return rules;
}

void warn_of_unused_rewrites(const Settings& settings) {
  for (const RewriteRule* rule : settings.group.rewrites.unused())
    warn(settings.err,
         "the rewrite in line " + std::to_string(rule->line) + ", `" + rule->from +
             (rule->same ? "` as it is" : "` to `" + rule->to + "`") +
             ", matches nothing in the primary",
         "Check how it is written, or remove it");
}

}  // namespace twinlake::app
