#pragma once
// Git folders: working copies of remote repositories in the workspace tree. The tree knows where
// they are; here is what they are copies of.
//
// POST /sim/git/style {"style": "by_place" | "standard" | "git_cli"} chooses what new ones become.
#include <cstdint>
#include <map>
#include <string>

#include "simulator/files/git_credentials.h"
#include "simulator/files/git_remotes.h"
#include "simulator/service.h"
#include "simulator/shelf.h"

namespace twinlake::simulator {

/// How git folders outside /Repos show; the sources describe all three. Below /Repos they are
/// always REPO.
enum class GitFolderStyle {
  by_place,  ///< DIRECTORY with directory_info.is_git_folder
  standard,  ///< REPO
  git_cli,   ///< as by_place, but not in the list of repos, and get-status tells only id and path
};

class GitFolders : public Service {
 public:
  explicit GitFolders(Region& region);
  [[nodiscard]] json world() const override;

  void set_style(GitFolderStyle style) { style_ = style; }

 private:
  struct Folder {
    std::int64_t id = 0;
    std::string url, provider;
    std::string branch;  ///< empty when a tag is checked out
    std::string commit;
    json patterns;  ///< null: everything is checked out
    bool git_cli = false;
  };
  http::Response list(Call& call) const;
  http::Response create(Call& call);
  http::Response get(Call& call);
  http::Response patch(Call& call);
  http::Response remove(Call& call);
  http::Response choose_style(Call& call);
  [[nodiscard]] Refusal check_remote(const Call& call, const std::string& url,
                                     const std::string& provider) const;
  [[nodiscard]] Refusal check_place(const std::string& path) const;
  /// Sets branch and commit from the request; refused when the remote has no such thing.
  Refusal aim(const json& body, Folder& folder) const;
  Refusal plant(Folder& folder, const std::string& path) const;
  /// The folder of a request's path, when it is still in the tree and the caller may do that.
  Folder* wanted(const Call& call, std::string_view least_level, Refusal& refusal);
  void check_out(const Folder& folder) const;
  [[nodiscard]] bool is_changed(const Folder& folder) const;
  [[nodiscard]] const std::string* place_of(const Folder& folder) const;
  [[nodiscard]] json shown(const Folder& folder) const;

  Region& region_;
  GitRemotes remotes_;
  GitCredentials credentials_;
  GitFolderStyle style_ = GitFolderStyle::by_place;
  Shelf<Folder> folders_;
};

}  // namespace twinlake::simulator
