#include "workspace/settings.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/classify.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

struct Type {
  const char* name;
  const char* member;  ///< of the setting, where its value lies
};

/// Facts, core 24. A default warehouse is named by its id, which the caller translates.
constexpr Type types[] = {
    {"aibi_dash_embed_ws_acc_policy", "aibi_dashboard_embedding_access_policy"},
    {"aibi_dash_embed_ws_apprvd_domains", "aibi_dashboard_embedding_approved_domains"},
    {"dashboard_email_subscriptions", "boolean_val"},
    {"default_namespace_ws", "namespace"},
    {"default_warehouse_id", "string_val"},
    {"llm_proxy_partner_powered", "boolean_val"},
    {"sql_results_download", "boolean_val"},
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

Task<Result<http::Response>> patch(Workspace* side, std::string name, json payload,
                                   std::string etag) {
  json setting = std::move(payload);
  setting["setting_name"] = "default";
  setting["etag"] = etag;
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
