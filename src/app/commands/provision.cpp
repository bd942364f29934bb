#include <memory>
#include <nlohmann/json.hpp>

#include "app/azure_access.h"
#include "app/commands/commands.h"
#include "app/output.h"
#include "app/provision_text.h"
#include "app/settings.h"
#include "app/side_access.h"
#include "app/stop_signal.h"
#include "azure/arm_template.h"
#include "azure/templates.h"
#include "state/store.h"
#include "workspace/profile.h"

namespace twinlake::app {

using nlohmann::json;

namespace {

struct ProvisionFlags {
  bool apply = false;
  std::string print;
  std::string from;
  std::string parameters;
  std::string region;
  bool replace_failed = false;
  bool keys_granted = false;
};

Result<json> json_file(const std::string& path) {
  TRY(const auto text, workspace::disk_reader()(path));
  if (!text)
    return fail(Fault::config, "there is no file " + path,
                "Correct --from or --parameters, which name files of an ARM template");
  json document = json::parse(*text, nullptr, false, true);
  if (document.is_discarded())
    return fail(Fault::config, path + " is not JSON",
                "A template in Bicep becomes JSON by `az bicep build --file FILE`");
  return document;
}

Result<azure::TemplateWorkspace> read_template(const ProvisionFlags& flags) {
  TRY(const json document, json_file(flags.from));
  json parameters;
  if (!flags.parameters.empty()) {
    TRY(const json file, json_file(flags.parameters));
    parameters = file.contains("parameters") ? file["parameters"] : file;
  }
  auto found = azure::workspace_of_template(document, parameters);
  if (!found) found.error().message = flags.from + ": " + found.error().message;
  return found;
}

/// The profile of the secondary may name the workspace that is to be.
void name_by_profile(const Settings& settings, azure::TwinSettings& twin) {
  if (!twin.name.empty() || !twin.resource_group.empty() || settings.group.secondary.empty())
    return;
  const auto profile = workspace::resolve_profile(
      settings.group.secondary, workspace::process_environment(), workspace::disk_reader());
  if (!profile) return;
  const auto id = azure::resource_id(profile->azure_resource_id);
  if (!id) return;
  if (twin.subscription.empty()) twin.subscription = id->subscription;
  twin.resource_group = id->group;
  twin.name = id->name;
}

azure::TwinSettings twin_settings(const Settings& settings, const ProvisionFlags& flags) {
  azure::TwinSettings twin = settings.group.azure.secondary;
  name_by_profile(settings, twin);
  if (!flags.region.empty()) twin.region = flags.region;
  return twin;
}

/// Everything that needs Azure, from a profile to a plan.
class AzureSide {
 public:
  AzureSide(const Settings& settings, const ProvisionFlags& flags)
      : settings_(settings), flags_(flags), engine_(loop_) {}

  Result<void> open() {
    TRY(profile_,
        workspace::resolve_profile(settings_.group.primary, workspace::process_environment(),
                                   workspace::disk_reader()));
    AzureAccess::May may;
    if (flags_.apply) may.effect = http::Effect::writes;
    TRY(access_, AzureAccess::open(loop_, engine_, profile_, std::move(may)));
    return open_state();
  }

  Result<azure::ProvisionPlan> plan(std::optional<json> primary) {
    if (!primary) {
      TRY(primary, read_primary());
    }
    azure::PlanOptions options;
    options.replace_failed = flags_.replace_failed;
    options.keys_granted = flags_.keys_granted;
    auto planned = loop_.run(azure::plan_provision(access_->arm(), *store_, std::move(*primary),
                                                   twin_settings(settings_, flags_), options));
    if (!planned) return fail(access_->explained(std::move(planned).error()));
    return planned;
  }

