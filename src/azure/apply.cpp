// Carrying the plan out: each step is written down before it is asked for.
#include <algorithm>
#include <array>

#include "azure/provision.h"
#include "azure/twin_builder.h"
#include "base/hash.h"

namespace twinlake::azure {

using nlohmann::json;

namespace {

struct RemedyRow {
  std::string_view code;
  std::string_view remedy;
};

// What the service says, in terms of our settings.
constexpr std::array remedies{
    RemedyRow{"RequestDisallowedByPolicy",
              "Change azure.secondary.region, .tags or what else the policy names, or have the "
              "policy exempt azure.secondary.resource_group"},
    RemedyRow{"SkuNotAvailable",
              "Set azure.secondary.storage_sku, or another azure.secondary.region"},
    RemedyRow{"QuotaExceeded", "Ask for more quota in azure.secondary.region, or set another one"},
    RemedyRow{"OperationNotAllowed",
              "Ask for more quota in azure.secondary.region, or set another one"},
    RemedyRow{"StorageAccountAlreadyTaken", "Set azure.secondary.storage_account to another name"},
    RemedyRow{"StorageAccountAlreadyExists", "Set azure.secondary.storage_account to another name"},
    RemedyRow{"AccountNameInvalid", "Set azure.secondary.storage_account to another name"},
    RemedyRow{"LocationNotAvailableForResourceType",
              "Set azure.secondary.region to one that offers it"},
    RemedyRow{"InvalidResourceLocation",
              "It exists in another region: set azure.secondary.name or .region"},
    RemedyRow{"ApplicationManagedResourceGroupIdAlreadyExists",
              "Set azure.secondary.managed_resource_group to a new name"},
    RemedyRow{"InvalidSubnet", "Correct azure.secondary.network"},
    RemedyRow{"SubnetTooSmall", "Set azure.secondary.network to larger subnets"},
    RemedyRow{"SubnetNotDelegated",
              "Delegate the subnets of azure.secondary.network to "
              "Microsoft.Databricks/workspaces"},
};

constexpr Micros between_looks = std::chrono::seconds(10);

/// Beside a kept operation: by which request it was begun.
constexpr const char* begun_by = "begun_by";

}  // namespace

std::string remedy_for(const Error& error, const ProvisionStep& step) {
  for (const RemedyRow& row : remedies)
    if (row.code == error.service_code) return std::string(row.remedy);
  if (error.service_code.starts_with("Subnet") || error.service_code == "VirtualNetworkNotFound" ||
      error.service_code == "InvalidNetworkConfiguration")
    return "Correct azure.secondary.network";
  if (error.service_code.find("ManagedResourceGroup") != std::string::npos)
    return "Set azure.secondary.managed_resource_group to a new name";
  const auto says = [&](std::string_view part) {
    return error.message.find(part) != std::string::npos;
  };
  if (says("delegat") || says("ubnet")) return "Correct azure.secondary.network";
  if (says("quota") || says("Quota"))
    return "Ask for more quota in azure.secondary.region, or set another one";
  if (says("vault") || says("Vault") || says("wrapKey"))
    return "Correct azure.secondary.keys, and who may use the keys";
  if (error.fault == Fault::forbidden)
    return "Give the principal Contributor on " +
           step.path.substr(0, step.path.find("/providers/"));
  return error.hint;
}

namespace {

/// One run over the steps of a plan.
class Applier {
 public:
  Applier(Arm& arm, state::Store& store, ProvisionPlan plan, ApplyOptions options)
      : arm_(arm), store_(store), plan_(std::move(plan)), options_(std::move(options)) {}

  Task<Result<ProvisionOutcome>> run() {
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
      const ProvisionStep& step = plan_.steps[i];
      number_ = i + 1;
      if (step.kind == StepKind::grant) {
        CO_CHECK(co_await wait_for_person(&step));
        co_return std::move(outcome_);
      }
      if (options_.stop && options_.stop())
        co_return fail(explained(Error(Fault::cancelled, "stopped"), step));
      tell(step, "begins", -1);
      auto done = co_await carry_out(&step);
      if (!done) co_return fail(explained(std::move(done).error(), step));
      tell(step, "done", 100);
      outcome_.done.push_back(step.title);
    }
    CO_TRY(outcome_.workspace, co_await arm_.get(plan_.twin.id, plan_.api_version));
    co_return std::move(outcome_);
  }

 private:
  void tell(const ProvisionStep& step, std::string state, double percent) const {
    if (!options_.progress) return;
    const ProvisionProgress progress{number_, plan_.steps.size(), step, std::move(state), percent};
    options_.progress(progress);
  }

