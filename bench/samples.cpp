#include "samples.h"

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "base/json_path.h"

namespace twinlake::bench {

using nlohmann::json;
using test::Lab;

namespace {

constexpr const char* team = "bench team";

/// Everything is granted to this group; it is there once, whatever the number of objects.
void make_team(Lab& lab) {
  lab.primary("POST", "/api/2.0/preview/scim/v2/Groups", {{"displayName", team}});
}

void grant(Lab& lab, const std::string& type, const std::string& id, const std::string& level) {
  json entry = {{"group_name", team}, {"permission_level", level}};
  json body = json::object();
  body["access_control_list"] = json::array({entry});
  lab.primary("PATCH", "/api/2.0/permissions/" + type + "/" + id, body);
}

std::string id_of(Lab& lab, const std::string& path) {
  return text_at(lab.primary("GET", "/api/2.0/workspace/get-status?path=" + path), "/object_id");
}

void principals(Lab& lab, int count) {
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/preview/scim/v2/ServicePrincipals",
                {{"displayName", "robot " + std::to_string(i)},
                 {"applicationId", uuid_from("robot " + std::to_string(i))}});
}

void groups(Lab& lab, int count) {
  const json user =
      lab.primary("POST", "/api/2.0/preview/scim/v2/Users", {{"userName", "ana@contoso.example"}});
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/preview/scim/v2/Groups",
                {{"displayName", "group " + std::to_string(i)},
                 {"members", json::array({{{"value", user["id"]}}})}});
}

void directories(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const std::string path = "/Shared/folder" + std::to_string(i);
    lab.primary("POST", "/api/2.0/workspace/mkdirs", {{"path", path}});
    grant(lab, "directories", id_of(lab, path), "CAN_EDIT");
  }
}

void import_all(Lab& lab, int count, const std::string& type, const json& form) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    json body = form;
    body["path"] = "/Shared/" + type + std::to_string(i);
    body["content"] =
        base64_encode("# Databricks notebook source\nprint(" + std::to_string(i) + ")\n");
    lab.primary("POST", "/api/2.0/workspace/import", body);
    grant(lab, type, id_of(lab, body["path"]), "CAN_EDIT");
  }
}

void notebooks(Lab& lab, int count) {
  import_all(lab, count, "notebooks", {{"format", "SOURCE"}, {"language", "PYTHON"}});
}
void files(Lab& lab, int count) { import_all(lab, count, "files", {{"format", "RAW"}}); }

void policies(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const json made = lab.primary("POST", "/api/2.0/policies/clusters/create",
                                  {{"name", "policy " + std::to_string(i)}, {"definition", "{}"}});
    grant(lab, "cluster-policies", text_at(made, "/policy_id"), "CAN_USE");
  }
}

void pools(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const json made = lab.primary(
        "POST", "/api/2.0/instance-pools/create",
        {{"instance_pool_name", "pool " + std::to_string(i)}, {"node_type_id", "Standard_DS3_v2"}});
    grant(lab, "instance-pools", text_at(made, "/instance_pool_id"), "CAN_ATTACH_TO");
  }
}

void clusters(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const json made = lab.primary("POST", "/api/2.1/clusters/create",
                                  {{"cluster_name", "cluster " + std::to_string(i)},
                                   {"spark_version", "15.4.x-scala2.12"},
                                   {"node_type_id", "Standard_DS3_v2"},
                                   {"num_workers", 2}});
    const std::string id = text_at(made, "/cluster_id");
    lab.primary("POST", "/api/2.0/libraries/install",
                {{"cluster_id", id},
                 {"libraries", json::array({{{"pypi", {{"package", "simplejson"}}}}})}});
    grant(lab, "clusters", id, "CAN_RESTART");
  }
}

void jobs(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const json task = {{"task_key", "main"},
                       {"notebook_task", {{"notebook_path", "/Shared/absent"}}}};
    const json made =
        lab.primary("POST", "/api/2.2/jobs/create",
                    {{"name", "job " + std::to_string(i)}, {"tasks", json::array({task})}});
    grant(lab, "jobs", text_at(made, "/job_id"), "CAN_VIEW");
  }
}

void warehouses(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const json made =
        lab.primary("POST", "/api/2.0/sql/warehouses",
                    {{"name", "warehouse " + std::to_string(i)}, {"cluster_size", "Small"}});
    grant(lab, "warehouses", text_at(made, "/id"), "CAN_USE");
  }
}

