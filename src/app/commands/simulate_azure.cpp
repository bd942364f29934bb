#include "app/commands/simulate_azure.h"

#include <algorithm>

#include "simulator/azure/demo_cloud.h"

namespace twinlake::app {

namespace {
using simulator::Cloud;

std::string host_of(const std::string& url) {
  const std::size_t slashes = url.find("://");
  return slashes == std::string::npos ? url : url.substr(slashes + 3);
}

std::int64_t real_now_micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}
}  // namespace

simulator::Credential azure_credential(bool known) {
  simulator::Credential credential;
  credential.client_id = "a1a1a1a1-0000-4000-8000-000000000001";
  credential.secret = "simulated-client-secret";
  credential.provision = known;
  return credential;
}

std::unique_ptr<Cloud> make_cloud(std::shared_ptr<simulator::Entra> entra,
                                  std::chrono::milliseconds provision_time, bool enforce_limits) {
  simulator::CloudOptions options;
  options.entra = std::move(entra);
  options.credentials.push_back(azure_credential(true));
  options.enforce_limits = enforce_limits;
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(provision_time);
  options.workspace_time = whole;
  options.operation_time = std::max(std::chrono::seconds(1), whole / 4);
  // Nobody wants to watch for the ten seconds of the real one.
  options.retry_after = std::clamp(whole / 10, std::chrono::seconds(1), std::chrono::seconds(10));
  return std::make_unique<Cloud>(std::move(options));
}

void put_workspaces_into(Cloud& cloud, simulator::Region& primary, const std::string& primary_url,
                         simulator::Region& secondary, const std::string& secondary_url,
                         bool secondary_absent, bool demo) {
  const simulator::DemoPlaces places;
  const simulator::Seat here{.location = places.primary, .address = host_of(primary_url)};
  const simulator::Seat there{.location = places.secondary, .address = host_of(secondary_url)};
  if (demo) simulator::fill_demo_cloud(cloud, places, real_now_micros());
  simulator::add_demo_workspace(cloud, primary, here, places, demo);
  if (secondary_absent)
    cloud.add_seat(secondary, there);
  else
    simulator::add_demo_workspace(cloud, secondary, there, places, demo);
}

std::string azure_profile_text(const Cloud& cloud, const std::string& name, const std::string& url,
                               const std::string& azure_url) {
  const simulator::Credential credential = azure_credential(true);
  std::string text = "[" + name + "]\n";
  const auto line = [&text](const char* key, const std::string& value) {
    if (!value.empty()) text += std::string(key) + " = " + value + "\n";
  };
  line("host", url);
  line("azure_workspace_resource_id", simulator::demo_workspace_id(cloud, name == "primary"));
  line("azure_tenant_id", cloud.options().tenant);
  line("azure_client_id", credential.client_id);
  line("azure_client_secret", credential.secret);
  line("azure_login_host", azure_url);
  line("azure_arm_host", azure_url);
  if (url.empty()) return text;
  // For looking into it by hand.
  text += "\n[" + name + "-token]\n";
  line("host", url);
  line("token", "dapi-simulated-" + name);
  return text;
}

}  // namespace twinlake::app
