#include "simulator/files/git_folders.h"

#include <algorithm>

#include "simulator/collection.h"
#include "simulator/identity/permission_types.h"
#include "simulator/identity/permissions.h"
#include "simulator/settings/workspace_conf.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t page_size = 20;

http::Response no_folder(const std::string& id) {
  return absent("Repo with id " + id + " does not exist.");
}

/// "core" of "https://dev.azure.com/contoso/_git/core" and of ".../core.git".
std::string name_of_remote(const std::string& url) {
  std::string name = split(url, '/').back();
  if (name.ends_with(".git")) name.erase(name.size() - 4);
  return name;
}

json patterns_of(const json& body) {
  const json* sparse = field(body, "sparse_checkout");
  return sparse == nullptr ? json() : list_of(*sparse, "patterns");
}

/// With no prefix, and with one that stands for the root, only /Repos is served.
std::string prefix_of(const Call& call) {
  const std::string path = Tree::canonical(call.query("path_prefix"));
  return path.empty() || path == "/" ? "/Repos" : path;
}

std::map<std::string, std::string> texts_of(const std::map<std::string, TreeNode>& content) {
  std::map<std::string, std::string> texts;
  for (const auto& [path, node] : content) texts[path] = node.content;
  return texts;
}
}  // namespace

GitFolders::GitFolders(Region& region) : region_(region), remotes_(region), credentials_(region) {
  using http::Method;
  Router& router = region.router();
  const std::string root = "/api/2.0/repos";
  router.add(Method::get, root, [this](Call& call) { return list(call); });
  router.add(Method::post, root, [this](Call& call) { return create(call); });
  router.add(Method::get, root + "/{id}", [this](Call& call) { return get(call); });
  router.add(Method::patch, root + "/{id}", [this](Call& call) { return patch(call); });
  router.add(Method::del, root + "/{id}", [this](Call& call) { return remove(call); });
  router.add(Method::post, "/sim/git/style", [this](Call& call) { return choose_style(call); });
}

http::Response GitFolders::choose_style(Call& call) {
  const std::string wanted = text_of(call.body, "style");
  if (wanted == "by_place")
    style_ = GitFolderStyle::by_place;
  else if (wanted == "standard")
    style_ = GitFolderStyle::standard;
  else if (wanted == "git_cli")
    style_ = GitFolderStyle::git_cli;
  else
    return invalid("Git folders have the styles by_place, standard and git_cli.");
  return done();
}

const std::string* GitFolders::place_of(const Folder& folder) const {
  return region_.get<Tree>().place_of(folder.id);
}

json GitFolders::shown(const Folder& folder) const {
  json repo = json::object({{"id", folder.id},
                            {"path", *place_of(folder)},
                            {"url", folder.url},
                            {"provider", folder.provider},
                            {"head_commit_id", folder.commit}});
  if (!folder.branch.empty()) repo["branch"] = folder.branch;
  if (!folder.patterns.is_null()) repo["sparse_checkout"]["patterns"] = folder.patterns;
  if (folder.git_cli) repo["git_cli_enabled"] = true;
  return repo;
}

