#include "simulator/settings/setting_types.h"

namespace twinlake::simulator {

namespace {
constexpr std::string_view on = R"({"value":true})";
constexpr std::string_view off = R"({"value":false})";

constexpr SettingType types[] = {
    {"aibi_dash_embed_ws_acc_policy", "aibi_dashboard_embedding_access_policy",
     R"({"access_policy_type":"ALLOW_APPROVED_DOMAINS"})"},
    {"aibi_dash_embed_ws_apprvd_domains", "aibi_dashboard_embedding_approved_domains",
     R"({"approved_domains":[]})"},
    {"automatic_cluster_update", "automatic_cluster_update_workspace", R"({"enabled":false})", true,
     false},
    {"shield_csp_enablement_ws_db", "compliance_security_profile_workspace",
     R"({"is_enabled":false})", true, false, "is_enabled"},
    {"shield_esm_enablement_ws_db", "enhanced_security_monitoring_workspace",
     R"({"is_enabled":false})", true, false},
    {"dashboard_email_subscriptions", "boolean_val", on},
    {"default_namespace_ws", "namespace", R"({"value":"hive_metastore"})"},
    {"default_warehouse_id", "string_val", R"({"value":""})"},
    {"disable_legacy_access", "disable_legacy_access", off},
    {"disable_legacy_dbfs", "disable_legacy_dbfs", off},
    {"llm_proxy_partner_powered", "boolean_val", on},
    {"restrict_workspace_admins", "restrict_workspace_admins", R"({"status":"ALLOW_ALL"})"},
    {"sql_results_download", "boolean_val", on},
    {"enable-export-notebook", "boolean_val", on, false, false},
    {"enable-notebook-table-clipboard", "boolean_val", on, false, false},
    {"enable-results-downloading", "boolean_val", on, false, false},
};
}  // namespace

std::span<const SettingType> setting_types() { return types; }

const SettingType* setting_type(std::string_view name) {
  for (const SettingType& type : types)
    if (type.name == name) return &type;
  return nullptr;
}

}  // namespace twinlake::simulator
