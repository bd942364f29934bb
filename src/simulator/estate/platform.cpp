// What belongs to the workspace as a whole, as the people who run it would set it up. Only on the
// primary: nobody has prepared the standby.
#include "base/hash.h"
#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
void make_scope(Estate& estate, const std::string& scope,
                std::initializer_list<std::pair<const char*, const char*>> secrets) {
  estate.primary.post("/api/2.0/secrets/scopes/create", json::object({{"scope", scope}}));
  for (const auto& [key, value] : secrets)
    estate.primary.post("/api/2.0/secrets/put",
                        json::object({{"scope", scope}, {"key", key}, {"string_value", value}}));
}

void let_in(Estate& estate, const std::string& scope, const std::string& principal,
            const char* permission) {
  if (!estate.size.grants) return;
  estate.primary.post(
      "/api/2.0/secrets/acls/put",
      json::object({{"scope", scope}, {"principal", principal}, {"permission", permission}}));
}

/// As somebody who works with Terraform does it: a service principal that signs in at Entra.
void make_vault_scope(Estate& estate) {
  const std::string scope = "kv-lakeside";
  json body = json::object({{"scope", scope}, {"scope_backend_type", "AZURE_KEYVAULT"}});
  body["backend_azure_keyvault"] = json::object(
      {{"resource_id",
        "/subscriptions/5a7be0f1-0000-4000-8000-000000000001/resourceGroups/rg-lakeside/providers/"
        "Microsoft.KeyVault/vaults/kv-lakeside"},
       {"dns_name", "https://kv-lakeside.vault.azure.net/"}});
  estate.primary.act_as_in_entra(estate.service_principal(0));
  estate.primary.post("/api/2.0/secrets/scopes/create", body);
  estate.primary.act_as("");
  for (const char* key : {"erp-password", "lake-account-key"})
    estate.primary.post(
        "/sim/secrets",
        json::object({{"scope", scope}, {"key", key}, {"string_value", "invented in the vault"}}));
  let_in(estate, scope, estate.group(0), "READ");
}

void make_secrets(Estate& estate) {
  make_scope(estate, "payments",
             {{"psp-api-key", "psp_live_invented"},
              {"psp-webhook-secret", "whsec_invented"},
              {"ledger-jdbc", "jdbc:postgresql://ledger.lakeside.example/main"}});
  let_in(estate, "payments", estate.group(0), "READ");
  let_in(estate, "payments", estate.user(1), "WRITE");
  make_scope(estate, "ingest-keys",
             {{"events-sas", "sv=2024&sig=invented"}, {"sftp-user", "lakeside"}});
  // Bytes that are no text: they must come over as they are.
  estate.primary.post(
      "/api/2.0/secrets/put",
      json::object({{"scope", "ingest-keys"},
                    {"key", "sftp-key"},
                    {"bytes_value", base64_encode(std::string("\0\xff\x10k", 4))}}));
  let_in(estate, "ingest-keys", estate.service_principal(0), "READ");
  let_in(estate, "ingest-keys", "users", "READ");
  make_scope(estate, "ml-models", {{"registry-token", "registry_invented"}});
  let_in(estate, "ml-models", estate.group(1), "MANAGE");
  if (estate.size.needs_people || estate.size.azure) make_vault_scope(estate);
}

void make_init_scripts(Estate& estate) {
  struct Script {
    const char* name;
    const char* text;
    bool enabled;
  };
  constexpr Script scripts[] = {
      {"corporate proxy",
       "#!/bin/bash\necho 'https_proxy=http://proxy.lakeside.example:3128' >> /etc/environment\n",
       true},
      {"trusted certificates",
       "#!/bin/bash\ncp /Workspace/Shared/certs/*.crt /usr/local/share/ca-certificates/\n"
       "update-ca-certificates\n",
       true},
      {"metrics agent (trial)", "#!/bin/bash\n/opt/agent/install --quiet\n", false}};
  for (const Script& script : scripts)
    estate.primary.post("/api/2.0/global-init-scripts",
                        json::object({{"name", script.name},
                                      {"script", base64_encode(script.text)},
                                      {"enabled", script.enabled}}));
}

