#include "simulator/estate/estate.h"

#include <algorithm>
#include <stdexcept>

#include "simulator/estate/parts.h"

namespace twinlake::simulator {

namespace {
/// Between two requests. Real clients are not faster, and equal timestamps would hide mistakes.
constexpr std::int64_t step_micros = 10'000;
/// The filling ends at the given moment at the latest, whatever its size.
constexpr std::int64_t duration_micros = 3600LL * 1'000'000;
}  // namespace

EstateClient::EstateClient(Region& region, std::int64_t start_micros)
    : region_(region), now_micros_(start_micros), token_(region.options().token) {}

json EstateClient::send(http::Request request) {
  now_micros_ += step_micros;
  request.headers.emplace_back("Authorization", "Bearer " + token_);
  const http::Response response = region_.handle(request, now_micros_);
  if (!response.ok())
    throw std::runtime_error("the simulated " + region_.options().name + " refused " +
                             std::string(http::name_of(request.method)) + " " + request.path +
                             ": " + std::to_string(response.status) + " " + response.body + " to " +
                             request.body.substr(0, 600));
  json body = json::parse(response.body, nullptr, false);
  return body.is_discarded() ? json::object() : body;
}

json EstateClient::get(const std::string& path, Query query) {
  http::Request request = http::Request::get(path);
  request.query = std::move(query);
  return send(std::move(request));
}

json EstateClient::post(const std::string& path, const json& body) {
  return send(http::Request::post(path, body.dump()));
}

json EstateClient::put(const std::string& path, const json& body) {
  return send(http::Request::send_json(http::Method::put, path, body.dump(), http::Effect::writes,
                                       http::Repeat::safe));
}

json EstateClient::patch(const std::string& path, const json& body) {
  return send(http::Request::send_json(http::Method::patch, path, body.dump(), http::Effect::writes,
                                       http::Repeat::safe));
}

json EstateClient::send_bytes(const std::string& path, Query query, std::string bytes) {
  http::Request request(http::Method::post, path);
  request.query = std::move(query);
  request.body = std::move(bytes);
  request.content_type = "application/octet-stream";
  return send(std::move(request));
}

void EstateClient::put_bytes(const std::string& path, Query query, std::string bytes) {
  http::Request request(http::Method::put, path);
  request.query = std::move(query);
  request.body = std::move(bytes);
  request.content_type = "application/octet-stream";
  send(std::move(request));
}

void EstateClient::act_as(const std::string& principal) {
  if (principal.empty()) {
    token_ = region_.options().token;
    return;
  }
  std::string& token = tokens_[principal];
  if (token.empty()) {
    token = "dapi-estate-" + std::to_string(tokens_.size());
    post("/sim/credentials", json::object({{"token", token}, {"principal", principal}}));
  }
  token_ = token;
}

void EstateClient::act_as_in_entra(const std::string& application_id) {
  const std::string secret = "invented";
  post("/sim/credentials",
       json::object(
           {{"client_id", application_id}, {"client_secret", secret}, {"provision", false}}));
  http::Request request(http::Method::post, "/" + region_.options().tenant + "/oauth2/v2.0/token");
  request.content_type = "application/x-www-form-urlencoded";
  request.body = http::encode_query({{"grant_type", "client_credentials"},
                                     {"client_id", application_id},
                                     {"client_secret", secret},
                                     {"scope", "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default"}});
  token_ = send(std::move(request)).at("access_token").get<std::string>();
}

std::string Estate::notebook_of(std::string_view team, std::size_t number) const {
  const auto found = notebooks_of_team.find(team);
  if (found == notebooks_of_team.end()) return "/Teams/" + std::string(team) + "/overview";
  return found->second[number % found->second.size()];
}

json user_entry(const std::string& name, std::string_view level) {
  return json::object({{"user_name", name}, {"permission_level", level}});
}
json group_entry(const std::string& name, std::string_view level) {
  return json::object({{"group_name", name}, {"permission_level", level}});
}
json service_principal_entry(const std::string& application_id, std::string_view level) {
  return json::object({{"service_principal_name", application_id}, {"permission_level", level}});
}

void grant(Estate& estate, const std::string& type, const std::string& id, json entries) {
  if (!estate.size.grants) return;
  estate.primary.put("/api/2.0/permissions/" + type + "/" + id,
                     json::object({{"access_control_list", std::move(entries)}}));
}

std::string two_digits(int number) { return (number < 10 ? "0" : "") + std::to_string(number); }

EstateSize small_estate() {
  EstateSize size;
  size.users = 5;
  size.service_principals = 2;
  size.groups = 6;
  size.notebooks = 8;
  size.files = 4;
  size.policies = 2;
  size.pools = 2;
  size.clusters = 3;
  size.jobs = 6;
  size.tasks_of_largest_job = 3;
  return size;
}

void fill_estate(Region& primary, Region& secondary, EstateSize size,
                 std::int64_t finished_micros) {
  // References go to at least one of each, and to the admin and the member that left.
  size.users = std::max(size.users, 3);
  size.service_principals = std::max(size.service_principals, 1);
  size.groups = std::max(size.groups, 3);
  for (int* count : {&size.pools, &size.policies, &size.clusters}) *count = std::max(*count, 1);
  const std::int64_t start = finished_micros - duration_micros;
  Estate estate(primary, secondary, size, start);
  fill_people(estate);
  fill_shared(estate);
  fill_tree(estate);
  fill_compute(estate);
  fill_jobs(estate);
  if (size.storage) fill_storage(estate);
  if (size.platform) fill_platform(estate);
  if (size.metastore) fill_metastore(estate);
  if (size.azure) fill_azure(estate);
  estate.primary.act_as("");
}

}  // namespace twinlake::simulator
