#pragma once
// An address inside Azure Resource Manager, taken apart. Ids are case-insensitive: compare and look
// up by lower(text).
#include <string>
#include <string_view>
#include <vector>

namespace twinlake::simulator {

struct ResourceId {
  std::string text;          ///< as it was asked for, decoded, without a slash at the end
  std::string subscription;  ///< empty at tenant level
  std::string group;         ///< name of the resource group; empty outside of one
  /// What stands before the last "/providers/": a subscription, a group, another resource.
  std::string scope;
  std::string provider;            ///< "Microsoft.Storage"; empty for subscriptions and groups
  std::vector<std::string> words;  ///< after the provider: type, name, type, name ...

  /// Takes a decoded path apart. Anything can be asked for: what does not fit leaves fields empty.
  static ResourceId parse(std::string_view path);

  /// The path with its names replaced, in lower case: "microsoft.sql/servers/{}/failovergroups".
  /// Without a provider "subscriptions/{}/resourcegroups/{}".
  [[nodiscard]] std::string route() const;
  /// "Microsoft.Sql/servers/failoverGroups".
  [[nodiscard]] std::string type() const;
  /// The path ends with a name: it is one resource, not a list of them or an action.
  [[nodiscard]] bool names_one() const { return words.size() % 2 == 0; }
  /// The last name; of an action, the name of what it acts on.
  [[nodiscard]] std::string name() const;
  /// "/subscriptions/{s}/resourceGroups/{g}"; empty outside of a group.
  [[nodiscard]] std::string group_id() const;
  /// What the last word belongs to: the parent of a resource, the object of an action, the scope of
  /// a list.
  [[nodiscard]] std::string parent() const;
};

}  // namespace twinlake::simulator
