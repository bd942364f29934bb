#include "kinds/audit_events.h"
#include "kinds/calls.h"
#include "kinds/tree_fields.h"

namespace twinlake::kinds::git_folder {

using namespace model;
using nlohmann::json;
using workspace::Workspace;

namespace {

constexpr std::string_view repos = "/Repos/";

/// Folders below /Repos are nothing by themselves: they are made with what lies in them.
json shape(const json& item) {
  json folder = place_of(item);
  if (text_at(folder, "/path").starts_with(repos)) folder.erase("parent");
  take_fields(item, {"url", "provider", "branch", "sparse_checkout", "head_commit_id"}, folder);
  return folder;
}

/// The tree tells that it is one, only this what it is a clone of. A branch moves without a sign.
Task<Result<json>> read(Workspace& side, const Kind&, const Kind*, std::string id, json item) {
  CO_TRY(const json repo,
         co_await side.call(http::Request::get("/api/2.0/repos/" + http::percent_encode(id))));
  for (const char* field : {"url", "provider", "branch", "sparse_checkout", "head_commit_id"})
    if (const auto found = repo.find(field); found != repo.end()) item[field] = *found;
  co_return item;
}

bool must_read(const json&) { return true; }

std::optional<Error> cannot_write(const json& definition, const Workspace&) {
  if (!text_at(definition, "/url").empty()) return std::nullopt;
  return Error(Fault::refused, "it has no remote, so there is nothing to clone on the other side",
               "Push it to a remote, or exclude it from the scope");
}

/// Checks out a branch; it comes with its newest commit.
Task<Result<void>> check_out(Workspace& to, std::string id, json definition) {
  json body = json::object();
  for (const char* field : {"branch", "sparse_checkout"})
    if (const auto found = definition.find(field); found != definition.end()) body[field] = *found;
  if (body.empty()) co_return Result<void>{};
  const std::string path = "/api/2.0/repos/" + http::percent_encode(id);
  auto done = co_await to.call(repeatable(http::Method::patch, path, body));
  if (done) co_return Result<void>{};
  Error error = std::move(done).error();
  if (error.service_code == "GIT_CONFLICT")
    error.hint = "Somebody changed files in it there: commit or discard them, then try again";
  co_return fail(std::move(error));
}

Error explain(Error error) {
  if (error.hint.empty())
    error.hint =
        "A private repository needs a Git credential of the replicator's principal in the "
        "workspace that is written, and a place on its Git allow list";
  return error;
}

Task<Result<std::string>> create(Write write) {
  const std::string path = text_at(*write.definition, "/path");
  if (path.starts_with(repos)) {
    json parent = json::object();
    parent["path"] = parent_path(path);
    CO_CHECK(co_await write.to->call(
        repeatable(http::Method::post, "/api/2.0/workspace/mkdirs", parent)));
  }
  json body = json::object();
  body["path"] = path;
  for (const char* field : {"url", "provider", "sparse_checkout"})
    if (const auto found = write.definition->find(field); found != write.definition->end())
      body[field] = *found;
  auto made =
      co_await write.to->call(workspace::request_of(*write.kind, write.kind->create, "", &body));
  if (!made) co_return fail(explain(std::move(made).error()));
  std::string id = text_at(*made, "/id");
  const std::string branch = text_at(*write.definition, "/branch");
  if (!branch.empty() && branch != text_at(*made, "/branch"))
    CO_CHECK(co_await check_out(*write.to, id, *write.definition));
  co_return id;
}

Task<Result<std::string>> update(Write write) {
  CO_CHECK(co_await check_out(*write.to, write.id, *write.definition));
  co_return write.id;
}

Task<Result<void>> remove(Write write) {
  auto done = co_await workspace::call_by_row(*write.to, *write.kind, write.kind->remove, write.id);
  if (!done && done.error().fault != Fault::not_found) co_return fail(std::move(done).error());
  co_return Result<void>{};
}

constexpr std::string_view types[] = {"REPO"};
constexpr std::string_view immutable[] = {"/url", "/provider"};
constexpr std::string_view only_told[] = {"/head_commit_id"};
constexpr std::string_view indicator[] = {"/path"};

constexpr AuditEvent told_by[] = {acl_event_in_tree("repos")};

constexpr Kind row() {
  Kind kind = row_in_tree(types);
  kind.name = "git_folder";
  kind.plural = "Git folders";
  kind.about = "clones of a remote at a branch; the commit is shown where it differs";
  kind.left_to_people =
      "credentials of Git, changes that were not committed, and the commit of a tag or a detached "
      "head";
  kind.detail = Detail::definition;
  kind.read = {.path = "/api/2.0/repos/{id}"};
  kind.read_verb = read;
  kind.must_read = must_read;
  kind.shape = shape;
  kind.references = needs_folder;
  kind.immutable = immutable;
  kind.only_told = only_told;
  kind.indicator = indicator;
  kind.cannot_write = cannot_write;
  kind.create = {.method = Method::post,
                 .path = "/api/2.0/repos",
                 .effect = Effect::writes,
                 .repeat = Repeat::unsafe};
  kind.update = {.method = Method::patch, .path = "/api/2.0/repos/{id}", .effect = Effect::writes};
  kind.remove = {.method = Method::del, .path = "/api/2.0/repos/{id}", .effect = Effect::writes};
  kind.create_verb = create;
  kind.update_verb = update;
  kind.remove_verb = remove;
  kind.permission_type = "repos";
  kind.told_by = told_by;
  return kind;
}
constexpr Kind kind = row();

}  // namespace

const Kind& git_folder_kind() { return kind; }

}  // namespace twinlake::kinds::git_folder