void make_settings(Estate& estate) {
  estate.primary.patch("/api/2.0/workspace-conf",
                       json::object({{"maxTokenLifetimeDays", "90"},
                                     {"enableResultsDownloading", "false"},
                                     {"enableWebTerminal", "true"},
                                     {"enableVerboseAuditLogs", "true"}}));
  json restricted = json::object();
  restricted["restrict_workspace_admins"]["status"] = "RESTRICT_TOKENS_AND_JOB_RUN_AS";
  estate.primary.patch("/api/2.1/settings/restrict_workspace_admins", restricted);
  json downloads = json::object();
  downloads["boolean_val"]["value"] = false;
  estate.primary.patch("/api/2.1/settings/sql_results_download", downloads);
}

void make_platform_destinations(Estate& estate) {
  const auto make = [&](const char* name, const char* type, json config) {
    json body = json::object({{"display_name", name}});
    body["config"][type] = std::move(config);
    estate.primary.post("/api/2.0/notification-destinations", body);
  };
  make("platform duty", "email",
       json::object({{"addresses", json::array({"platform@lakeside.example",
                                                "night-shift@lakeside.example"})}}));
  if (!estate.size.needs_people) return;
  make("cost-alerts", "generic_webhook",
       json::object({{"url", "https://costs.lakeside.example/hook"}, {"username", "lake"}}));
  make("release room", "microsoft_teams",
       json::object({{"url", "https://office.example/webhook/release"}}));
}

void make_git_folders(Estate& estate) {
  estate.primary.post("/api/2.0/git-credentials",
                      json::object({{"git_provider", "azureDevOpsServices"},
                                    {"git_username", "platform"},
                                    {"personal_access_token", "azdo_invented"}}));
  estate.primary.post("/api/2.0/workspace/mkdirs", json::object({{"path", "/Repos/platform"}}));
  const json core = estate.primary.post(
      "/api/2.0/repos", json::object({{"path", "/Repos/platform/core"},
                                      {"url", "https://dev.azure.com/lakeside/data/_git/core"},
                                      {"provider", "azureDevOpsServices"}}));
  estate.primary.patch("/api/2.0/repos/" + core.at("id").dump(),
                       json::object({{"branch", "release"}}));
  grant(estate, "repos", core.at("id").dump(),
        json::array({group_entry(estate.group(0), "CAN_RUN")}));
  json sparse = json::object({{"path", "/Users/" + estate.user(0) + "/feature-store"},
                              {"url", "https://github.com/lakeside/feature-store.git"},
                              {"provider", "gitHub"}});
  sparse["sparse_checkout"]["patterns"] = json::array({"lib", "jobs"});
  estate.primary.post("/api/2.0/repos", sparse);
}

void make_tokens(Estate& estate) {
  grant(estate, "authorization", "tokens",
        json::array({group_entry("admins", "CAN_MANAGE"), group_entry(estate.group(0), "CAN_USE"),
                     service_principal_entry(estate.service_principal(0), "CAN_USE")}));
  estate.primary.post("/api/2.0/token/create",
                      json::object({{"comment", "build server"}, {"lifetime_seconds", 7776000}}));
  estate.primary.post("/api/2.0/token-management/on-behalf-of/tokens",
                      json::object({{"application_id", estate.service_principal(0)},
                                    {"comment", "nightly export"},
                                    {"lifetime_seconds", 7776000}}));
}

void make_ip_lists(Estate& estate, const std::string& own_address) {
  const auto make = [&](const char* label, const char* type, json addresses) {
    estate.primary.post(
        "/api/2.0/ip-access-lists",
        json::object(
            {{"label", label}, {"list_type", type}, {"ip_addresses", std::move(addresses)}}));
  };
  make("offices", "ALLOW", json::array({"203.0.113.0/24", "198.51.100.16/28", own_address}));
  make("former partner", "BLOCK", json::array({"198.51.100.20"}));
  if (!estate.size.needs_people) return;
  // Last of all, or the lists would be in force before they are complete.
  estate.primary.patch("/api/2.0/workspace-conf", json::object({{"enableIpAccessLists", "true"}}));
}
}  // namespace

void fill_platform(Estate& estate) {
  estate.primary.act_as("");
  make_secrets(estate);
  make_init_scripts(estate);
  make_platform_destinations(estate);
  make_git_folders(estate);
  make_tokens(estate);
  make_settings(estate);
  make_ip_lists(estate, estate.primary.address());
}

}  // namespace twinlake::simulator