void pipelines(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const json made =
        lab.primary("POST", "/api/2.0/pipelines",
                    {{"name", "pipeline " + std::to_string(i)},
                     {"libraries", json::array({{{"notebook", {{"path", "/Shared/absent"}}}}})}});
    grant(lab, "pipelines", text_at(made, "/pipeline_id"), "CAN_VIEW");
  }
}

void secret_scopes(Lab& lab, int count) {
  make_team(lab);
  for (int i = 0; i < count; ++i) {
    const std::string scope = "scope" + std::to_string(i);
    lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", scope}});
    lab.primary("POST", "/api/2.0/secrets/acls/put",
                {{"scope", scope}, {"principal", team}, {"permission", "READ"}});
  }
}

void secrets(Lab& lab, int count) {
  lab.primary("POST", "/api/2.0/secrets/scopes/create", {{"scope", "app"}});
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/secrets/put",
                {{"scope", "app"}, {"key", "k" + std::to_string(i)}, {"string_value", "value"}});
}

void init_scripts(Lab& lab, int count) {
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/global-init-scripts",
                {{"name", "script " + std::to_string(i)}, {"script", base64_encode("echo")}});
}

void dbfs_files(Lab& lab, int count) {
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/dbfs/put",
                {{"path", "/FileStore/jars/" + std::to_string(i) + ".jar"},
                 {"contents", base64_encode("PK")}});
}

void ip_access_lists(Lab& lab, int count) {
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/ip-access-lists",
                {{"label", "list " + std::to_string(i)},
                 {"list_type", "ALLOW"},
                 {"ip_addresses", json::array({"203.0.113." + std::to_string(i)})}});
}

void destinations(Lab& lab, int count) {
  for (int i = 0; i < count; ++i)
    lab.primary("POST", "/api/2.0/notification-destinations",
                {{"display_name", "team " + std::to_string(i)},
                 {"config", {{"email", {{"addresses", json::array({"a@lakeside.example"})}}}}}});
}

}  // namespace

std::vector<Sample> samples() {
  // listings, reads, permission reads, writes, permission writes, follow-ups
  const Requests plain{0, 0, 1, 1, 1, 0};
  const Requests with_content{0, 1, 1, 1, 1, 0};
  // Grants and who a job runs as are read in turns (ADR 0034), not in every run.
  const Requests nothing{};
  return {
      // It comes with a home folder, which is a directory of its own.
      {"principal and its home", {2, 0, 1, 1, 0, 0}, {2, 0, 0, 0, 0, 0}, principals},
      {"group with members", {0, 0, 0, 2, 0, 0}, nothing, groups},
      {"directory", {2, 0, 1, 1, 1, 0}, {2, 0, 0, 0, 0, 0}, directories},
      {"notebook", with_content, nothing, notebooks},
      {"file", with_content, nothing, files},
      {"cluster policy", plain, nothing, policies},
      {"instance pool", plain, nothing, pools},
      // What a person asked for (`spec`) stands in clusters/get only.
      {"cluster with a library", {0, 1, 1, 2, 1, 2}, nothing, clusters},
      {"job", with_content, nothing, jobs},
      {"warehouse", {0, 0, 1, 1, 1, 1}, nothing, warehouses},
      // Its listing tells neither its settings nor when they changed.
      {"pipeline", with_content, {0, 2, 0, 0, 0, 0}, pipelines},
      // Of each scope its secrets are listed, on both sides; its access list is read in its turn.
      {"secret scope", {0, 4, 0, 2, 0, 0}, {0, 2, 0, 0, 0, 0}, secret_scopes},
      {"secret", {0, 1, 0, 1, 0, 0}, {}, secrets},
      // Made side by side, then put in order one after the other: a move sends the whole script
      // again.
      {"global init script", {0, 2, 0, 2, 0, 0}, {}, init_scripts},
      {"DBFS file of one block", {0, 1, 0, 1, 0, 0}, {}, dbfs_files},
      {"IP access list", {0, 0, 0, 1, 0, 0}, {}, ip_access_lists},
      // Its listing tells neither its config nor a time.
      {"notification destination", {0, 1, 0, 1, 0, 0}, {0, 2, 0, 0, 0, 0}, destinations},
  };
}

}  // namespace twinlake::bench
