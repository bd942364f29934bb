#include "workspace/volumes.h"

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/classify.h"
#include "model/canonical.h"
#include "workspace/content_witness.h"
#include "workspace/inventory.h"
#include "workspace/tree_content.h"

namespace twinlake::workspace {

using http::Effect;
using http::Method;
using http::Repeat;
using nlohmann::json;

namespace {

http::Request file_request(Method method, const std::string& path, Effect effect, Repeat repeat) {
  http::Request request(method, "/api/2.0/fs/files/" + http::percent_encode_path(path.substr(1)));
  request.effect = effect;
  request.repeat = repeat;
  return request;
}

Task<Result<http::Response>> send(Workspace& side, http::Request request) {
  const http::Request sent = request;
  CO_TRY(http::Response answer, co_await side.send(std::move(request)));
  co_return http::expect_ok(sent, std::move(answer));
}

std::string header(const http::Response& answer, std::string_view name) {
  const std::string* value = http::find_header(answer.headers, name);
  return value != nullptr ? *value : std::string();
}

/// A folder answers like something that is not there, or that it is no file.
Task<void> look_up(Workspace* side, std::string path, std::vector<json>* found,
                   std::optional<Error>* disabled) {
  auto answer = co_await send(*side, file_request(Method::head, path, Effect::reads, Repeat::safe));
  json item = json::object();
  item["path"] = path;
  if (answer) {
    item["file_size"] = header(*answer, "content-length");
    item["last_modified"] = header(*answer, "last-modified");
  } else {
    const Fault fault = answer.error().fault;
    if (fault == Fault::disabled) *disabled = answer.error();
    if (fault == Fault::not_found || fault == Fault::disabled || answer.error().status == 409)
      co_return;
    item["not_listed"] = not_listed(answer.error());
  }
  found->push_back(std::move(item));
}

Task<Result<Content>> download(Workspace& side, std::string path) {
  http::Request request = file_request(Method::get, path, Effect::reads, Repeat::safe);
  request.spool_answer_in = side.spool_folder();
  CO_TRY(http::Response answer, co_await send(side, std::move(request)));
  co_return Content(std::move(answer));
}

Task<Result<void>> make_folders(Workspace& to, std::string path) {
  http::Request request(Method::put,
                        "/api/2.0/fs/directories/" + http::percent_encode_path(path.substr(1)));
  request.effect = Effect::writes;
  request.repeat = Repeat::safe;
  CO_CHECK(co_await send(to, std::move(request)));
  co_return Result<void>{};
}

/// "/Volumes/catalog/schema/volume": above it there are no folders to make.
bool is_volume(const std::string& path) { return std::count(path.begin(), path.end(), '/') <= 4; }

json told_of(const Content& content) {
  json told = json::object();
  told["content_sha256"] = content.sha256();
  return told;
}

Error explain(Error error, const std::string& path) {
  if (error.fault == Fault::not_found)
    error.hint =
        "The volume of " + path + " has to exist there: Unity Catalog objects are not replicated";
  return error;
}

}  // namespace

Task<Result<std::vector<json>>> list_no_volume(Workspace&) { co_return std::vector<json>{}; }

Task<Result<std::vector<json>>> find_volume_files(Workspace& side, std::vector<std::string> paths) {
  std::vector<json> found;
  std::optional<Error> disabled;
  const auto look = [&](std::size_t index) {
    return look_up(&side, paths[index], &found, &disabled);
  };
  co_await for_each_index(side.loop(), paths.size(), 8, look);
  if (disabled) co_return fail(std::move(*disabled));
  co_return found;
}

Task<Result<std::string>> hash_volume_file(Workspace& side, std::string path) {
  const auto permit = co_await side.large_contents().acquire();
  CO_TRY(const Content content, co_await download(side, path));
  const json told = told_of(content);
  if (ContentWitness* const witness = side.content_witness())
    witness->saw_read(path, content, told);
  co_return text_at(told, "/content_sha256");
}

namespace {

Task<Result<void>> upload(Workspace& to, std::string new_path, Content content, bool overwrite) {
  const std::string folder = model::parent_path(new_path);
  if (!is_volume(folder)) {
    auto made = co_await make_folders(to, folder);
    if (!made) co_return fail(explain(std::move(made).error(), new_path));
  }
  http::Request request = file_request(Method::put, new_path, Effect::writes,
                                       overwrite ? Repeat::safe : Repeat::unsafe);
  request.with_query("overwrite", overwrite ? "true" : "false");
  request.content_type = "application/octet-stream";
  if (content.file()) {
    request.upload = content.file();
  } else {
    request.body = content.all();
  }
  auto done = co_await send(to, std::move(request));
  if (!done) co_return fail(explain(std::move(done).error(), new_path));
  co_return Result<void>{};
}

}  // namespace

Task<Result<void>> put_volume_file(Workspace& to, std::string path, Content content,
                                   bool overwrite) {
  const auto permit = co_await to.large_contents().acquire();
  co_return co_await upload(to, std::move(path), std::move(content), overwrite);
}

Task<Result<void>> copy_volume_file(Workspace& from, Workspace& to, std::string path,
                                    std::string new_path, bool overwrite) {
  const auto permit = co_await to.large_contents().acquire();
  CO_TRY(Content content, co_await download(from, path));
  if (ContentWitness* const witness = from.content_witness())
    witness->saw_copied(path, content, told_of(content));
  co_return co_await upload(to, std::move(new_path), std::move(content), overwrite);
}

Task<Result<void>> delete_volume_file(Workspace& side, std::string path) {
  auto done = co_await send(side, file_request(Method::del, path, Effect::writes, Repeat::safe));
  if (!done && done.error().fault != Fault::not_found) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

}  // namespace twinlake::workspace
