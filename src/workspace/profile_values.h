#pragma once
// The attributes of a profile as texts, from sections and variables. Internal to profile.cpp.
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "workspace/ini.h"
#include "workspace/profile.h"

namespace twinlake::workspace {

/// Whose credentials an attribute belongs to.
enum class Family { none, pat, basic, oauth, azure, other };

[[nodiscard]] std::string_view word(Family family);

/// The attributes gathered so far. Wiped at the end: there are secrets among them.
class Values {
 public:
  Values() = default;
  Values(Values&&) = default;
  Values& operator=(Values&&) = default;
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;
  ~Values() {
    for (auto& [key, value] : values_) wipe(value);
  }
  [[nodiscard]] bool has(std::string_view key) const { return values_.contains(key); }
  [[nodiscard]] std::string get(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::string() : found->second;
  }
  /// A value already set is never overwritten.
  void offer(std::string_view key, std::string value) {
    if (!value.empty()) values_.try_emplace(std::string(key), std::move(value));
  }
  /// The kinds of credentials that something was given for.
  [[nodiscard]] std::set<Family> families() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

void take_section(Values& values, const IniSection& section);
/// The variables of Databricks' and Azure's tools, as far as nothing is set yet.
void take_environment(Values& values, const Environment& environment);
/// Those that count only where nothing speaks for credentials of another kind.
void take_weak_variables(Values& values, const Environment& environment);
/// Completes a named section: its kind of credentials may have its secret in the environment, but
/// nothing that belongs to one workspace, and nothing of another kind, comes in.
void complete_from_environment(Values& values, const Environment& environment);
/// What the environment alone says about signing in to Azure.
[[nodiscard]] Values azure_values(const Environment& environment);

}  // namespace twinlake::workspace
