#include "base/hash.h"
#include "kinds/calls.h"
#include "workspace/init_scripts.h"

namespace twinlake::kinds::global_init_script {

using namespace model;
using nlohmann::json;

namespace {

/// A script as people see it, so that rewrites find storage accounts in it. Its place among the
/// others is an object of its own.
json shape(const json& item) {
  json script = json::object();
  for (const char* field : {"name", "enabled"})
    if (const auto found = item.find(field); found != item.end()) script[field] = *found;
  const std::string encoded = text_at(item, "/script");
  std::string bytes = base64_decode(encoded);
  if (is_utf8(bytes)) {
    script["script"] = std::move(bytes);
  } else {
    script["script_base64"] = encoded;
  }
  return script;
}

/// Facts, core 13. A rewrite may make it longer than the primary's.
constexpr std::size_t most_bytes = std::size_t{64} * 1024;

std::optional<Error> cannot_write(const json& definition, const workspace::Workspace&) {
  const std::string encoded = text_at(definition, "/script_base64");
  const std::size_t size =
      encoded.empty() ? text_at(definition, "/script").size() : base64_decode(encoded).size();
  if (size == 0)
    return Error(Fault::blocked, "there is no script to put into it",
                 "Write it by hand: what such scripts do is in no recovery point, for they often "
                 "hold secrets");
  if (size <= most_bytes) return std::nullopt;
  return Error(Fault::invalid,
               "it has " + std::to_string(size) +
                   " bytes as the other side needs it, and a global init script may have 64 KB",
               "Keep its body in a workspace file or volume and let the script run that");
}

/// The body of a create, and of a change, which takes the whole script too (facts, core 34).
Task<Result<std::string>> write_script(Write write) {
  const json& wanted = *write.definition;
  json body = json::object();
  body["name"] = text_at(wanted, "/name");
  body["enabled"] = wanted.value("enabled", false);
  const std::string encoded = text_at(wanted, "/script_base64");
  body["script"] = encoded.empty() ? base64_encode(text_at(wanted, "/script")) : encoded;
  const Endpoint& endpoint = write.id.empty() ? write.kind->create : write.kind->update;
  CO_TRY(const json answer,
         co_await write.to->call(workspace::request_of(*write.kind, endpoint, write.id, &body)));
  if (!write.id.empty()) co_return write.id;
  std::string id = text_at(answer, "/script_id");
  if (id.empty())
    co_return fail(Fault::in_doubt, "the service did not say the id of what it created");
  co_return id;
}

constexpr std::string_view types[] = {"SCRIPT"};
constexpr Default defaults[] = {{"/enabled", "false"}};
constexpr std::string_view sensitive[] = {"/script", "/script_base64"};
constexpr std::string_view free_text[] = {"/script"};
constexpr std::string_view indicator[] = {"/updated_at", "/name", "/enabled"};

constexpr Kind kind{
    .name = "global_init_script",
    .plural = "global init scripts",
    .about = "run on every cluster when it starts; content and switch",
    .list = {.match_at = "/object", .match_any = types},
    .list_verb = workspace::list_init_scripts,
    .detail = Detail::definition,
    .read = {.path = "/api/2.0/global-init-scripts/{id}"},
    .id_at = "/script_id",
    .key_at = "/name",
    .key_is_unique = false,
    .shape = shape,
    .defaults = defaults,
    .sensitive = sensitive,
    .free_text = free_text,
    .cannot_write = cannot_write,
    .indicator = indicator,
    .create = {.method = Method::post,
               .path = "/api/2.0/global-init-scripts",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::patch,
               .path = "/api/2.0/global-init-scripts/{id}",
               .effect = Effect::writes},
    .remove = {.method = Method::del,
               .path = "/api/2.0/global-init-scripts/{id}",
               .effect = Effect::writes},
    .create_verb = write_script,
    .update_verb = write_script,
    .part = Part::file,
};

}  // namespace

const Kind& global_init_script_kind() { return kind; }

}  // namespace twinlake::kinds::global_init_script
