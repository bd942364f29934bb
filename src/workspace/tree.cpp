#include "workspace/tree.h"

#include <set>

#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "http/pager.h"
#include "model/canonical.h"

namespace twinlake::workspace {

using nlohmann::json;

namespace {

/// No limit is published for listings; official tools run ten side by side. The lanes slow us
/// further where a workspace asks for it.
constexpr int width = 16;
constexpr std::string_view users_root = "/Users/";
constexpr std::string_view repos_root = "/Repos";
constexpr std::string_view own_folder = "/Twinlake";

struct Walk {
  explicit Walk(Workspace& workspace)
      : side(workspace), permits(workspace.loop(), width), readers(workspace.loop()) {}
  Workspace& side;
  Semaphore permits;
  TaskGroup readers;
  std::vector<json> found;
  std::set<std::string> gone;  ///< folders deleted while we were reading
  std::optional<Error> error;
};

bool is_trash(std::string_view path) {
  if (!path.starts_with(users_root) || !path.ends_with("/Trash")) return false;
  return path.substr(users_root.size(),
                     path.size() - users_root.size() - std::string_view("/Trash").size())
             .find('/') == std::string_view::npos;
}

bool is_true(const json& item, std::string_view pointer) {
  const json* value = find_at(item, pointer);
  return value != nullptr && value->is_boolean() && value->get<bool>();
}

/// Says what an entry really is where the service's own type would mislead.
void name_truly(json& item, const std::string& path) {
  const std::string type = text_at(item, "/object_type");
  if (type == "DIRECTORY" && is_true(item, "/directory_info/is_git_folder"))
    item["object_type"] = "REPO";
  if (type == "FILE" && path.ends_with(".dbalert.json")) item["object_type"] = "ALERT";
}

Task<Result<std::vector<json>>> list_folder(Workspace& side, std::string path) {
  http::Request request = http::Request::get("/api/2.0/workspace/list");
  request.with_query("path", std::move(path));
  co_return co_await http::list_all(side.transport(), std::move(request), http::PageStyle::none,
                                    "/objects");
}

/// A 404 also means "no right to see it", so the parent must say that the folder is really gone.
Task<Result<bool>> is_gone(Workspace& side, std::string path) {
  CO_TRY(const std::vector<json> siblings, co_await list_folder(side, model::parent_path(path)));
  for (const json& sibling : siblings)
    if (model::normal_path(text_at(sibling, "/path")) == path) co_return false;
  co_return true;
}

Error unreadable(Error error, const std::string& path) {
  // Never "not found": the caller would take that for a workspace without a tree.
  if (error.fault == Fault::not_found || error.fault == Fault::disabled) {
    error.fault = Fault::forbidden;
    error.hint = "The principal needs to be a workspace admin to read every folder";
  }
  error.message = "the folder " + path + " cannot be listed: " + error.message;
  return error;
}

Task<void> visit(Walk* walk, std::string path);

/// Does an entry of this folder belong to the tree? Says what it really is, and drops what nobody asks
/// for: there are many of them.
bool take_entry(const std::string& folder, const std::string& path, json& item) {
  // Of something that is no folder the service lists the thing itself.
  if (path.empty() || path == folder || path == own_folder || is_trash(path)) return false;
  name_truly(item, path);
  for (const char* unused : {"created_at", "created_by", "resource_id"}) item.erase(unused);
  return true;
}

/// Takes the entries of one folder and starts reading the folders among them.
void take(Walk& walk, const std::string& folder, std::vector<json> objects) {
  for (json& item : objects) {
    const std::string path = model::normal_path(text_at(item, "/path"));
    if (!take_entry(folder, path, item)) continue;
    const bool is_folder = text_at(item, "/object_type") == "DIRECTORY";
    // Below /Repos only git folders matter; the folders that hold them come with these.
    const bool is_in_repos = path.starts_with(std::string(repos_root) + "/");
    if (!is_folder || !is_in_repos) walk.found.push_back(std::move(item));
    if (is_folder) walk.readers.start(visit(&walk, path));
  }
}

Task<void> visit(Walk* walk, std::string path) {
  const auto permit = co_await walk->permits.acquire();
  if (walk->error) co_return;
  auto objects = co_await list_folder(walk->side, path);
  for (int attempt = 1; attempt <= 3 && !objects && objects.error().fault == Fault::not_found && path != "/"; ++attempt) {
    const auto gone = co_await is_gone(walk->side, path);
    if (gone && *gone) {
      walk->gone.insert(path);
      co_return;
    }
    // Its parent shows it already, it itself not yet: that settles in a moment.
    co_await walk->side.loop().sleep(std::chrono::seconds(attempt));
    objects = co_await list_folder(walk->side, path);
  }
  if (!objects) {
    if (!walk->error) walk->error = unreadable(std::move(objects).error(), path);
    co_return;
  }
  take(*walk, path, std::move(*objects));
}

bool lies_in(const std::string& path, const std::set<std::string>& folders) {
  for (std::string at = path; at != "/"; at = model::parent_path(at))
    if (folders.contains(at)) return true;
  return false;
}

}  // namespace

std::string home_owner(std::string_view path) {
  if (!path.starts_with(users_root)) return {};
  const std::string_view name = path.substr(users_root.size());
  return name.find('/') == std::string_view::npos ? std::string(name) : std::string();
}

bool is_protected_path(std::string_view path) {
  return path == "/" || path == "/Users" || path == "/Shared" || path == repos_root ||
         !home_owner(path).empty();
}

Task<Result<std::vector<json>>> list_tree(Workspace& side) {
  Walk walk(side);
  walk.readers.start(visit(&walk, "/"));
  co_await walk.readers.join();
  if (walk.error) co_return fail(std::move(*walk.error));
  if (!walk.gone.empty())
    std::erase_if(walk.found, [&](const json& item) {
      return lies_in(model::normal_path(text_at(item, "/path")), walk.gone);
    });
  co_return std::move(walk.found);
}

Task<Result<std::vector<json>>> list_place(Workspace& side, std::string place) {
  CO_TRY(std::vector<json> objects, co_await list_folder(side, place));
  std::vector<json> entries;
  for (json& item : objects)
    if (take_entry(place, model::normal_path(text_at(item, "/path")), item)) entries.push_back(std::move(item));
  co_return entries;
}

}  // namespace twinlake::workspace
