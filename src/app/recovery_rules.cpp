#include "app/recovery_rules.h"

#include <algorithm>
#include <array>
#include <optional>

#include "app/suggest.h"
#include "app/waves.h"
#include "http/curl_transport.h"

namespace twinlake::app {

namespace {

using failover::ActionType;
using failover::PlanAction;
using failover::PlanGroup;

constexpr std::array types{ActionType::release, ActionType::canary, ActionType::command,
                           ActionType::webhook, ActionType::manual};

/// A person is not reached as fast as a program.
std::int64_t usual_minutes(ActionType type) {
  switch (type) {
    case ActionType::release:
    case ActionType::canary: return 30;
    case ActionType::command: return 10;
    case ActionType::webhook: return 1;
    case ActionType::manual: return 240;
  }
  return 10;
}

std::vector<std::string> texts(const YamlReader& yaml, const YAML::Node& node,
                               const std::string& what) {
  if (node.IsScalar()) return {yaml.text(node, what)};
  std::vector<std::string> all;
  for (const YAML::Node& entry : yaml.list(node, what)) all.push_back(yaml.text(entry, what));
  return all;
}

/// One of several words, each with its meaning.
template <class T>
T word(const YamlReader& yaml, const YAML::Node& node, const std::string& what,
       const std::vector<std::pair<std::string, T>>& known) {
  const std::string text = yaml.text(node, what);
  std::string all;
  for (const auto& [name, meaning] : known) {
    if (name == text) return meaning;
    all += (all.empty() ? "`" : ", `") + name + "`";
  }
  yaml.fail_at(node, "`" + what + "` cannot be `" + text + "`", "It is one of " + all);
}

class Reader {
 public:
  explicit Reader(const YamlReader& yaml) : yaml_(yaml) {}

  failover::RecoveryPlan read(const YAML::Node& node) {
    for (const YAML::Node& entry : yaml_.list(node, "recovery_plan")) read_group(entry);
    return std::move(plan_);
  }

 private:
  void read_group(const YAML::Node& node) {
    PlanGroup group;
    YAML::Node actions;
    for (const auto& [key, key_node, value] :
         yaml_.members(node, "recovery_plan", {"group", "actions"})) {
      if (key == "group") group.name = yaml_.text(value, key);
      if (key == "actions") actions = value;
    }
    const auto is_same = [&](const PlanGroup& other) { return other.name == group.name; };
    if (group.name.empty() || !actions.IsDefined() || actions.IsNull())
      yaml_.fail_at(node, "an entry of `recovery_plan` needs a `group` and its `actions`",
                    "Write `- group: NAME` and below it `actions:` with a list");
    if (std::ranges::any_of(plan_.groups, is_same))
      yaml_.fail_at(node, "the group `" + group.name + "` is there twice", "Name one otherwise");
    for (const YAML::Node& entry : yaml_.list(actions, "actions")) {
      group.actions.push_back(action(entry));
      names_.push_back(group.actions.back().name);
    }
    check_order(actions, group);
    plan_.groups.push_back(std::move(group));
  }

  void check_order(const YAML::Node& node, const PlanGroup& group) const {
    for (const PlanAction& action : group.actions)
      for (const std::string& before : action.after)
        if (std::ranges::find(names_, before) == names_.end()) {
          const std::string meant = nearest(before, names_);
          yaml_.fail_at(node,
                        "`" + action.name + "` comes after `" + before +
                            "`, which no action of this or an earlier group is",
                        meant.empty() ? "Name an action" : "Did you mean `" + meant + "`?");
        }
    if (const std::string circle = circle_in(group.actions); !circle.empty())
      yaml_.fail_at(node, "actions of `" + group.name + "` wait for each other: " + circle,
                    "Take one `after` out");
  }

