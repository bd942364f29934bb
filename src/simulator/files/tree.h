#pragma once
// The workspace tree: folders, notebooks, workspace files, and entries of other services that only
// show here (dashboards, git folders). All content lives in memory.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/body.h"
#include "simulator/identity/permissions.h"
#include "simulator/service.h"

namespace twinlake::simulator {

/// One entry. The enum of types is open in the service, so the type is text.
struct TreeNode {
  std::int64_t object_id = 0;
  std::string type;      ///< DIRECTORY, NOTEBOOK, FILE, REPO, DASHBOARD, LIBRARY, ...
  std::string language;  ///< notebooks: PYTHON, SQL, SCALA, R
  std::string native;    ///< notebooks: SOURCE or JUPYTER, what `repos_export_format` says
  std::string content;   ///< notebooks and files: the bytes as they were imported
  std::string resource_id;
  std::int64_t created_at = 0;
  std::int64_t modified_at = 0;
  json extra = json::object();  ///< further fields of ObjectInfo that a test planted
};

class Tree : public Service {
 public:
  explicit Tree(Region& region);
  [[nodiscard]] json world() const override;

  /// The entry at a path as clients write it; nullptr when there is none.
  [[nodiscard]] const TreeNode* find(std::string_view path) const;
  /// Puts an entry of another service (a dashboard, an alert) into the tree.
  /// The answer refuses when the parent is missing or the name is taken.
  Refusal plant(std::string_view path, TreeNode node);
  /// Another service's object is gone.
  void uproot(std::string_view path);
  /// Where the entry of this id is now; nullptr when it is gone.
  [[nodiscard]] const std::string* place_of(std::int64_t object_id) const;
  /// Sets the further fields that ObjectInfo shows of an entry.
  void annotate(std::int64_t object_id, json extra);
  /// Makes a folder and those above it.
  Refusal make_path(const std::string& path, const std::string& creator);
  /// What is below a folder, by the path from there; folders themselves are left out.
  [[nodiscard]] std::map<std::string, TreeNode> content_of(const std::string& path) const;
  /// Replaces all that is below a folder.
  void replace_content(const std::string& path, const std::map<std::string, TreeNode>& content);
  /// Home folders appear by provisioning only.
  void make_home(const std::string& principal);

  /// "/Workspace" is an optional prefix and doubled slashes count once. Empty when not absolute.
  [[nodiscard]] static std::string canonical(std::string_view path);
  [[nodiscard]] static std::string parent_of(std::string_view canonical_path);

 private:
  // tree.cpp
  http::Response list(Call& call) const;
  http::Response get_status(Call& call) const;
  http::Response make_directories(Call& call);
  http::Response remove(Call& call);
  http::Response plant_by_request(Call& call);
  http::Response move(Call& call);
  void erase_subtree(const std::string& path);
  TreeNode& insert(const std::string& path, TreeNode node, const std::string& creator);
  void register_permissions();
  [[nodiscard]] const std::string* path_of(const std::string& id) const;
  [[nodiscard]] std::vector<Permissions::Ancestor> ancestors_of(const std::string& id) const;
  [[nodiscard]] std::vector<std::string> children(const std::string& path) const;
  [[nodiscard]] json describe(const std::string& path, const TreeNode& node) const;
  [[nodiscard]] static bool is_protected(const std::string& path);
  [[nodiscard]] static bool is_container(const TreeNode& node);
  [[nodiscard]] static bool is_git_folder(const TreeNode& node);

  // tree_import.cpp
  /// Where and as what a body is to be stored, once the format has been looked at.
  struct Arrival {
    std::string path;
    TreeNode node;
    bool overwrite = false;
  };
  http::Response import_request(Call& call);
  http::Response import_form(Call& call);
  http::Response import_file(Call& call);
  http::Response import_bytes(Call& call, const json& wishes, std::string bytes);
  http::Response store(Arrival arrival, const std::string& creator);
  [[nodiscard]] Refusal refuse_place(const std::string& path, std::string_view as_asked) const;

  // tree_export.cpp
  http::Response export_request(Call& call) const;
  http::Response raw_file(Call& call) const;

  Region& region_;
  std::map<std::string, TreeNode> nodes_;           ///< by canonical path
  std::map<std::int64_t, std::string> path_of_id_;  ///< for the permissions API
};

/// The text that makes a source file a notebook, e.g. "# Databricks notebook source".
[[nodiscard]] std::string notebook_header(std::string_view language);
/// The language that an extension stands for (".py" is PYTHON); empty when none.
[[nodiscard]] std::string language_of_extension(std::string_view path);
[[nodiscard]] std::string extension_of_language(std::string_view language);
/// Conversions between the two forms of a notebook; what the other form cannot hold is lost.
[[nodiscard]] std::string source_from_jupyter(const std::string& ipynb);
[[nodiscard]] std::string jupyter_from_source(const std::string& source, std::string_view language);

constexpr std::size_t import_export_limit = 10485760;  ///< 10 MB: JSON bodies and SOURCE notebooks
constexpr std::size_t jupyter_limit = 104857600;       ///< 100 MB
constexpr std::size_t file_limit = 524288000;          ///< 500 MB: workspace files

}  // namespace twinlake::simulator
