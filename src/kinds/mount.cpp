#include "kinds/calls.h"
#include "workspace/mounts.h"

namespace twinlake::kinds::mount {

using namespace model;
using nlohmann::json;

namespace {

json shape(const json& item) {
  json mount = json::object();
  for (const char* field : {"mount_point", "source", "configs", "encryption_type"})
    if (const auto found = item.find(field); found != item.end()) mount[field] = *found;
  return mount;
}

/// What a mount was made with cannot be read from the primary either.
std::optional<Error> cannot_write(const json& definition, const workspace::Workspace&) {
  if (definition.contains("configs")) return std::nullopt;
  return Error(
      Fault::refused, "nobody told what to mount it with",
      "Add its `configs`, or `credentials` for its source, to `mounts` of twinlake.yml; or run "
      "this in a notebook of the secondary:\n" +
          workspace::lines_to_mount(definition));
}

Task<Result<std::string>> create(Write write) {
  CO_CHECK(co_await workspace::mount(*write.to, write.definition, ""));
  co_return text_at(*write.definition, "/mount_point");
}

Task<Result<std::string>> update(Write write) {
  CO_CHECK(
      co_await workspace::mount(*write.to, write.definition, text_at(*write.current, "/source")));
  co_return write.id;
}

Task<Result<void>> remove(Write write) {
  co_return co_await workspace::unmount(*write.to, write.id);
}

constexpr std::string_view named_by[] = {"/mount_point"};
constexpr std::string_view region_bound[] = {"/source"};
constexpr std::string_view if_told[] = {"/configs"};
constexpr std::string_view secrets[] = {"secret", "secret_scope"};
constexpr Reference references[] = {
    {.path = "/configs/*", .kinds = secrets, .match = Match::inside_text}};
/// Nothing is sent there: a command does it. It says what the step is.
constexpr Endpoint command{.method = Method::post,
                           .path = "/api/1.2/commands/execute",
                           .effect = Effect::executes,
                           .repeat = Repeat::unsafe};

constexpr Kind kind{
    .name = "mount",
    .plural = "mounts",
    .about = "storage mounted in DBFS, made again by a command on a small cluster",
    .observe = workspace::observe_mounts,
    .id_at = "/mount_point",
    .key_at = "/mount_point",
    .shape = shape,
    .references = references,
    .region_bound = region_bound,
    .named_by = named_by,
    .cannot_write = cannot_write,
    .left_to_people =
        "what a mount was made with cannot be read: its credentials come from "
        "`mounts` in twinlake.yml",
    .compared_if_told = if_told,
    .create = command,
    .update = command,
    .remove = command,
    .create_verb = create,
    .update_verb = update,
    .remove_verb = remove,
};

}  // namespace

const Kind& mount_kind() { return kind; }

}  // namespace twinlake::kinds::mount
