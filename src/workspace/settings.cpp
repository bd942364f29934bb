#include "workspace/settings.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/classify.h"
#include "http/pager.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

struct Type {
  const char* name;
  const char* member;  ///< of the setting, where its value lies
};

/// Facts, core 24: those that can be copied without harm. A default warehouse is named by its id,
/// which the caller translates.
constexpr Type types[] = {
    {"aibi_dash_embed_ws_acc_policy", "aibi_dashboard_embedding_access_policy"},
    {"aibi_dash_embed_ws_apprvd_domains", "aibi_dashboard_embedding_approved_domains"},
    {"dashboard_email_subscriptions", "boolean_val"},
    {"default_namespace_ws", "namespace"},
    {"default_warehouse_id", "string_val"},
    {"enable-export-notebook", "boolean_val"},
    {"enable-notebook-table-clipboard", "boolean_val"},
    {"enable-results-downloading", "boolean_val"},
    {"llm_proxy_partner_powered", "boolean_val"},
    {"sql_results_download", "boolean_val"},
};

struct Guarded {
  Type type;
  const char* because;
};

/// The others: setting one of these is a decision, and not each of them can be taken back.
constexpr Guarded guarded[] = {
    {{"automatic_cluster_update", "automatic_cluster_update_workspace"},
     "it restarts clusters in a window of its own"},
    {{"disable_legacy_access", "disable_legacy_access"},
     "it takes the Hive metastore away from whatever still uses it"},
    {{"disable_legacy_dbfs", "disable_legacy_dbfs"}, "it takes the DBFS root and all mounts away"},
    {{"restrict_workspace_admins", "restrict_workspace_admins"},
     "it decides what workspace admins may do, Twinlake's own login among them"},
    {{"shield_csp_enablement_ws_db", "compliance_security_profile_workspace"},
     "it cannot be switched off again"},
    {{"shield_esm_enablement_ws_db", "enhanced_security_monitoring_workspace"},
     "it changes the image of every cluster, and what it costs"},
};

std::string route_of(const std::string& name) {
  return "/api/2.0/settings/types/" + http::percent_encode(name) + "/names/default";
}

const char* member_of(const std::string& name) {
  for (const Type& type : types)
    if (name == type.name) return type.member;
  return "";
}

/// A refusal tells the etag that would be accepted, in its details; a setting tells its own.
std::string etag_in(const http::Response& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  if (body.is_discarded()) return {};
  if (const std::string own = text_at(body, "/etag"); !own.empty()) return own;
  const json* details = find_at(body, "/details");
  if (details == nullptr || !details->is_array()) return {};
  for (const json& detail : *details)
    if (std::string etag = text_at(detail, "/metadata/etag"); !etag.empty()) return etag;
  return {};
}

Task<void> read_one(Workspace* side, const Type* type, json* into, std::optional<Error>* error) {
  const http::Request request = http::Request::get(route_of(type->name));
  http::Request sent = request;
  auto answer = co_await side->send(std::move(sent));
  if (!answer) {
    *error = std::move(answer).error();
    co_return;
  }
  // Never set, or a type that this workspace does not have.
  if (answer->status == 404 || answer->status == 400) co_return;
  auto body = http::parse_answer(request, *answer);
  if (!body) {
    *error = std::move(body).error();
    co_return;
  }
  const json* value = find_at(*body, "/" + std::string(type->member));
  if (value == nullptr || value->is_null()) co_return;
  (*into)["name"] = type->name;
  (*into)["payload"][type->member] = *value;
}

json left_to_people(const std::string& name, const json& value, const std::string& why) {
  json item = json::object();
  item["name"] = name;
  item["because"] = "is set to " + to_text(value) + ": " + why;
  return item;
}

bool is_known(const std::string& name) {
  const auto called_so = [&](const Type& type) { return name == type.name || name == type.member; };
  return std::ranges::any_of(types, called_so) ||
         std::ranges::any_of(guarded, called_so, &Guarded::type);
}

/// What somebody set; what follows from a default, or from the account, is the service's own.
json own_value(const json& setting) {
  json own = json::object();
  for (const auto& [member, value] : setting.items())
    if (member != "name" && member != "etag" && !member.starts_with("effective_") &&
        !value.is_null())
      own[member] = value;
  return own;
}