  Task<Result<void>> wait_for_person(const ProvisionStep* step) {
    CO_TRY(outcome_.workspace, co_await arm_.get(plan_.twin.id, plan_.api_version));
    outcome_.waits_for = step->what_to_do;
    const json& principal =
        at_dotted(outcome_.workspace, "properties.storageAccountIdentity.principalId");
    if (principal.is_string())
      outcome_.waits_for += " (its principal is " + principal.get<std::string>() + ")";
    tell(*step, "waits for you", -1);
    co_return Result<void>{};
  }

  [[nodiscard]] state::ProvisionStep record_of(const ProvisionStep& step) const {
    state::ProvisionStep record;
    record.target = step.path;
    record.name = name_of(step.kind);
    record.started = arm_.loop().now();
    record.salt = plan_.salt;
    return record;
  }

  /// What an earlier run began and did not see the end of.
  struct Earlier {
    Operation operation;
    bool is_same = false;  ///< it was begun by the request of this step
  };
  [[nodiscard]] std::optional<Earlier> under_way(const ProvisionStep& step) const {
    // What is being removed is waited for; else removing is asked for anew, which is harmless.
    if (step.kind == StepKind::remove) return std::nullopt;
    const auto record = store_.provision_step(step.path, std::string(name_of(step.kind)));
    if (!record || !record->outcome.empty() || record->operation.empty()) return std::nullopt;
    const json kept = json::parse(record->operation, nullptr, false);
    const auto operation = operation_from(kept);
    if (!operation) return std::nullopt;
    const bool waits = step.method == http::Method::get;  // for whatever is under way
    return Earlier{*operation, waits || dotted_text(kept, begun_by) == mark_of(step)};
  }

  /// A workspace that goes takes with it whatever was begun on it; written down before it goes, or
  /// a run that is killed in between would take the old end for that of the new one.
  void end_what_was_begun(const std::string& target) {
    for (const StepKind kind :
         {StepKind::workspace, StepKind::update, StepKind::tags, StepKind::encryption}) {
      auto record = store_.provision_step(target, std::string(name_of(kind)));
      if (record && record->outcome.empty()) keep_end(*record, "failed", "it was removed");
    }
  }

  /// Tells requests apart. Settings may have changed since the earlier run, or what it made is
  /// gone.
  static std::string mark_of(const ProvisionStep& step) {
    return sha256_hex(std::string(http::name_of(step.method)) + " " + step.api_version + " " +
                      step.body.dump());
  }

  /// An operation of another request: its end is waited for, and does not count.
  Task<Result<void>> see_off(const ProvisionStep* step, Operation operation) {
    Patience patience;
    patience.limit = options_.limit;
    patience.stop = options_.stop;
    patience.watch = [this, step](const Operation& now) {
      if (!now.finished()) tell(*step, "waits for what was begun earlier", now.percent);
    };
    auto ended = co_await complete(arm_, std::move(operation), std::move(patience));
    if (ended) co_return Result<void>{};
    const Error& error = ended.error();
    const bool is_forgotten = error.fault == Fault::in_doubt && error.status == 404;
    const bool goes_on = error.fault == Fault::in_doubt || error.fault == Fault::cancelled;
    if (goes_on && !is_forgotten) co_return fail(std::move(ended).error());
    co_return Result<void>{};
  }

  Task<Result<void>> carry_out(const ProvisionStep* step) {
    CO_CHECK(check_target(*step));
    if (step->kind == StepKind::remove) end_what_was_begun(step->path);
    state::ProvisionStep record = record_of(*step);
    std::optional<Operation> operation;
    if (auto earlier = under_way(*step)) {
      if (earlier->is_same) {
        operation = std::move(earlier->operation);
      } else {
        CO_CHECK(co_await see_off(step, std::move(earlier->operation)));
      }
    }
    if (!operation) {
      // Before it is asked for: whoever is killed now leaves the names of what may be there.
      store_.put_provision_step(record);
      auto begun = co_await begin(step);
      if (!begun) {
        const bool lost = begun.error().fault == Fault::in_doubt ||
                          begun.error().fault == Fault::network ||
                          begun.error().fault == Fault::unavailable;
        if (!lost) keep_end(record, "refused", begun.error().message);
        co_return fail(std::move(begun).error());
      }
      operation = std::move(*begun);
    }
    Patience patience = patience_for(step, &record);
    auto made = co_await complete(arm_, std::move(*operation), std::move(patience));
    if (made && step->kind == StepKind::register_provider) made = co_await wait_registered(step);
    if (!made) {
      const bool goes_on =
          made.error().fault == Fault::in_doubt || made.error().fault == Fault::cancelled;
      if (!goes_on) keep_end(record, "failed", made.error().message);
      co_return fail(std::move(made).error());
    }
    keep_end(record, "done", "");
    co_return Result<void>{};
  }

