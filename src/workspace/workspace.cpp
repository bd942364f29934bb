#include "workspace/workspace.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"
#include "http/classify.h"
#include "workspace/given.h"

namespace twinlake::workspace {

using nlohmann::json;

void ContentCache::put(const std::string& id, std::string content) {
  if (const auto old = contents_.find(id); old != contents_.end()) {
    used_ -= old->second->size();
    contents_.erase(old);
    order_.remove(id);
  }
  if (content.size() > budget_ / 4) return;
  used_ += content.size();
  contents_.emplace(id, std::make_shared<const std::string>(std::move(content)));
  order_.push_back(id);
  while (used_ > budget_) {
    const auto oldest = contents_.find(order_.front());
    used_ -= oldest->second->size();
    contents_.erase(oldest);
    order_.pop_front();
  }
}

std::shared_ptr<const std::string> ContentCache::find(const std::string& id) const {
  const auto found = contents_.find(id);
  return found == contents_.end() ? nullptr : found->second;
}

Workspace::Workspace(Loop& loop, model::Side side, http::Transport& transport, Self self,
                     std::string spool_folder)
    : loop_(loop),
      side_(side),
      transport_(transport),
      self_(std::move(self)),
      spool_folder_(std::move(spool_folder)),
      given_(std::make_unique<Given>()) {}

Workspace::~Workspace() = default;

void Workspace::give(Given given) { given_ = std::make_unique<Given>(std::move(given)); }

const Observation* Workspace::observation_of(std::string_view kind) const {
  const auto found = observations_.find(kind);
  return found == observations_.end() ? nullptr : &found->second;
}

std::string Workspace::fingerprint(std::string_view content) const {
  return hmac_sha256_hex(fingerprint_key_, content);
}

Task<Result<json>> Workspace::call(http::Request request) {
  const http::Request sent = request;
  auto response = co_await transport_.send(std::move(request));
  if (!response) co_return fail(std::move(response).error());
  co_return http::parse_answer(sent, *response);
}

Task<Result<Self>> who_am_i(http::Transport& transport) {
  const http::Request request = http::Request::get("/api/2.0/preview/scim/v2/Me");
  http::Request copy = request;
  auto response = co_await transport.send(std::move(copy));
  if (!response) co_return fail(std::move(response).error());
  CO_TRY(const json me, http::parse_answer(request, *response));
  Self self;
  self.scim_id = text_at(me, "/id");
  self.name = text_at(me, "/applicationId");
  self.is_service_principal = !self.name.empty();
  if (self.name.empty()) self.name = text_at(me, "/userName");
  if (const json* groups = find_at(me, "/groups"); groups != nullptr && groups->is_array())
    for (const json& group : *groups) self.is_admin = self.is_admin || text_at(group, "/display") == "admins";
  if (const std::string* id = http::find_header(response->headers, "X-Databricks-Org-Id")) self.workspace_id = *id;
  if (self.name.empty())
    co_return fail(Fault::bad_answer, "the workspace did not say who the token belongs to",
                   "Check that the host is a workspace, not an account console");
  co_return self;
}

}  // namespace twinlake::workspace