http::Response GitFolders::list(Call& call) const {
  PageWish wish;
  wish.limit = page_size;
  // This call names its token alike on the way in and out.
  if (const std::string token = call.query("next_page_token"); !token.empty()) {
    wish.after = position_of(token);
    if (!wish.after) return invalid("Invalid page token: " + token);
  }
  const std::string prefix = prefix_of(call);
  const auto& permissions = region_.get<Permissions>();
  const auto page =
      folders_.page(wish, Shelf<Folder>::Order::oldest_first, [&](const Folder& folder) {
        const std::string* path = place_of(folder);
        return path != nullptr && path->starts_with(prefix) && !folder.git_cli &&
               permissions.can_manage("repos", std::to_string(folder.id), call.caller);
      });
  json body = json::object();
  for (const Folder* folder : page.items) body["repos"].push_back(shown(*folder));
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

Refusal GitFolders::check_remote(const Call& call, const std::string& url,
                                 const std::string& provider) const {
  const auto& conf = region_.get<WorkspaceConf>();
  if (conf.value("enableProjectsAllowList") == "true") {
    const std::vector<std::string> allowed = split(conf.value("projectsAllowList"), ',');
    const bool listed = std::any_of(allowed.begin(), allowed.end(), [&](const std::string& start) {
      return !start.empty() && url.starts_with(start);
    });
    if (!listed)
      return error(403, "GIT_URL_NOT_ON_ALLOW_LIST", url + " is not on the list of allowed URLs.");
  }
  const auto credential = integer_of(call.body, "git_credential_id");
  if (credential && !credentials_.owns(call.caller, *credential))
    return absent("Git credential with id " + std::to_string(*credential) + " does not exist.");
  if (remotes_.is_private(url) && !credential && !credentials_.has(call.caller, provider))
    return error(400, "GIT_REMOTE_ERROR",
                 "Remote " + url + " needs a Git credential of " + call.caller + ".");
  return std::nullopt;
}

Refusal GitFolders::check_place(const std::string& path) const {
  if (path.empty()) return invalid("The path must be absolute.");
  if (path.starts_with("/Repos/") && std::count(path.begin(), path.end(), '/') != 3)
    return invalid("A git folder in /Repos must be at /Repos/<folder>/<name>, was " + path + ".");
  const auto& tree = region_.get<Tree>();
  const std::string parent = Tree::parent_of(path);
  if (tree.find(parent) == nullptr)
    return absent("Parent directory " + parent + " does not exist.");
  if (tree.find(path) != nullptr)
    return error(400, "RESOURCE_ALREADY_EXISTS", "Path " + path + " already exists.");
  return std::nullopt;
}

Refusal GitFolders::aim(const json& body, Folder& folder) const {
  const std::string branch = text_of(body, "branch");
  const std::string tag = text_of(body, "tag");
  if (!branch.empty() && !tag.empty()) return invalid("Either a branch or a tag, not both.");
  if (branch.empty() && tag.empty()) return std::nullopt;
  const auto commit = tag.empty() ? remotes_.commit_of_branch(folder.url, branch)
                                  : remotes_.commit_of_tag(folder.url, tag);
  if (!commit)
    return error(400, "GIT_UNKNOWN_REF",
                 folder.url + " has no " + (tag.empty() ? "branch " + branch : "tag " + tag) + ".");
  folder.branch = branch;  // of a tag: none, as the head is detached
  folder.commit = *commit;
  return std::nullopt;
}

Refusal GitFolders::plant(Folder& folder, const std::string& path) const {
  auto& tree = region_.get<Tree>();
  const bool in_repos = path.starts_with("/Repos/");
  TreeNode node;
  node.type = in_repos || style_ == GitFolderStyle::standard ? "REPO" : "DIRECTORY";
  folder.git_cli = !in_repos && style_ == GitFolderStyle::git_cli;
  if (auto refusal = tree.plant(path, std::move(node))) return refusal;
  folder.id = tree.find(path)->object_id;
  return std::nullopt;
}

/// Brings the tree to what the folder is a copy of.
void GitFolders::check_out(const Folder& folder) const {
  auto& tree = region_.get<Tree>();
  const std::string path = *place_of(folder);
  json extra = json::object();
  if (tree.find(path)->type == "DIRECTORY") extra["directory_info"]["is_git_folder"] = true;
  extra["git_info"] = shown(folder);
  if (folder.git_cli) extra["git_info"] = json::object({{"id", folder.id}});
  tree.annotate(folder.id, std::move(extra));
  const json* patterns = folder.patterns.is_null() ? nullptr : &folder.patterns;
  tree.replace_content(path, GitRemotes::files_of(folder.url, folder.commit, patterns));
}

/// Did somebody write into the working copy?
bool GitFolders::is_changed(const Folder& folder) const {
  const json* patterns = folder.patterns.is_null() ? nullptr : &folder.patterns;
  const auto clean = GitRemotes::files_of(folder.url, folder.commit, patterns);
  return texts_of(region_.get<Tree>().content_of(*place_of(folder))) != texts_of(clean);
}

http::Response GitFolders::create(Call& call) {
  Folder folder;
  folder.url = text_of(call.body, "url");
  if (folder.url.find("://") == std::string::npos) return invalid("Invalid Git URL: " + folder.url);
  folder.provider = git_provider(text_of(call.body, "provider"));
  if (folder.provider.empty())
    return invalid("Unknown Git provider: " + text_of(call.body, "provider"));
  auto& tree = region_.get<Tree>();
  std::string path = Tree::canonical(text_of(call.body, "path"));
  if (field(call.body, "path") == nullptr) {
    const std::string own = "/Repos/" + call.caller;
    if (auto refusal = tree.make_path(own, call.caller)) return *refusal;
    path = own + "/" + name_of_remote(folder.url);
  }
  if (auto refusal = check_place(path)) return *refusal;
  if (auto refusal = check_remote(call, folder.url, folder.provider)) return *refusal;
  folder.patterns = patterns_of(call.body);
  const json branch = json::object({{"branch", remotes_.default_branch(folder.url)}});
  if (auto refusal = aim(branch, folder)) return *refusal;
  if (auto refusal = plant(folder, path)) return *refusal;
  const Folder& added = folders_.add(std::to_string(folder.id), folder);
  check_out(added);
  return answer(shown(added));
}

GitFolders::Folder* GitFolders::wanted(const Call& call, std::string_view least_level,
                                       Refusal& refusal) {
  const std::string& id = call.arguments.at("id");
  Folder* folder = folders_.find(id);
  if (folder == nullptr || place_of(*folder) == nullptr) {  // the tree's delete takes them too
    refusal = no_folder(id);
    return nullptr;
  }
  const PermissionType& levels = *permission_type("repos");
  const std::string level = region_.get<Permissions>().level_of("repos", id, call.caller);
  if (levels.rank(level) < levels.rank(least_level))
    refusal = error(403, "PERMISSION_DENIED",
                    call.caller + " does not have " + std::string(least_level) + " on repo " + id);
  return refusal ? nullptr : folder;
}

http::Response GitFolders::get(Call& call) {
  Refusal refusal;
  const Folder* folder = wanted(call, "CAN_READ", refusal);
  return refusal ? *refusal : answer(shown(*folder));
}

http::Response GitFolders::patch(Call& call) {
  Refusal refusal;
  Folder* folder = wanted(call, "CAN_EDIT", refusal);
  if (refusal) return *refusal;
  refusal = check_remote(call, folder->url, folder->provider);
  if (refusal) return *refusal;
  Folder changed = *folder;
  if (const json patterns = patterns_of(call.body); !patterns.is_null()) {
    if (folder->patterns.is_null())
      return invalid("Sparse checkout cannot be switched on or off afterwards.");
    changed.patterns = patterns;
  }
  refusal = aim(call.body, changed);
  if (refusal) return *refusal;
  const bool moves = changed.commit != folder->commit || changed.patterns != folder->patterns;
  if (moves && is_changed(*folder) && !flag_of(call.body, "dangerously_force_discard_all"))
    return error(400, "GIT_CONFLICT", "The git folder has local changes.");
  *folder = std::move(changed);
  if (moves) check_out(*folder);
  return done();
}

http::Response GitFolders::remove(Call& call) {
  Refusal refusal;
  const Folder* folder = wanted(call, "CAN_MANAGE", refusal);
  if (refusal) return *refusal;
  const std::string path = *place_of(*folder);  // a copy: it goes with the entry
  folders_.erase(call.arguments.at("id"));
  region_.get<Tree>().uproot(path);
  return done();
}

json GitFolders::world() const {
  json all = json::array();
  for (const Folder* folder : folders_.all())
    if (place_of(*folder) != nullptr) all.push_back(shown(*folder));
  json body = credentials_.world();
  body["git_folders"] = std::move(all);
  return body;
}

}  // namespace twinlake::simulator