  PlanAction action(const YAML::Node& node) const {
    static const std::vector<std::string> known = {
        "name",  "release", "canary", "command",        "webhook",        "manual",
        "after", "when",    "repeat", "within_minutes", "within_seconds", "on_failure"};
    PlanAction made;
    std::vector<std::string> what;
    std::optional<Micros> within;
    for (const auto& [key, key_node, value] : yaml_.members(node, "actions", known)) {
      if (key == "name") made.name = yaml_.text(value, key);
      if (key == "after") made.after = texts(yaml_, value, key);
      if (key == "repeat") made.repeat = yaml_.truth(value, key);
      if (key == "within_minutes") within = std::chrono::minutes(yaml_.count(value, key));
      if (key == "within_seconds") within = std::chrono::seconds(yaml_.count(value, key));
      if (within && within->count() == 0)
        yaml_.fail_at(value, "`" + key + "` cannot be 0", "Nothing is done in no time");
      if (key == "on_failure")
        made.on_failure = word<failover::OnFailure>(
            yaml_, value, key,
            {{"stop", failover::OnFailure::stop}, {"continue", failover::OnFailure::go_on}});
      if (key == "when")
        made.when = word<failover::When>(yaml_, value, key,
                                         {{"failover", failover::When::failover},
                                          {"failback", failover::When::failback},
                                          {"both", failover::When::both}});
      const auto type = std::ranges::find(types, key, [](ActionType t) { return name_of(t); });
      if (type == types.end()) continue;
      what.push_back(key);
      made.type = *type;
      read_work(value, key, made);
    }
    check_action(node, made, what);
    made.timeout = within.value_or(std::chrono::minutes(usual_minutes(made.type)));
    return made;
  }

  void check_action(const YAML::Node& node, const PlanAction& action,
                    const std::vector<std::string>& what) const {
    if (action.name.empty())
      yaml_.fail_at(node, "an action has no `name`", "Name it: --confirm and the report use that");
    if (std::ranges::find(names_, action.name) != names_.end())
      yaml_.fail_at(node, "the action `" + action.name + "` is there twice", "Name one otherwise");
    if (what.size() != 1)
      yaml_.fail_at(node,
                    "the action `" + action.name + "` says " +
                        (what.empty() ? "nothing that is to be done" : "two things at once"),
                    "Give one of `release`, `canary`, `command`, `webhook`, `manual`");
  }

  void read_work(const YAML::Node& node, const std::string& key, PlanAction& made) const {
    if (made.type == ActionType::canary) made.job = yaml_.text(node, key);
    if (made.type == ActionType::manual) made.text = yaml_.text(node, key);
    if (made.type == ActionType::webhook) made.webhook = webhook(node);
    if (made.type == ActionType::command) {
      made.command = texts(yaml_, node, key);
      if (made.command.empty() || made.command.front().empty())
        yaml_.fail_at(node, "`command` names no program", "Write [PROGRAM, ARGUMENT, ...]");
    }
    if (made.type == ActionType::release) {
      auto wave = wave_of(texts(yaml_, node, key));
      if (!wave) yaml_.fail_at(node, wave.error().message, wave.error().hint);
      made.wave = std::move(*wave);
    }
  }

  failover::Webhook webhook(const YAML::Node& node) const {
    failover::Webhook made;
    if (node.IsScalar()) made.url = Secret(yaml_.text(node, "webhook"));
    if (!node.IsScalar())
      for (const auto& [key, key_node, value] :
           yaml_.members(node, "webhook", {"url", "url_from", "header", "value_from"})) {
        if (key == "url") made.url = Secret(yaml_.text(value, key));
        if (key == "url_from") made.url_from = yaml_.text(value, key);
        if (key == "header") made.header = yaml_.text(value, key);
        if (key == "value_from") made.value_from = yaml_.text(value, key);
      }
    if (made.url.empty() == made.url_from.empty())
      yaml_.fail_at(node, "a webhook needs either `url` or `url_from`",
                    "`url_from` names the variable of the environment that holds the address");
    if (made.header.empty() != made.value_from.empty())
      yaml_.fail_at(node, "`header` and `value_from` belong together",
                    "`value_from` names the variable of the environment that holds its value");
    // What it says of the address may be the secret.
    if (!made.url.empty() && !http::check_host(failover::address_of(made.url.reveal()).base_url))
      yaml_.fail_at(node, "the address of the webhook cannot be used",
                    "Write one that begins with https://, without a password");
    return made;
  }

  const YamlReader& yaml_;
  failover::RecoveryPlan plan_;
  std::vector<std::string> names_;  ///< of the actions read so far
};

}  // namespace

failover::RecoveryPlan read_recovery_plan(const YamlReader& yaml, const YAML::Node& node,
                                          const std::string& group) {
  failover::RecoveryPlan plan = Reader(yaml).read(node);
  plan.name = group;
  return plan;
}

}  // namespace twinlake::app
