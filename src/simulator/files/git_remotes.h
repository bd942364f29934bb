#pragma once
// The git servers that a workspace reaches. A remote that nobody declared is public, has the branch
// "main" and every other branch and tag that is asked for; its commits depend on its URL only, so
// that two workspaces see the same.
//
// POST /sim/git/remotes {url, private, default_branch, branches {name: commit}, tags} declares one.
#include <map>
#include <optional>
#include <string>

#include "simulator/body.h"
#include "simulator/files/tree.h"

namespace twinlake::simulator {

struct GitRemote {
  std::string default_branch = "main";
  std::map<std::string, std::string> branches;  ///< name to commit
  std::map<std::string, std::string> tags;
  bool is_private = false;  ///< only with a credential
};

class GitRemotes {
 public:
  explicit GitRemotes(Region& region);
  [[nodiscard]] bool is_private(const std::string& url) const;
  [[nodiscard]] std::string default_branch(const std::string& url) const;
  /// Nothing when the remote has no such branch or tag.
  [[nodiscard]] std::optional<std::string> commit_of_branch(const std::string& url,
                                                            const std::string& branch) const;
  [[nodiscard]] std::optional<std::string> commit_of_tag(const std::string& url,
                                                         const std::string& tag) const;
  /// The files of a commit; with patterns only those of the root and of the folders they name.
  [[nodiscard]] static std::map<std::string, TreeNode> files_of(const std::string& url,
                                                                const std::string& commit,
                                                                const json* patterns);

 private:
  http::Response declare(Call& call);
  [[nodiscard]] const GitRemote* find(const std::string& url) const;
  std::map<std::string, GitRemote> remotes_;  ///< by URL
};

/// How the service writes a provider, whatever the case it came in; empty when it knows none such.
[[nodiscard]] std::string git_provider(const std::string& name);

}  // namespace twinlake::simulator
