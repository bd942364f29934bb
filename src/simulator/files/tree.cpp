#include "simulator/files/tree.h"
#include "simulator/files/paths.h"

#include "simulator/identity/identity.h"

namespace twinlake::simulator {

namespace {
http::Response path_missing(std::string_view as_asked) {
  return absent("Path (" + std::string(as_asked) + ") doesn't exist.");
}
http::Response not_absolute(std::string_view as_asked) {
  return invalid("Path (" + std::string(as_asked) + ") should start with '/'.");
}
http::Response guarded(std::string_view path) {
  return error(400, "DIRECTORY_PROTECTED", "Folder " + std::string(path) + " is protected.");
}
http::Response name_taken(std::string_view path) {
  const auto slash = path.rfind('/');
  return error(400, "RESOURCE_ALREADY_EXISTS",
               "Node named '" + std::string(path.substr(slash + 1)) + "' already exists");
}
std::string joined(const std::string& folder, std::string_view name) {
  return (folder == "/" ? "" : folder) + "/" + std::string(name);
}
}  // namespace

Tree::Tree(Region& region) : region_(region) {
  using http::Method;
  Router& router = region.router();
  router.add(Method::get, "/api/2.0/workspace/list", [this](Call& call) { return list(call); });
  router.add(Method::get, "/api/2.0/workspace/get-status",
             [this](Call& call) { return get_status(call); });
  router.add(Method::get, "/api/2.0/workspace/export",
             [this](Call& call) { return export_request(call); });
  router.add(Method::post, "/api/2.0/workspace/import",
             [this](Call& call) { return import_request(call); });
  router.add(Method::post, "/api/2.0/workspace/mkdirs",
             [this](Call& call) { return make_directories(call); });
  router.add(Method::post, "/api/2.0/workspace/delete",
             [this](Call& call) { return remove(call); });
  router.add(Method::post, "/api/2.0/workspace-files/import-file/{path...}",
             [this](Call& call) { return import_file(call); });
  router.add(Method::get, "/api/2.0/workspace-files/{path...}",
             [this](Call& call) { return raw_file(call); });
  router.add(Method::post, "/sim/tree", [this](Call& call) { return plant_by_request(call); });
  router.add(Method::post, "/sim/tree/move", [this](Call& call) { return move(call); });

  TreeNode folder;
  folder.type = "DIRECTORY";
  folder.created_at = region.now_millis();
  for (const char* path : {"/Users", "/Shared", "/Repos"}) insert(path, folder, "");
  path_of_id_[0] = "/";  // the permissions API knows the root as directory 0
  nodes_["/"] = folder;
  register_permissions();
}

const std::string* Tree::path_of(const std::string& id) const {
  const auto number = integer_of(json::object({{"id", id}}), "id");
  const auto path = number ? path_of_id_.find(*number) : path_of_id_.end();
  return path == path_of_id_.end() ? nullptr : &path->second;
}

std::vector<Permissions::Ancestor> Tree::ancestors_of(const std::string& id) const {
  std::vector<Permissions::Ancestor> found;
  const std::string* path = path_of(id);
  if (path == nullptr) return found;
  for (std::string at = *path; at != "/";) {
    at = parent_of(at);
    const TreeNode& above = nodes_.at(at);
    found.push_back(
        {is_git_folder(above) ? "repos" : "directories", std::to_string(above.object_id), at});
  }
  return found;
}

void Tree::register_permissions() {
  const std::pair<const char*, const char*> types[] = {{"notebooks", "NOTEBOOK"},
                                                       {"directories", "DIRECTORY"},
                                                       {"files", "FILE"},
                                                       {"repos", "REPO"}};
  for (const auto& [request_type, object_type] : types) {
    Permissions::TypeHooks hooks;
    hooks.exists = [this, wanted = std::string(object_type)](const std::string& id) {
      const std::string* path = path_of(id);
      if (path == nullptr) return false;
      const TreeNode& node = nodes_.at(*path);
      return node.type == wanted || (wanted == "REPO" && is_git_folder(node));
    };
    hooks.ancestors = [this](const std::string& id) { return ancestors_of(id); };
    hooks.path = [this](const std::string& id) {
      const std::string* path = path_of(id);
      return path == nullptr ? std::string() : *path;
    };
    region_.get<Permissions>().register_type(request_type, std::move(hooks));
  }
  region_.get<Identity>().when_principal_created(
      [this](const std::string& name) { make_home(name); });
}

std::string Tree::canonical(std::string_view path) {
  if (path.empty() || path.front() != '/') return "";
  std::string out;
  for (const char c : path)
    if (c != '/' || out.empty() || out.back() != '/') out += c;
  if (out.size() > 1 && out.back() == '/') out.pop_back();
  if (out == "/Workspace") return "/";
  if (out.starts_with("/Workspace/")) out.erase(0, std::string_view("/Workspace").size());
  return out;
}

std::string Tree::parent_of(std::string_view canonical_path) {
  const auto slash = canonical_path.rfind('/');
  return slash == 0 || slash == std::string_view::npos
             ? "/"
             : std::string(canonical_path.substr(0, slash));
}

const TreeNode* Tree::find(std::string_view path) const {
  const auto found = nodes_.find(canonical(path));
  return found == nodes_.end() ? nullptr : &found->second;
}

bool Tree::is_container(const TreeNode& node) {
  return node.type == "DIRECTORY" || node.type == "REPO";
}

/// With access for the git command line it is a folder that says so.
bool Tree::is_git_folder(const TreeNode& node) {
  const json* info = field(node.extra, "directory_info");
  return node.type == "REPO" || (info != nullptr && flag_of(*info, "is_git_folder"));
}

bool Tree::is_protected(const std::string& path) {
  if (path == "/" || path == "/Users" || path == "/Shared" || path == "/Repos") return true;
  if (!path.starts_with("/Users/")) return false;
  const auto inside = path.find('/', std::string_view("/Users/").size());
  return inside == std::string::npos || path.substr(inside) == "/Trash";
}

/// Direct children in order of their paths. Subtrees are jumped over, not walked through.
std::vector<std::string> Tree::children(const std::string& path) const {
  std::vector<std::string> found;
  const std::string prefix = below(path);
  auto at = nodes_.upper_bound(prefix);
  while (at != nodes_.end() && at->first.starts_with(prefix)) {
    const auto slash = at->first.find('/', prefix.size());
    if (slash == std::string::npos) {
      found.push_back(at->first);
      ++at;
    } else {
      at = nodes_.lower_bound(at->first.substr(0, slash) + '0');  // '0' follows '/'
    }
  }
  return found;
}

json Tree::describe(const std::string& path, const TreeNode& node) const {
  json info = node.extra;
  info["path"] = path;
  info["object_type"] = node.type;
  info["object_id"] = node.object_id;
  if (!node.resource_id.empty()) info["resource_id"] = node.resource_id;
  if (node.type == "DIRECTORY") return info;
  info["created_at"] = node.created_at;
  info["modified_at"] = node.modified_at;
  if (node.type == "NOTEBOOK") info["language"] = node.language;
  if (node.type == "FILE") info["size"] = node.content.size();
  return info;
}

http::Response Tree::list(Call& call) const {
  const std::string asked = call.query("path");
  const std::string path = canonical(asked);
  if (path.empty()) return not_absolute(asked);
  const auto here = nodes_.find(path);
  if (here == nodes_.end()) return path_missing(asked);
  json objects = json::array();
  if (!is_container(here->second)) {
    objects.push_back(describe(path, here->second));  // the service lists the object itself
  } else {
    const auto since =
        integer_of(json::object({{"since", call.query("notebooks_modified_after")}}), "since");
    for (const std::string& child : children(path)) {
      const TreeNode& node = nodes_.at(child);
      if (since && node.type == "NOTEBOOK" && node.modified_at <= *since) continue;
      objects.push_back(describe(child, node));
      objects.back().erase("git_info");  // get-status alone tells it, when asked
    }
  }
  json body = json::object();
  if (!objects.empty()) body["objects"] = std::move(objects);  // the key is left out when empty
  return answer(body);
}

http::Response Tree::get_status(Call& call) const {
  const std::string asked = call.query("path");
  const std::string path = canonical(asked);
  if (path.empty()) return not_absolute(asked);
  const auto here = nodes_.find(path);
  if (here == nodes_.end()) return path_missing(asked);
  json info = describe(path, here->second);
  if (call.query("return_git_info") != "true")
    info.erase("git_info");
  else if (field(info, "git_info") != nullptr)
    info["git_info"]["path"] = path;  // without "/Workspace", and where it is now
  if (call.query("return_export_info") == "true" && here->second.type == "NOTEBOOK")
    info["repos_export_format"] = here->second.native;
  return answer(info);
}

TreeNode& Tree::insert(const std::string& path, TreeNode node, const std::string& creator) {
  node.object_id = region_.ids().number();
  if (node.created_at == 0) node.created_at = region_.now_millis();
  if (node.modified_at == 0) node.modified_at = node.created_at;
  if (node.resource_id.empty() && (node.type == "DIRECTORY" || node.type == "NOTEBOOK"))
    node.resource_id = std::to_string(node.object_id);
  path_of_id_[node.object_id] = path;
  const std::string type = node.type;
  TreeNode& placed = nodes_[path] = std::move(node);
  const char* permission_type = type == "NOTEBOOK"    ? "notebooks"
                                : type == "DIRECTORY" ? "directories"
                                : type == "FILE"      ? "files"
                                                      : nullptr;
  if (permission_type != nullptr && !creator.empty())
    region_.get<Permissions>().created(permission_type, std::to_string(placed.object_id), creator);
  return placed;
}

Refusal Tree::make_path(const std::string& path, const std::string& creator) {
  if (nodes_.contains(path)) {
    if (is_container(nodes_.at(path))) return std::nullopt;
    return name_taken(path);
  }
  const std::string parent = parent_of(path);
  if (auto refusal = make_path(parent, creator)) return refusal;
  // Homes come with their users; nobody makes them by hand.
  if (parent == "/Users") return guarded(path);
  TreeNode folder;
  folder.type = "DIRECTORY";
  insert(path, std::move(folder), creator);
  return std::nullopt;
}

http::Response Tree::make_directories(Call& call) {
  const std::string asked = text_of(call.body, "path");
  const std::string path = canonical(asked);
  if (path.empty()) return not_absolute(asked);
  if (auto refusal = make_path(path, call.caller)) return *refusal;
  return done();
}

void Tree::erase_subtree(const std::string& path) {
  const auto forget = [this](std::map<std::string, TreeNode>::iterator at) {
    for (const char* type : {"notebooks", "directories", "files", "repos"})
      region_.get<Permissions>().removed(type, std::to_string(at->second.object_id));
    path_of_id_.erase(at->second.object_id);
    return nodes_.erase(at);
  };
  if (const auto here = nodes_.find(path); here != nodes_.end()) forget(here);
  const std::string prefix = below(path);
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);)
    at = forget(at);
}