  Result<azure::ProvisionOutcome> apply(azure::ProvisionPlan plan) {
    azure::ApplyOptions options;
    const auto& stop = stop_on_signal();
    options.stop = [&stop] { return stop.load(); };
    std::string last;
    options.progress = [&last](const azure::ProvisionProgress& progress) {
      const std::string line = progress_line(progress);
      if (line != last) say(line);
      last = line;
    };
    auto done =
        loop_.run(azure::apply_provision(access_->arm(), *store_, std::move(plan), options));
    if (!done) return fail(access_->explained(std::move(done).error()));
    return done;
  }

  /// As a profile has it; empty when the workspace has none yet.
  [[nodiscard]] std::string host_of(const json& workspace) {
    const json properties =
        workspace.is_object() ? workspace.value("properties", json::object()) : json::object();
    if (!properties.contains("workspaceUrl") || !properties["workspaceUrl"].is_string()) return {};
    return host_of_workspace(properties["workspaceUrl"], access_->arm().host()).value_or("");
  }

 private:
  Result<void> open_state() {
    const std::string& group = settings_.group.name;
    if (flags_.apply) {
      TRY(state::LocalLock lock,
          state::LocalLock::take(settings_.state_folder, group + ".provision"));
      lock_.emplace(std::move(lock));
    }
    // A plan leaves nothing behind.
    const bool keep = flags_.apply || state::Store::exists(settings_.state_folder, group);
    TRY(store_, state::Store::open(keep ? settings_.state_folder : "memory", group));
    return {};
  }

  Result<json> read_primary() {
    std::string id = settings_.group.azure.primary_id;
    if (id.empty()) id = profile_.azure_resource_id;
    // What cannot be reached is told soon; later questions are patient.
    AzureAccess::May reads;
    reads.retry = patience_of_first_question();
    TRY(const auto first, AzureAccess::open(loop_, engine_, profile_, std::move(reads)));
    auto found = id.empty() ? loop_.run(azure::find_workspace(first->arm(), profile_.host))
                            : loop_.run(azure::read_workspace(first->arm(), id));
    if (found) return found;
    Error error = access_->explained(std::move(found).error());
    error.message = "the primary workspace: " + error.message;
    return fail(std::move(error));
  }

