#include "simulator/control.h"

#include "simulator/body.h"
#include "simulator/compute/compute.h"
#include "simulator/faults.h"
#include "simulator/identity/auth.h"
#include "simulator/identity/identity.h"
#include "simulator/jobs/jobs.h"
#include "simulator/region.h"

namespace twinlake::simulator {

namespace {
http::Response add_faults(Call& call) {
  const json* listed = field(call.body, "rules");
  const json rules = listed != nullptr      ? *listed
                     : call.body.is_array() ? call.body
                                            : json::array({call.body});
  std::vector<FaultRule> wanted;
  for (const json& rule : rules) {
    std::string problem;
    auto read = fault_rule_from(rule, problem);
    if (!read) return invalid(problem);
    wanted.push_back(std::move(*read));
  }
  json ids = json::array();
  for (FaultRule& rule : wanted) ids.push_back(call.region.faults().add(std::move(rule)));
  json body = json::object();
  body["ids"] = std::move(ids);
  return answer(body);
}

http::Response list_faults(Call& call) {
  json rules = json::array();
  for (const FaultRule& rule : call.region.faults().rules()) rules.push_back(to_json(rule));
  json body = json::object();
  body["rules"] = std::move(rules);
  body["outage"] = call.region.faults().in_outage(call.region.now_millis());
  return answer(body);
}

http::Response remove_fault(Call& call) {
  const std::string& id = call.arguments.at("id");
  for (const FaultRule& rule : call.region.faults().rules())
    if (std::to_string(rule.id) == id) {
      call.region.faults().remove(rule.id);
      return done();
    }
  return absent("There is no rule " + id + ".");
}

http::Response start_outage(Call& call) {
  // A misspelt time would lose the region for good.
  if (call.body.is_object())
    for (const auto& [name, value] : call.body.items())
      if (name != "for_seconds" && name != "jobs_go_on")
        return invalid("an outage knows for_seconds and jobs_go_on, not " + name);
  const json* seconds = field(call.body, "for_seconds");
  if (seconds != nullptr && (!seconds->is_number() || *seconds < 0))
    return invalid("for_seconds must be a number of seconds");
  std::optional<std::int64_t> until;
  if (seconds != nullptr)
    until = call.region.now_millis() + static_cast<std::int64_t>(seconds->get<double>() * 1000);
  call.region.faults().start_outage(until);
  // Nobody can ask the region, which need not mean that nothing runs there.
  if (!flag_of(call.body, "jobs_go_on", true)) call.region.get<Jobs>().stand_still(until);
  return done();
}

http::Response restore(Call& call) {
  call.region.faults().end_outage();
  call.region.get<Jobs>().go_on();
  return done();
}

/// {"url"}: where a file has come to, for triggers of jobs that watch that place.
http::Response file_arrived(Call& call) {
  call.region.get<Jobs>().file_arrived(call.body.at("url").get<std::string>());
  return done();
}

http::Response show_requests(Call& call) {
  const Traffic& traffic = call.region.traffic();
  json routes = json::array();
  for (const auto& [key, count] : traffic.routes) {
    json row = json::object();
    row["method"] = key.first;
    row["route"] = key.second;
    row["requests"] = count.requests;
    row["throttled"] = count.throttled;
    row["failed"] = count.failed;
    routes.push_back(std::move(row));
  }
  json body = json::object();
  body["total"] = traffic.total;
  body["throttled"] = traffic.throttled;
  body["peak_in_flight"] = traffic.peak_in_flight;
  body["routes"] = std::move(routes);
  return answer(body);
}

http::Response reset_requests(Call& call) {
  Traffic& traffic = call.region.traffic();
  const int in_flight = traffic.in_flight;  // those will still leave
  traffic = Traffic{};
  traffic.in_flight = traffic.peak_in_flight = in_flight;
  return done();
}

/// {"client_id","client_secret","managed_identity","provision"}, or
/// {"token","principal","seconds"}.
http::Response add_credentials(Call& call) {
  auto& auth = call.region.get<Auth>();
  if (const std::string token = text_of(call.body, "token"); !token.empty()) {
    const std::string principal = text_of(call.body, "principal", call.region.options().admin);
    auto& identity = call.region.get<Identity>();
    if (!identity.principal_exists(principal))
      return absent("There is no principal " + principal + ".");
    auth.add_token(token, identity.canonical(principal),
                   integer_of(call.body, "seconds").value_or(0));
    return done();
  }
  Credential credential;
  credential.client_id = call.body.at("client_id").get<std::string>();
  credential.secret = text_of(call.body, "client_secret");
  credential.managed_identity = flag_of(call.body, "managed_identity");
  credential.provision = flag_of(call.body, "provision", true);
  auth.add_credential(credential);
  return done();
}

Refusal change_cluster_starts(Call& call) {
  const std::string wanted = text_of(call.body, "cluster_starts");
  Clusters& clusters = call.region.get<Compute>().clusters();
  if (wanted == "succeed")
    clusters.set_starts(ClusterStarts::succeed);
  else if (wanted == "hang")
    clusters.set_starts(ClusterStarts::hang);
  else if (wanted == "fail")
    clusters.set_starts(ClusterStarts::fail);
  else if (!wanted.empty())
    return invalid("Cluster starts succeed, hang or fail; not \"" + wanted + "\".");
  return std::nullopt;
}

void change_unsettled(Region& region, const json& wanted) {
  Unsettled unsettled = region.options().unsettled;
  const std::pair<const char*, bool*> flags[] = {
      {"secret_grants_once", &unsettled.secret_grants_once},
      {"secret_times_as_text", &unsettled.secret_times_as_text},
      {"warehouse_owner_refused", &unsettled.warehouse_owner_refused},
      {"ip_lists_always_checked", &unsettled.ip_lists_always_checked}};
  for (const auto& [name, flag] : flags)
    if (field(wanted, name) != nullptr) *flag = flag_of(wanted, name);
  region.set_unsettled(unsettled);
}

http::Response change_options(Call& call) {
  Region& region = call.region;
  if (auto refusal = change_cluster_starts(call)) return *refusal;
  if (field(call.body, "secrets_stay_inside") != nullptr)
    region.set_secrets_stay_inside(flag_of(call.body, "secrets_stay_inside"));
  if (const std::string address = text_of(call.body, "caller_address"); !address.empty())
    region.set_caller_address(address);
  if (const json* unsettled = field(call.body, "unsettled")) change_unsettled(region, *unsettled);
  if (field(call.body, "enforce_limits") != nullptr)
    region.set_enforce_limits(flag_of(call.body, "enforce_limits"));
  if (field(call.body, "eventual_consistency") != nullptr)
    region.set_eventual_consistency(flag_of(call.body, "eventual_consistency"));
  if (field(call.body, "legacy_dbfs_disabled") != nullptr)
    region.set_legacy_dbfs_disabled(flag_of(call.body, "legacy_dbfs_disabled"));
  if (const auto seconds = integer_of(call.body, "token_seconds"))
    region.set_token_seconds(*seconds);
  if (const auto seconds = integer_of(call.body, "advance_seconds"))
    region.advance(std::chrono::seconds(*seconds));
  return done();
}
}  // namespace

Control::Control(Region& region) {
  Router& router = region.router();
  using http::Method;
  router.add(Method::post, "/sim/faults", add_faults);
  router.add(Method::get, "/sim/faults", list_faults);
  router.add(Method::del, "/sim/faults", [](Call& call) {
    call.region.faults().clear();
    return done();
  });
  router.add(Method::del, "/sim/faults/{id}", remove_fault);
  router.add(Method::post, "/sim/outage", start_outage);
  router.add(Method::post, "/sim/restore", restore);
  router.add(Method::post, "/sim/files", file_arrived);
  router.add(Method::get, "/sim/world", [](Call& call) { return answer(call.region.world()); });
  router.add(Method::get, "/sim/requests", show_requests);
  router.add(Method::post, "/sim/requests/reset", reset_requests);
  router.add(Method::post, "/sim/credentials", add_credentials);
  router.add(Method::post, "/sim/options", change_options);
}

}  // namespace twinlake::simulator
