#include "workspace/rows.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/classify.h"
#include "http/pager.h"

namespace twinlake::workspace {

using model::Endpoint;
using model::Kind;
using model::Write;
using nlohmann::json;

namespace {

std::string fill(std::string_view text, const std::string& id) {
  static constexpr std::string_view placeholder = "{id}";
  std::string out(text);
  const std::size_t at = out.find(placeholder);
  if (at != std::string::npos) out.replace(at, placeholder.size(), http::percent_encode(id));
  return out;
}

json id_value(const Kind& kind, const std::string& id) {
  return kind.id_is_number ? json::parse(id, nullptr, false) : json(id);
}

/// The address of the error is set where the object is known; here only the request is.
Task<Result<json>> call_endpoint(Workspace& side, http::Request request) { return side.call(std::move(request)); }

}  // namespace

http::Request request_of(const Kind& kind, const Endpoint& endpoint, const std::string& id, const json* definition) {
  http::Request request(endpoint.method, fill(endpoint.path, id));
  for (auto& [name, value] : http::decode_query(fill(endpoint.query, id)))
    request.with_query(std::move(name), std::move(value));
  request.effect = endpoint.effect;
  request.repeat = endpoint.repeat;
  json body;
  if (definition != nullptr) {
    if (endpoint.body_under.empty()) {
      body = *definition;
    } else {
      body[json::json_pointer(std::string(endpoint.body_under))] = *definition;
    }
  }
  if (!endpoint.body_id.empty()) body[json::json_pointer(std::string(endpoint.body_id))] = id_value(kind, id);
  if (!body.is_null()) {
    request.body = to_text(body);
    request.content_type = "application/json";
  }
  return request;
}

Task<Result<json>> ask_for_shown(Workspace& side, std::function<Task<Result<json>>()> ask) {
  auto answer = co_await ask();
  for (int attempt = 1; attempt <= 2 && !answer && answer.error().fault == Fault::not_found;
       ++attempt) {
    co_await side.loop().sleep(std::chrono::seconds(attempt));
    answer = co_await ask();
  }
  co_return answer;
}

Task<Result<std::vector<json>>> list_by_row(Workspace& side, const Kind& kind) {
  if (kind.list_verb != nullptr) co_return co_await kind.list_verb(side);
  if (kind.observe != nullptr) {
    const Observation& seen = side.observations()[std::string(kind.name)];
    if (seen.error) co_return fail(*seen.error);
    co_return seen.items;
  }
  std::vector<json> items;
  http::Request first = request_of(kind, kind.list.endpoint, "", nullptr);
  auto done = co_await http::for_each_page(side.transport(), std::move(first), kind.list.pages,
                                           std::string(kind.list.items), [&items](json& page) -> Result<void> {
                                             for (json& item : page) items.push_back(std::move(item));
                                             return {};
                                           });
  if (!done) co_return fail(std::move(done).error());
  co_return items;
}

Task<Result<json>> read_by_row(Workspace& side, const Kind& kind, const Kind* parent_kind, std::string id, json item) {
  if (kind.read_verb != nullptr) co_return co_await kind.read_verb(side, kind, parent_kind, std::move(id), std::move(item));
  co_return co_await call_endpoint(side, request_of(kind, kind.read, id, nullptr));
}

Task<Result<std::string>> create_by_row(Write write) {
  const Kind& kind = *write.kind;
  if (kind.create_verb != nullptr) co_return co_await kind.create_verb(std::move(write));
  http::Request request = request_of(kind, kind.create, "", write.definition.get());
  CO_TRY(const json answer, co_await call_endpoint(*write.to, std::move(request)));
  std::string id = text_at(answer, kind.created_id_at);
  if (id.empty())
    co_return fail(Fault::in_doubt, "the service did not say the id of what it created");
  co_return id;
}

Task<Result<std::string>> update_by_row(Write write) {
  const Kind& kind = *write.kind;
  if (kind.update_verb != nullptr) co_return co_await kind.update_verb(std::move(write));
  std::string id = write.id;
  http::Request request = request_of(kind, kind.update, id, write.definition.get());
  CO_TRY(const json answer, co_await call_endpoint(*write.to, std::move(request)));
  co_return id;
}

namespace {

/// Only the top-level members in which holds lie.
json triggers_of(const Kind& kind, const json& definition) {
  json triggers = json::object();
  for (const model::Hold& hold : kind.holds) {
    const std::string member(hold.path.substr(1, hold.path.find('/', 1) - 1));
    if (const auto found = definition.find(member); found != definition.end())
      triggers[member] = *found;
  }
  return triggers;
}

}  // namespace

Task<Result<std::string>> turn_by_row(Write write) {
  const Kind& kind = *write.kind;
  if (!kind.turn.exists()) co_return co_await update_by_row(std::move(write));
  std::string id = write.id;
  const json triggers = triggers_of(kind, *write.definition);
  http::Request request = request_of(kind, kind.turn, id, &triggers);
  CO_TRY(const json answer, co_await call_endpoint(*write.to, std::move(request)));
  co_return id;
}

Task<Result<void>> remove_by_row(Write write) {
  const Kind& kind = *write.kind;
  if (kind.remove_verb != nullptr) co_return co_await kind.remove_verb(std::move(write));
  co_return co_await call_by_row(*write.to, kind, kind.remove, write.id);
}

Task<Result<void>> call_by_row(Workspace& side, const Kind& kind, const Endpoint& endpoint, std::string id) {
  http::Request request = request_of(kind, endpoint, id, nullptr);
  CO_CHECK(co_await call_endpoint(side, std::move(request)));
  co_return Result<void>{};
}

namespace {

json operation(std::string_view op, const std::string& path, json value) {
  json out = {{"op", op}, {"path", path}};
  if (!value.is_null()) out["value"] = std::move(value);
  return out;
}

/// Attributes that are lists of {"value": x} are changed element by element: a replace that would
/// empty such a list is refused by the service.
void patch_list(const std::string& name, const json& before, const json& after, json& operations) {
  json added = json::array();
  json removed = json::array();
  for (const json& entry : after)
    if (std::find(before.begin(), before.end(), entry) == before.end()) added.push_back(entry);
  for (const json& entry : before)
    if (std::find(after.begin(), after.end(), entry) == after.end()) removed.push_back(entry);
  if (!added.empty()) operations.push_back(operation("add", name, std::move(added)));
  for (const json& entry : removed)
    operations.push_back(operation("remove", name + "[value eq \"" + text_at(entry, "/value") + "\"]", nullptr));
}

}  // namespace

Task<Result<std::string>> scim_patch(Write write) {
  json operations = json::array();
  const json empty = json::object();
  const json& before = write.current ? *write.current : empty;
  const json& after = *write.definition;
  json names = json::object();
  for (auto it = before.begin(); it != before.end(); ++it) names[it.key()] = true;
  for (auto it = after.begin(); it != after.end(); ++it) names[it.key()] = true;
  for (auto it = names.begin(); it != names.end(); ++it) {
    const json* old_value = find_at(before, "/" + pointer_segment(it.key()));
    const json* new_value = find_at(after, "/" + pointer_segment(it.key()));
    if (old_value != nullptr && new_value != nullptr && *old_value == *new_value) continue;
    const json* sample = new_value != nullptr ? new_value : old_value;
    if (sample->is_array()) {
      patch_list(it.key(), old_value != nullptr ? *old_value : json::array(),
                 new_value != nullptr ? *new_value : json::array(), operations);
    } else if (new_value != nullptr) {
      operations.push_back(operation("replace", it.key(), *new_value));
    }
  }
  std::string id = write.id;
  if (operations.empty()) co_return id;
  json body = json::object();
  body["schemas"] = json::array({"urn:ietf:params:scim:api:messages:2.0:PatchOp"});
  body["Operations"] = std::move(operations);
  http::Request request = request_of(*write.kind, write.kind->update, id, &body);
  CO_CHECK(co_await call_endpoint(*write.to, std::move(request)));
  co_return id;
}

}  // namespace twinlake::workspace
