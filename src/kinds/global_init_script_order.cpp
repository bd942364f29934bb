#include "kinds/calls.h"
#include "workspace/init_scripts.h"

namespace twinlake::kinds::global_init_script_order {

using namespace model;
using nlohmann::json;

namespace {

json shape(const json& item) {
  json definition = json::object();
  definition["order"] = array_at(&item, "/order");
  return definition;
}

bool is_built_in(const json&) { return true; }

Task<Result<std::string>> put_in_order(Write write) {
  std::vector<std::string> wanted;
  for (const json& id : array_at(write.definition.get(), "/order"))
    wanted.push_back(id.get<std::string>());
  CO_CHECK(co_await workspace::order_init_scripts(*write.to, std::move(wanted)));
  co_return write.id;
}

constexpr std::string_view types[] = {"ORDER"};
constexpr std::string_view scripts[] = {"global_init_script"};
/// Only the order of those that both sides have means anything.
constexpr Reference references[] = {
    {.path = "/order/*", .kinds = scripts, .match = Match::id, .missing = IfMissing::ignore}};

constexpr Kind kind{
    .name = "global_init_script_order",
    .plural = "orders of global init scripts",
    .about = "which script runs after which",
    .list = {.match_at = "/object", .match_any = types},
    .list_verb = workspace::list_init_scripts,
    .id_at = "/name",
    .key_at = "/name",
    .is_built_in = is_built_in,
    .shape = shape,
    .references = references,
    .update = {.method = Method::patch,
               .path = "/api/2.0/global-init-scripts/{id}",
               .effect = Effect::writes},
    .update_verb = put_in_order,
    .never_removed = true,
};

}  // namespace

const Kind& global_init_script_order_kind() { return kind; }

}  // namespace twinlake::kinds::global_init_script_order
