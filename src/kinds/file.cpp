#include "kinds/tree_fields.h"
#include "workspace/tree_content.h"

namespace twinlake::kinds {

using namespace model;
using nlohmann::json;
using workspace::Content;
using workspace::Workspace;

namespace {

json shape(const json& item) {
  json file = place_of(item);
  take_fields(item, {"size", "content_sha256"}, file);
  return file;
}

Task<Result<json>> read(Workspace& side, const Kind&, const Kind*, std::string id, json item) {
  const json* size = find_at(item, "/size");
  const std::uint64_t expected =
      size != nullptr && size->is_number_unsigned() ? size->get<std::uint64_t>() : 0;
  CO_TRY(const Content content,
         co_await workspace::export_content(side, text_at(item, "/path"), expected));
  workspace::remember_content(side, id, content, item);
  co_return item;
}

Task<Result<std::string>> write_content(Write write) {
  CO_TRY(Content content, co_await workspace::content_of(write));
  workspace::Import order;
  order.path = text_at(*write.definition, "/path");
  order.format = workspace::ImportFormat::raw;
  order.overwrite = !write.id.empty();
  CO_TRY(std::string id, co_await workspace::import_content(*write.to, order, std::move(content)));
  if (!write.id.empty()) co_return write.id;
  if (!id.empty()) co_return id;
  co_return co_await workspace::id_at_path(*write.to, order.path);
}

constexpr std::string_view types[] = {"FILE"};
constexpr std::string_view indicator[] = {"/modified_at_interactive/time_millis", "/modified_at",
                                          "/size", "/path"};
constexpr Reference references[] = {in_directory};

constexpr Kind kind{
    .name = "file",
    .plural = "workspace files",
    .about = "any bytes beside the notebooks, up to 500 MB",
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
    .permission_type = "files",
};

}  // namespace

const Kind& file_kind() { return kind; }

}  // namespace twinlake::kinds