  const Settings& settings_;
  const ProvisionFlags& flags_;
  Loop loop_;
  http::CurlEngine engine_;
  workspace::Profile profile_;
  std::unique_ptr<AzureAccess> access_;
  std::optional<state::LocalLock> lock_;
  std::unique_ptr<state::Store> store_;
};

std::optional<azure::TemplateKind> template_kind(const std::string& name) {
  if (name == "arm") return azure::TemplateKind::arm;
  if (name == "bicep") return azure::TemplateKind::bicep;
  if (name == "terraform") return azure::TemplateKind::terraform;
  return std::nullopt;
}

Result<ExitCode> show(const Settings& settings, const ProvisionFlags& flags,
                      const azure::ProvisionPlan& plan, bool checked) {
  const ExitCode code = plan.is_blocked() ? ExitCode::partly : ExitCode::good;
  if (const auto kind = template_kind(flags.print)) {
    TRY(const std::string text, azure::template_of(plan, *kind));
    print(text);
    for (const azure::TwinFinding& finding : plan.findings)
      if (finding.level == azure::Level::blocker)
        warn(settings.err, finding.about + ": " + finding.message, finding.what_to_do);
    return code;
  }
  if (settings.json)
    print_json(provision_json(plan, checked));
  else
    print(provision_text(plan, checked, settings.verbose, settings.out));
  return code;
}

Result<ExitCode> carry_out(const Settings& settings, const ProvisionFlags& flags, AzureSide& azure,
                           azure::ProvisionPlan plan) {
  if (plan.is_blocked()) {
    CHECK(show(settings, flags, plan, true));
    return ExitCode::refused;
  }
  const std::string id = plan.twin.id;
  TRY(const azure::ProvisionOutcome outcome, azure.apply(std::move(plan)));
  if (settings.json) {
    json document = json::object();
    document["id"] = id;
    document["done"] = outcome.done;
    document["waits_for"] = outcome.waits_for;
    document["host"] = azure.host_of(outcome.workspace);
    document["workspace"] = outcome.workspace;
    print_json(document);
  } else {
    print(outcome_text(outcome, id, azure.host_of(outcome.workspace), settings.out));
  }
  return outcome.waits_for.empty() ? ExitCode::good : ExitCode::partly;
}

/// What the template alone tells.
Result<azure::ProvisionPlan> offline_plan(const Settings& settings, const ProvisionFlags& flags,
                                          const azure::TemplateWorkspace& source) {
  azure::PlanOptions options;
  options.keys_granted = flags.keys_granted;
  TRY(azure::ProvisionPlan plan,
      azure::plan_on_paper(source.workspace, twin_settings(settings, flags), options));
  plan.findings.insert(plan.findings.end(), source.findings.begin(), source.findings.end());
  return plan;
}

Result<ExitCode> run_provision(const Globals& globals, const ProvisionFlags& flags) {
  TRY(const Settings settings, settle(globals, Needs::nothing));
  if (flags.apply && !flags.print.empty())
    return fail(Fault::config, "--apply and --print contradict each other", "Leave one out");
  std::optional<azure::TemplateWorkspace> source;
  if (!flags.from.empty()) {
    TRY(source, read_template(flags));
    if (!flags.apply) {
      TRY(const auto plan, offline_plan(settings, flags, *source));
      return show(settings, flags, plan, false);
    }
  }
  AzureSide azure(settings, flags);
  CHECK(azure.open());
  std::optional<json> primary;
  if (source) primary = source->workspace;
  TRY(azure::ProvisionPlan plan, azure.plan(std::move(primary)));
  if (source)
    plan.findings.insert(plan.findings.end(), source->findings.begin(), source->findings.end());
  if (!flags.apply) return show(settings, flags, plan, true);
  return carry_out(settings, flags, azure, std::move(plan));
}

}  // namespace

Command provision_command() {
  const auto flags = std::make_shared<ProvisionFlags>();
  Command command;
  command.name = "provision";
  command.about = "Make the secondary workspace in Azure, as the primary one is";
  command.details =
      "Reads the primary's description from Azure Resource Manager and plans its twin in another "
      "region: what is copied, what has a counterpart there (`azure` in twinlake.yml), what gets a "
      "new name. Checks the region, names, storage, networks and quotas first. Writes nothing "
      "without --apply; then each step is written down before it is begun, and the same command "
      "goes "
      "on after an interruption. A second run changes nothing.\n"
      "Signs in to Azure with the primary's profile when it is one of Entra ID, else with ARM_* or "
      "AZURE_* variables, else with the Azure CLI. Exits with 2 when something stands in the way.";
  command.options = {
      {"--apply", "", "Carry the plan out", &flags->apply},
      {"--print",
       "FORMAT",
       "Print it for a pipeline instead: arm, bicep or terraform",
       &flags->print,
       {"arm", "bicep", "terraform"}},
      {"--from", "FILE", "Take the primary from an ARM template; Azure is asked only by --apply",
       &flags->from},
      {"--parameters", "FILE", "Parameter file of that template", &flags->parameters},
      {"--region", "NAME", "Region of the secondary; overrides azure.secondary.region",
       &flags->region},
      {"--replace-failed", "", "Remove a workspace whose creation failed, and make it anew",
       &flags->replace_failed},
      {"--keys-granted", "", "The workspace may use the key of its DBFS root now",
       &flags->keys_granted}};
  command.examples = {"twinlake provision", "twinlake provision --region northeurope --apply",
                      "twinlake provision --print bicep > secondary.bicep",
                      "twinlake provision --from main.json --print terraform"};
  command.run = [flags](const Globals& globals) { return run_provision(globals, *flags); };
  return command;
}

}  // namespace twinlake::app
