#include "kinds/tree_fields.h"
#include "workspace/tree_content.h"

namespace twinlake::kinds {

using namespace model;
using nlohmann::json;
using workspace::Content;
using workspace::ImportFormat;
using workspace::Workspace;

namespace {

json shape(const json& item) {
  json notebook = place_of(item);
  take_fields(item, {"language", "format", "content_sha256"}, notebook);
  return notebook;
}

/// The service keeps a notebook as source or as ipynb and always gives source with its header, so
/// the first bytes of the export tell which it is, without another request.
bool is_jupyter(const Content& content) {
  const std::string head = content.head(256);
  return !workspace::has_notebook_header(head) && workspace::looks_like_jupyter(head);
}

Task<Result<json>> read(Workspace& side, const Kind&, const Kind*, std::string id, json item) {
  CO_TRY(const Content content,
         co_await workspace::export_content(side, text_at(item, "/path"), 0));
  item["format"] = is_jupyter(content) ? "JUPYTER" : "SOURCE";
  workspace::remember_content(side, id, content, item);
  co_return item;
}

Task<Result<std::string>> write_content(Write write) {
  CO_TRY(Content content, co_await workspace::content_of(write));
  workspace::Import order;
  order.path = text_at(*write.definition, "/path");
  order.format = is_jupyter(content) ? ImportFormat::jupyter : ImportFormat::source;
  if (order.format == ImportFormat::source)
    order.language = text_at(*write.definition, "/language");
  order.overwrite = !write.id.empty();
  CO_TRY(std::string id, co_await workspace::import_content(*write.to, order, std::move(content)));
  if (!write.id.empty()) co_return write.id;
  if (!id.empty()) co_return id;
  co_return co_await workspace::id_at_path(*write.to, order.path);
}

constexpr std::string_view types[] = {"NOTEBOOK"};
constexpr std::string_view indicator[] = {"/modified_at_interactive/time_millis", "/modified_at",
                                          "/language", "/path"};
constexpr Reference references[] = {in_directory};

constexpr Kind kind{
    .name = "notebook",
    .plural = "notebooks",
    .about = "source or ipynb, each kept as it is, byte for byte",
    .list = {.match_at = "/object_type", .match_any = types},
    .list_verb = workspace::list_tree,
    .detail = Detail::content,
    .read = {.path = "/api/2.0/workspace/export"},
    .read_verb = read,
    .id_at = "/object_id",
    .id_is_number = true,
    .key_at = "/path",
    .key_is_path = true,
    .shape = shape,
    .references = references,
    .indicator = indicator,
    .create = {.method = Method::post,
               .path = "/api/2.0/workspace/import",
               .effect = Effect::writes,
               .repeat = Repeat::unsafe},
    .update = {.method = Method::post,
               .path = "/api/2.0/workspace/import",
               .effect = Effect::writes},
    .remove = {.method = Method::post,
               .path = "/api/2.0/workspace/delete",
               .effect = Effect::writes},
    .create_verb = write_content,
    .update_verb = write_content,
    .remove_verb = workspace::delete_path,
    .permission_type = "notebooks",
};

}  // namespace

const Kind& notebook_kind() { return kind; }

}  // namespace twinlake::kinds
