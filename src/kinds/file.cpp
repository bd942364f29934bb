#include "kinds/audit_events.h"
#include "kinds/tree_fields.h"

namespace twinlake::kinds::file {

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
  order.format = workspace::ImportFormat::raw;
  co_return co_await workspace::write_content(std::move(write), std::move(order), std::move(content));
}

constexpr std::string_view types[] = {"FILE"};
constexpr std::string_view indicator[] = {"/modified_at_interactive/time_millis", "/modified_at",
                                          "/size", "/path"};

constexpr AuditEvent told_by[] = {acl_event_in_tree("files")};

constexpr Kind row() {
  Kind kind = row_with_content(types, read, write_content);
  kind.name = "file";
  kind.plural = "workspace files";
  kind.about = "any bytes beside the notebooks, up to 500 MB";
  kind.shape = shape;
  kind.indicator = indicator;
  kind.part = Part::file;
  kind.permission_type = "files";
  kind.told_by = told_by;
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& file_kind() { return kind; }

}  // namespace twinlake::kinds::file
