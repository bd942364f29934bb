#include "simulator/files/git_remotes.h"

#include <algorithm>

namespace twinlake::simulator {

namespace {
constexpr const char* providers[] = {
    "gitHub",           "bitbucketCloud",  "gitLab",        "azureDevOpsServices",
    "gitHubEnterprise", "bitbucketServer", "awsCodeCommit", "gitLabEnterpriseEdition"};

std::string commit_of(const std::string& url, std::string_view kind, const std::string& name) {
  return sha256_hex(url + "#" + std::string(kind) + "/" + name).substr(0, 40);
}

std::map<std::string, std::string> commits_in(const json& object, std::string_view key) {
  std::map<std::string, std::string> found;
  if (const json* names = field(object, key))
    for (const auto& [name, commit] : names->items()) found[name] = commit.get<std::string>();
  return found;
}

std::optional<std::string> look_up(const std::map<std::string, std::string>& commits,
                                   const std::string& name) {
  const auto found = commits.find(name);
  if (found == commits.end()) return std::nullopt;
  return found->second;
}

TreeNode file(std::string content) {
  TreeNode node;
  node.type = "FILE";
  node.content = std::move(content);
  return node;
}

/// Sparse checkouts take whole folders, and always what lies at the top.
bool is_taken(const std::string& path, const json* patterns) {
  if (patterns == nullptr || path.find('/') == std::string::npos) return true;
  return std::any_of(patterns->begin(), patterns->end(), [&](const json& pattern) {
    const std::string folder = pattern.is_string() ? pattern.get<std::string>() : "";
    return path.starts_with(folder.ends_with('/') ? folder : folder + "/");
  });
}
}  // namespace

std::string git_provider(const std::string& name) {
  for (const char* known : providers)
    if (lower(known) == lower(name)) return known;
  return "";
}

GitRemotes::GitRemotes(Region& region) {
  region.router().add(http::Method::post, "/sim/git/remotes",
                      [this](Call& call) { return declare(call); });
}

http::Response GitRemotes::declare(Call& call) {
  GitRemote remote;
  remote.default_branch = text_of(call.body, "default_branch", remote.default_branch);
  remote.branches = commits_in(call.body, "branches");
  remote.tags = commits_in(call.body, "tags");
  remote.is_private = flag_of(call.body, "private");
  const std::string url = call.body.at("url").get<std::string>();
  remote.branches.try_emplace(remote.default_branch,
                              commit_of(url, "heads", remote.default_branch));
  remotes_.insert_or_assign(url, std::move(remote));
  return done();
}

const GitRemote* GitRemotes::find(const std::string& url) const {
  const auto found = remotes_.find(url);
  return found == remotes_.end() ? nullptr : &found->second;
}

bool GitRemotes::is_private(const std::string& url) const {
  const GitRemote* remote = find(url);
  return remote != nullptr && remote->is_private;
}

std::string GitRemotes::default_branch(const std::string& url) const {
  const GitRemote* remote = find(url);
  return remote == nullptr ? "main" : remote->default_branch;
}

std::optional<std::string> GitRemotes::commit_of_branch(const std::string& url,
                                                        const std::string& branch) const {
  const GitRemote* remote = find(url);
  return remote == nullptr ? commit_of(url, "heads", branch) : look_up(remote->branches, branch);
}

std::optional<std::string> GitRemotes::commit_of_tag(const std::string& url,
                                                     const std::string& tag) const {
  const GitRemote* remote = find(url);
  return remote == nullptr ? commit_of(url, "tags", tag) : look_up(remote->tags, tag);
}

std::map<std::string, TreeNode> GitRemotes::files_of(const std::string& url,
                                                     const std::string& commit,
                                                     const json* patterns) {
  TreeNode notebook;
  notebook.type = "NOTEBOOK";
  notebook.language = "PYTHON";
  notebook.native = "SOURCE";
  notebook.content = notebook_header("PYTHON") + "\nprint('" + commit + "')\n";
  std::map<std::string, TreeNode> files{{"README.md", file(url + " at " + commit + "\n")},
                                        {"jobs/run", std::move(notebook)},
                                        {"lib/version.py", file("COMMIT = '" + commit + "'\n")},
                                        {"docs/notes.md", file("# Notes\n")}};
  std::erase_if(files, [&](const auto& each) { return !is_taken(each.first, patterns); });
  return files;
}

}  // namespace twinlake::simulator