http::Response Tree::remove(Call& call) {
  const std::string asked = text_of(call.body, "path");
  const std::string path = canonical(asked);
  if (path.empty()) return not_absolute(asked);
  const auto here = nodes_.find(path);
  if (here == nodes_.end()) return path_missing(asked);
  if (is_protected(path)) return guarded(asked);
  if (!flag_of(call.body, "recursive") && is_container(here->second) && !children(path).empty())
    return error(400, "DIRECTORY_NOT_EMPTY", "Folder (" + asked + ") is not empty");
  erase_subtree(path);
  return done();
}

Refusal Tree::plant(std::string_view path, TreeNode node) {
  const std::string place = canonical(path);
  if (place.empty()) return not_absolute(path);
  if (nodes_.contains(place)) return name_taken(place);
  const std::string parent = parent_of(place);
  const auto above = nodes_.find(parent);
  if (above == nodes_.end() || !is_container(above->second)) return path_missing(parent);
  insert(place, std::move(node), "");
  return std::nullopt;
}

void Tree::uproot(std::string_view path) { erase_subtree(canonical(path)); }

void Tree::make_home(const std::string& principal) {
  const std::string path = joined("/Users", principal);
  if (nodes_.contains(path)) return;
  TreeNode home;
  home.type = "DIRECTORY";
  insert(path, std::move(home), principal);
}

