#include "app/commands/simulate_account.h"

#include "app/commands/simulate_azure.h"
#include "simulator/azure/demo_cloud.h"

namespace twinlake::app {

std::unique_ptr<simulator::AccountConsole> make_console(std::shared_ptr<simulator::Entra> entra,
                                                        const simulator::Region& primary,
                                                        const simulator::Region& secondary) {
  simulator::ConsoleOptions options;
  // The application that the profiles of Azure sign in as is an admin of the account too.
  options.credentials.push_back(azure_credential(true));
  options.credentials.push_back(
      {.client_id = "acc0acc0-0000-4000-8000-000000000001", .secret = "simulated-account-secret"});
  options.strangers.push_back(
      {.client_id = "acc0acc0-0000-4000-8000-000000000002", .secret = "simulated-account-secret"});
  options.entra = std::move(entra);
  // Nobody wants to wait for two weeks.
  options.step_time = std::chrono::seconds(1);
  auto console = std::make_unique<simulator::AccountConsole>(std::move(options));
  const simulator::DemoPlaces places;
  console->add_workspace(
      {.id = std::to_string(primary.options().workspace_id), .region = places.primary});
  console->add_workspace(
      {.id = std::to_string(secondary.options().workspace_id), .region = places.secondary});
  return console;
}

std::string account_profile_text(const simulator::AccountConsole& console, const std::string& url) {
  const simulator::Credential& admin = console.options().credentials.back();
  return "[account]\nhost = " + url + "\naccount_id = " + console.options().account_id +
         "\nclient_id = " + admin.client_id + "\nclient_secret = " + admin.secret + "\n";
}

}  // namespace twinlake::app
