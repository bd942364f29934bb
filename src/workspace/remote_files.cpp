#include "workspace/remote_files.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "model/canonical.h"
#include "workspace/tree.h"
#include "workspace/tree_content.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

Task<Result<void>> post_path(Workspace& side, std::string endpoint, std::string path) {
  json body = json::object();
  body["path"] = std::move(path);
  http::Request request =
      http::Request::send_json(http::Method::post, std::move(endpoint), to_text(body),
                               http::Effect::writes, http::Repeat::safe);
  auto done = co_await side.call(std::move(request));
  if (!done) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

Task<Result<void>> import_bytes(Workspace& side, std::string path, Content content,
                                Overwrite overwrite) {
  Import order;
  order.path = std::move(path);
  order.overwrite = overwrite == Overwrite::yes;
  auto done = co_await import_content(side, std::move(order), std::move(content));
  if (!done) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

}  // namespace

Task<Result<std::optional<std::string>>> get_file(Workspace& side, std::string path) {
  auto content = co_await export_content(side, std::move(path), 1);
  if (content) co_return std::optional<std::string>(content->all());
  if (content.error().fault == Fault::not_found) co_return std::optional<std::string>();
  co_return fail(std::move(content).error());
}

Task<Result<void>> put_file(Workspace& side, std::string path, Content content,
                            Overwrite overwrite) {
  auto done = co_await import_bytes(side, path, content, overwrite);
  // The folder is nearly always there, so it is only made when it turns out to be missing. A
  // refused import did no work, so it may be sent again.
  const bool no_folder = !done && done.error().fault == Fault::not_found;
  if (!no_folder) co_return done;
  CO_CHECK(co_await post_path(side, "/api/2.0/workspace/mkdirs", model::parent_path(path)));
  co_return co_await import_bytes(side, std::move(path), std::move(content), overwrite);
}

Task<Result<void>> delete_file(Workspace& side, std::string path) {
  auto done = co_await post_path(side, "/api/2.0/workspace/delete", std::move(path));
  if (!done && done.error().fault != Fault::not_found) co_return done;
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