/// Tests put here what no public API makes: git folders, dashboards, entries of unknown kinds.
http::Response Tree::plant_by_request(Call& call) {
  const std::string path = canonical(text_of(call.body, "path"));
  if (path.empty()) return not_absolute(text_of(call.body, "path"));
  TreeNode node;
  node.type = text_of(call.body, "object_type", "FILE");
  node.resource_id = text_of(call.body, "resource_id");
  node.language = text_of(call.body, "language");
  node.native = text_of(call.body, "native", "SOURCE");
  node.content = text_of(call.body, "content");
  for (const auto& [key, value] : call.body.items())
    if (key != "path" && key != "object_type" && key != "resource_id" && key != "language" &&
        key != "native" && key != "content")
      node.extra[key] = value;
  if (nodes_.contains(path)) erase_subtree(path);
  for (std::string at = parent_of(path); !nodes_.contains(at); at = parent_of(at)) {
    TreeNode folder;
    folder.type = "DIRECTORY";
    insert(at, std::move(folder), "");
  }
  return answer(describe(path, insert(path, std::move(node), call.caller)));
}

/// A rename as the UI does it: ids, grants and times stay, only the paths change.
http::Response Tree::move(Call& call) {
  const std::string from = canonical(text_of(call.body, "from"));
  const std::string to = canonical(text_of(call.body, "to"));
  if (from.empty() || to.empty() || !nodes_.contains(from))
    return path_missing(text_of(call.body, "from"));
  if (is_protected(from)) return guarded(from);
  if (nodes_.contains(to)) return name_taken(to);
  if (to.starts_with(below(from))) return invalid("A folder cannot move into itself.");
  const auto parent = nodes_.find(parent_of(to));
  if (parent == nodes_.end() || !is_container(parent->second)) return path_missing(parent_of(to));
  std::vector<std::string> moving{from};
  const std::string prefix = below(from);
  for (auto at = nodes_.lower_bound(prefix); at != nodes_.end() && at->first.starts_with(prefix);
       ++at)
    moving.push_back(at->first);
  for (const std::string& old_path : moving) {
    auto node = nodes_.extract(old_path);
    node.key() = to + old_path.substr(from.size());
    path_of_id_[node.mapped().object_id] = node.key();
    nodes_.insert(std::move(node));
  }
  return done();
}

json Tree::world() const {
  json objects = json::array();
  for (const auto& [path, node] : nodes_) {
    json entry = {{"path", path}, {"object_type", node.type}, {"object_id", node.object_id}};
    if (node.type == "NOTEBOOK") {
      entry["language"] = node.language;
      entry["repos_export_format"] = node.native;
    }
    if (node.type == "NOTEBOOK" || node.type == "FILE") {
      entry["size"] = node.content.size();
      entry["sha256"] = sha256_hex(node.content);
    }
    if (!node.resource_id.empty()) entry["resource_id"] = node.resource_id;
    objects.push_back(std::move(entry));
  }
  return json::object({{"tree", std::move(objects)}});
}

}  // namespace twinlake::simulator
