#include "kinds/audit_events.h"
#include "kinds/tree_fields.h"

namespace twinlake::kinds::notebook {

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
  order.format = is_jupyter(content) ? ImportFormat::jupyter : ImportFormat::source;
  if (order.format == ImportFormat::source) order.language = text_at(*write.definition, "/language");
  co_return co_await workspace::write_content(std::move(write), std::move(order), std::move(content));
}

constexpr std::string_view types[] = {"NOTEBOOK"};
constexpr std::string_view indicator[] = {"/modified_at_interactive/time_millis", "/modified_at",
                                          "/language", "/path"};

constexpr AuditEvent told_by[] = {acl_event_in_tree("notebooks")};

constexpr Kind row() {
  Kind kind = row_with_content(types, read, write_content);
  kind.name = "notebook";
  kind.plural = "notebooks";
  kind.about = "source or ipynb, each kept as it is, byte for byte";
  kind.shape = shape;
  kind.indicator = indicator;
  kind.permission_type = "notebooks";
  kind.told_by = told_by;
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& notebook_kind() { return kind; }

}  // namespace twinlake::kinds::notebook