/// A setting that is newer than this program: nobody can say here whether it is safe to copy.
Task<void> read_unknown(Workspace* side, const std::string* name, json* into,
                        std::optional<Error>* error) {
  http::Request request = http::Request::get("/api/2.1/settings/" + http::percent_encode(*name));
  auto setting = co_await side->call(std::move(request));
  if (!setting) {
    // Listed, but not one of this workspace.
    const Fault fault = setting.error().fault;
    if (fault != Fault::not_found && fault != Fault::invalid && fault != Fault::disabled)
      *error = std::move(setting).error();
    co_return;
  }
  const json own = own_value(*setting);
  if (!own.empty())
    *into = left_to_people(*name, own, "this version of Twinlake does not know what it does");
}

/// The names of the newer API, without those that this program knows. Where it has none yet,
/// nothing.
Task<Result<std::vector<std::string>>> unknown_names(Workspace& side) {
  http::Request first = http::Request::get("/api/2.1/settings-metadata");
  first.with_query("page_size", "1000");
  auto listed = co_await http::list_all(side.transport(), std::move(first), http::PageStyle::token,
                                        "/settings_metadata");
  std::vector<std::string> names;
  if (!listed) {
    const Fault fault = listed.error().fault;
    if (fault != Fault::not_found && fault != Fault::invalid && fault != Fault::disabled)
      co_return fail(std::move(listed).error());
    co_return names;
  }
  for (const json& entry : *listed)
    if (std::string name = text_at(entry, "/name"); !name.empty() && !is_known(name))
      names.push_back(std::move(name));
  co_return names;
}

Task<Result<http::Response>> patch(Workspace* side, std::string name, json payload,
                                   std::string etag) {
  json setting = std::move(payload);
  setting["setting_name"] = "default";
  if (!etag.empty()) setting["etag"] = etag;  // some types have none
  json body = json::object();
  body["allow_missing"] = true;
  body["setting"] = std::move(setting);
  body["field_mask"] = member_of(name);
  co_return co_await side->send(http::Request::send_json(http::Method::patch, route_of(name),
                                                         to_text(body), http::Effect::writes,
                                                         http::Repeat::safe));
}

}  // namespace

Task<Result<std::vector<json>>> list_settings(Workspace& side) {
  constexpr std::size_t count = std::size(types);
  std::vector<json> found(count);
  std::vector<std::optional<Error>> errors(count);
  const auto read = [&](std::size_t index) {
    return read_one(&side, &types[index], &found[index], &errors[index]);
  };
  co_await for_each_index(side.loop(), count, 4, read);
  std::vector<json> items;
  for (std::size_t i = 0; i < count; ++i) {
    if (errors[i]) co_return fail(std::move(*errors[i]));
    if (!found[i].is_null()) items.push_back(std::move(found[i]));
  }
  co_return items;
}

Task<Result<std::vector<json>>> list_guarded_settings(Workspace& side) {
  CO_TRY(const std::vector<std::string> names, co_await unknown_names(side));
  const std::size_t known = std::size(guarded);
  std::vector<json> found(known + names.size());
  std::vector<std::optional<Error>> errors(found.size());
  const auto read = [&](std::size_t index) {
    return index < known
               ? read_one(&side, &guarded[index].type, &found[index], &errors[index])
               : read_unknown(&side, &names[index - known], &found[index], &errors[index]);
  };
  co_await for_each_index(side.loop(), found.size(), 4, read);
  std::vector<json> items;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (errors[i]) co_return fail(std::move(*errors[i]));
    if (found[i].is_null()) continue;
    if (i < known) {
      const json value = found[i].at("payload").at(guarded[i].type.member);
      found[i] = left_to_people(guarded[i].type.name, value, guarded[i].because);
    }
    items.push_back(std::move(found[i]));
  }
  co_return items;
}

Task<Result<void>> write_setting(Workspace& side, std::string name, json payload) {
  CO_TRY(const http::Response now, co_await side.send(http::Request::get(route_of(name))));
  std::string etag = etag_in(now);
  const http::Request meant(http::Method::patch, route_of(name));
  for (int attempt = 1;; ++attempt) {
    CO_TRY(const http::Response answer, co_await patch(&side, name, payload, etag));
    if (answer.ok()) co_return Result<void>{};
    const std::string newer = etag_in(answer);
    if (attempt == 2 || newer.empty() || newer == etag)
      co_return fail(http::classify(meant, answer));
    etag = newer;
  }
}

}  // namespace twinlake::workspace