  Patience patience_for(const ProvisionStep* step, state::ProvisionStep* record) {
    Patience patience;
    patience.limit = options_.limit;
    patience.stop = options_.stop;
    patience.watch = [this, step, record](const Operation& operation) {
      json kept = to_json(operation);
      kept[begun_by] = mark_of(*step);
      record->operation = operation.finished() ? "" : kept.dump();
      store_.put_provision_step(*record);
      if (!operation.finished()) tell(*step, "under way", operation.percent);
    };
    return patience;
  }

  void keep_end(state::ProvisionStep& record, std::string outcome, std::string detail) {
    record.ended = arm_.loop().now();
    record.outcome = std::move(outcome);
    record.detail = std::move(detail);
    record.operation.clear();
    store_.put_provision_step(record);
  }

  Task<Result<Operation>> begin(const ProvisionStep* step) {
    json body = step->body;
    if (step->method == http::Method::put)
      co_return co_await arm_.put(step->path, step->api_version, std::move(body));
    if (step->method == http::Method::patch)
      co_return co_await arm_.patch(step->path, step->api_version, std::move(body));
    if (step->method == http::Method::post)
      co_return co_await arm_.post(step->path, step->api_version, std::move(body));
    if (step->method == http::Method::del)
      co_return co_await arm_.remove(step->path, step->api_version);
    Operation wait;  // for what another run, or a person, has begun
    wait.path = step->path;
    wait.api_version = step->api_version;
    wait.poll = Operation::Poll::resource;
    if (step->kind == StepKind::remove) wait.verb = http::Method::del;
    wait.started = arm_.loop().now();
    wait.next = wait.started;
    co_return wait;
  }

  /// Registering answers at once and takes a while.
  Task<Result<json>> wait_registered(const ProvisionStep* step) {
    const Time end = arm_.loop().now() + options_.limit;
    const std::string provider = step->path.substr(0, step->path.rfind('/'));
    for (;;) {
      CO_TRY(json answer, co_await arm_.get(provider, step->api_version));
      if (provider_facts(answer).is_registered()) co_return answer;
      if (arm_.loop().now() >= end)
        co_return fail(Fault::in_doubt, "the provider is still not registered",
                       "Repeat the command later");
      if (options_.stop && options_.stop())
        co_return fail(Fault::cancelled, "stopped; the registration goes on in Azure");
      co_await pause_until(arm_.loop(), arm_.loop().now() + between_looks, options_.stop);
    }
  }

  /// Nothing but what the plan is about may be written: never the primary.
  [[nodiscard]] Result<void> check_target(const ProvisionStep& step) const {
    const bool is_primary = same_id(step.path, primary_id());
    if (is_primary && step.method != http::Method::get)
      return fail(Fault::bug, "a step of provisioning would write to the primary workspace");
    return {};
  }
  [[nodiscard]] std::string primary_id() const {
    for (const TwinProperty& property : plan_.twin.properties)
      if (property.place == "id")
        return json::parse(property.from, nullptr, false).get<std::string>();
    return {};
  }

  /// What is there, and how to go on.
  [[nodiscard]] Error explained(Error error, const ProvisionStep& step) const {
    error.hint = remedy_for(error, step);
    std::string there;
    for (const std::string& title : outcome_.done) there += (there.empty() ? "" : "; ") + title;
    error.message = step.title + ": " + error.message + ". " +
                    (there.empty() ? "Nothing else was done" : "Done so far: " + there) +
                    ". The same command goes on from here";
    return error;
  }

  Arm& arm_;
  state::Store& store_;
  ProvisionPlan plan_;
  ApplyOptions options_;
  ProvisionOutcome outcome_;
  std::size_t number_ = 0;
};

}  // namespace

Task<Result<ProvisionOutcome>> apply_provision(Arm& arm, state::Store& store, ProvisionPlan plan,
                                               ApplyOptions options) {
  if (plan.is_blocked())
    co_return fail(Fault::refused, "something stands in the way of provisioning",
                   "Change what the findings name, then repeat the command");
  Applier applier(arm, store, std::move(plan), std::move(options));
  co_return co_await applier.run();
}

}  // namespace twinlake::azure
