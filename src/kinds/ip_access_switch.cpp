#include "kinds/calls.h"
#include "workspace/given.h"
#include "workspace/network_access.h"
#include "workspace/workspace_conf.h"

namespace twinlake::kinds::ip_access_switch {

using namespace model;
using nlohmann::json;

namespace {

/// Switching on needs all lists first; switching off needs none.
json shape(const json& item) {
  json definition = json::object();
  definition["value"] = text_at(item, "/value");
  if (text_at(item, "/value") == "true") definition["lists"] = array_at(&item, "/lists");
  return definition;
}

bool is_built_in(const json&) { return true; }

constexpr const char* say_addresses =
    "List under `own_addresses` in twinlake.yml the addresses from which you and Twinlake reach "
    "the workspace";

std::optional<Error> cannot_write(const json& definition, const workspace::Workspace& to) {
  if (text_at(definition, "/value") != "true" || !to.given().own_addresses.empty())
    return std::nullopt;
  return Error(Fault::refused,
               "IP access lists are not switched on without knowing who would be locked out",
               say_addresses);
}

/// Looks at the lists as they are now on that side: others may have been made there.
Task<Result<std::string>> set(Write write) {
  const std::string value = text_at(*write.definition, "/value");
  if (value == "true") {
    CO_TRY(std::vector<json> lists, co_await workspace::list_network_access(*write.to));
    std::erase_if(lists, [](const json& item) { return text_at(item, "/object") != "LIST"; });
    const std::string victim = workspace::locked_out(lists, write.to->given().own_addresses);
    if (!victim.empty())
      co_return fail(Fault::refused, "switching on IP access lists would lock out " + victim,
                     "Let an ALLOW list name it, and no BLOCK list");
  }
  CO_CHECK(co_await workspace::write_conf(*write.to, write.key, value));
  co_return write.id;
}

constexpr std::string_view types[] = {"SWITCH"};
constexpr std::string_view lists[] = {"ip_access_list"};
constexpr Reference references[] = {{.path = "/lists/*", .kinds = lists, .match = Match::id}};
constexpr std::string_view not_compared[] = {"/lists"};

constexpr Kind kind{
    .name = "ip_access_switch",
    .plural = "switches of IP access lists",
    .about =
        "whether IP access lists count; switched on last, and only when nobody of ours is locked "
        "out",
    .list = {.match_at = "/object", .match_any = types},
    .list_verb = workspace::list_network_access,
    .id_at = "/name",
    .key_at = "/name",
    .is_built_in = is_built_in,
    .shape = shape,
    .references = references,
    .cannot_write = cannot_write,
    .not_compared = not_compared,
    .update = {.method = Method::patch,
               .path = "/api/2.0/workspace-conf",
               .effect = Effect::writes},
    .update_verb = set,
    .never_removed = true,
};

}  // namespace

const Kind& ip_access_switch_kind() { return kind; }

}  // namespace twinlake::kinds::ip_access_switch
