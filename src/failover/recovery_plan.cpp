#include "failover/recovery_plan.h"

#include <algorithm>
#include <map>

namespace twinlake::failover {

namespace {

/// The way that leads back to `name`, when there is one from the last action of `way`.
bool leads_back(const std::map<std::string, const PlanAction*>& actions, const std::string& name, std::vector<std::string>& way,
                std::vector<std::string>& seen) {
  for (const std::string& before : actions.at(way.back())->after) {
    if (!actions.contains(before)) continue;
    way.push_back(before);
    if (before == name) return true;
    if (std::ranges::find(seen, before) == seen.end()) {
      seen.push_back(before);
      if (leads_back(actions, name, way, seen)) return true;
    }
    way.pop_back();
  }
  return false;
}

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

}  // namespace

std::string_view name_of(ActionType type) {
  switch (type) {
    case ActionType::release: return "release";
    case ActionType::canary: return "canary";
    case ActionType::command: return "command";
    case ActionType::webhook: return "webhook";
    case ActionType::manual: return "manual";
  }
  return "?";
}

Address address_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
  std::string target(url.substr(end, url.find('#') - end));
  if (!target.starts_with('/')) target.insert(0, "/");
  return {std::string(url.substr(0, end)), Secret(std::move(target))};
}

std::string shown(const Webhook& webhook) {
  if (webhook.url.empty()) return "the address in " + webhook.url_from;
  std::string host = address_of(webhook.url.reveal()).base_url;
  // A password may stand before the host.
  if (const std::size_t at = host.rfind('@'); at != std::string::npos) host = host.substr(0, host.find("://") + 3) + host.substr(at + 1);
  return host;
}

bool applies(const PlanAction& action, model::Side to) {
  return action.when == When::both || (action.when == When::failback) == (to == model::Side::home);
}

std::string circle_in(const std::vector<PlanAction>& actions) {
  std::map<std::string, const PlanAction*> by_name;
  for (const PlanAction& action : actions) by_name.emplace(action.name, &action);
  for (const PlanAction& action : actions) {
    std::vector<std::string> way = {action.name};
    std::vector<std::string> seen;
    if (leads_back(by_name, action.name, way, seen)) return joined(way, " -> ");
  }
  return {};
}

std::string described(const PlanAction& action) {
  switch (action.type) {
    case ActionType::release: return "releases " + action.wave.described;
    case ActionType::canary: return "runs the job " + action.job + " once, which has to succeed";
    // Arguments may be anybody's secret.
    case ActionType::command: return "runs " + action.command.front();
    case ActionType::webhook: return "posts to " + shown(action.webhook);
    case ActionType::manual: return "waits for a person: " + action.text;
  }
  return {};
}

std::vector<std::string> described_actions(const RecoveryPlan& plan, model::Side to) {
  std::vector<std::string> all;
  for (const PlanGroup& group : plan.groups)
    for (const PlanAction& action : group.actions)
      if (applies(action, to)) all.push_back(group.name + ": " + action.name + " " + described(action));
  return all;
}

std::string described(const RecoveryPlan& plan) {
  std::string text;
  for (const PlanGroup& group : plan.groups)
    for (const PlanAction& action : group.actions) text += (text.empty() ? "" : "\n") + group.name + ": " + action.name + " " + described(action);
  return text;
}

bool runs_jobs(const RecoveryPlan& plan) {
  return std::ranges::any_of(plan.groups, [](const PlanGroup& group) { return std::ranges::find(group.actions, ActionType::canary, &PlanAction::type) != group.actions.end(); });
}

int count_waves(const RecoveryPlan& plan, model::Side to) {
  int count = 0;
  for (const PlanGroup& group : plan.groups)
    for (const PlanAction& action : group.actions)
      if (action.type == ActionType::release && applies(action, to)) ++count;
  return count;
}

}  // namespace twinlake::failover
