#pragma once
// What people do in a workspace, through the API as its documentation describes it and from nothing of ours. An edit depends
// on what is there and on the numbers of its operation alone.
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "simulation/history.h"
#include "simulation/site.h"

namespace twinlake::simulation {

class People {
 public:
  explicit People(Site& site) : site_(site) {}

  /// Gives what was done, or why nothing was: "delete job \"job 7\"".
  std::string edit(Side side, const Operation& operation);
  /// The same by those who do what the operators of a standby ask them not to do.
  std::string meddle(Side side, const Operation& operation);

  /// Values that must be found nowhere but in the two workspaces.
  [[nodiscard]] const std::vector<std::string>& secrets() const { return secrets_; }
  /// Ids of what was deleted although others named it.
  [[nodiscard]] const std::vector<std::string>& dangling() const { return dangling_; }

  struct Edit {
    std::string_view name;
    unsigned weight;
    std::string (People::*does)();
  };
  [[nodiscard]] static std::span<const Edit> edits();
  [[nodiscard]] static std::span<const Edit> meddlings();
  /// `Operation::what` of one of them; throws where there is none of that name.
  [[nodiscard]] static unsigned what_of(std::span<const Edit> table, std::string_view name);

 private:
  std::string carry_out(std::span<const Edit> table, Side side, const Operation& operation);
  nlohmann::json post(std::string path, const nlohmann::json& body) { return site_.ask(side_, "POST", std::move(path), body); }
  [[nodiscard]] std::vector<nlohmann::json> list(const char* name) const;
  /// One of them; null when there is none.
  [[nodiscard]] nlohmann::json one_of(const char* list) const;
  [[nodiscard]] nlohmann::json one_of(std::vector<nlohmann::json> candidates) const;
  [[nodiscard]] std::vector<nlohmann::json> entries(std::string_view type) const;
  [[nodiscard]] std::string name(std::string_view what) const;
  /// Some number that an edit needs besides, from 0 on.
  [[nodiscard]] unsigned number(unsigned salt, unsigned below) const;
  std::string some_notebook();
  std::string new_secret();
  void import_notebook(const std::string& path, const std::string& text);
  std::string set_triggers(bool live);

  std::string new_job();
  std::string new_job_of_same_name();
  std::string many_new_jobs();
  std::string new_jobs_on_a_machine_that_goes();
  std::string change_job();
  std::string rename_job();
  std::string turn_job();
  std::string remove_job();
  std::string new_notebook();
  std::string change_notebook();
  std::string move_notebook();
  std::string remove_notebook();
  std::string new_folder();
  std::string move_folder();
  std::string remove_folder();
  std::string new_file();
  std::string new_pool();
  std::string change_pool();
  std::string remove_pool();
  std::string new_policy();
  std::string change_policy();
  std::string remove_policy();
  std::string new_cluster();
  std::string change_cluster();
  std::string remove_cluster();
  std::string pin_cluster();
  std::string change_idle_machines();
  std::string new_user();
  std::string new_group();
  std::string change_group();
  std::string remove_group();
  std::string share();
  std::string new_secret_scope();
  std::string put_secret();
  std::string remove_secret();
  std::string share_scope();
  std::string remove_scope();
  std::string new_pipeline();
  std::string change_pipeline();
  std::string remove_pipeline();
  std::string new_warehouse();
  std::string change_warehouse();
  std::string remove_warehouse();
  std::string new_query();
  std::string new_alert();
  std::string remove_alert();
  std::string new_script();
  std::string change_script();
  std::string remove_script();
  std::string change_conf();
  std::string new_git_folder();
  std::string new_destination();
  std::string remove_many_jobs();
  // on the secondary
  std::string own_job();
  std::string own_job_of_a_name_that_is_there();
  std::string own_notebook();
  std::string own_notebook_of_a_path_that_is_there();
  std::string let_job_run();

  Site& site_;
  Side side_ = Side::home;
  Operation operation_;
  std::vector<std::string> secrets_;
  std::vector<std::string> dangling_;
};

}  // namespace twinlake::simulation
