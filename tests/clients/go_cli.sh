#!/usr/bin/env bash
# The Go command line, databricks, against a simulated workspace: DATABRICKS_HOST and DATABRICKS_TOKEN.
# shellcheck disable=SC2016 # what stands in single quotes is for jq
set -euo pipefail

# shellcheck source=tests/clients/cases.sh
source "$(dirname "${BASH_SOURCE[0]}")/cases.sh"
cli() { "$CLIENT" --output json "$@"; }

some_user() { cli users create --json "{\"userName\": \"$1\"}" | jq -r .id; }
new_cluster() {
  cli clusters create "$@" --json "$(definition \
    '{cluster_name: "go", spark_version: $spark, node_type_id: $node, num_workers: 1}')" | jq -r .cluster_id
}

cases+=(identity)
identity() {
  local user robot group inner
  has 'the caller' admins "$(cli current-user me)"
  user=$(some_user go@lakeside.example)
  refused 'already exists' users create --json '{"userName": "go@lakeside.example"}'
  cli users patch "$user" --json '{"Operations": [{"op": "add", "path": "entitlements", "value": [{"value": "workspace-access"}]}]}'
  has 'its entitlements' workspace-access "$(cli users get "$user")"
  robot=$(cli service-principals create --json '{"displayName": "go robot"}' | jq -r .id)
  inner=$(cli groups create --json "{\"displayName\": \"go inner\", \"members\": [{\"value\": \"$user\"}]}" | jq -r .id)
  group=$(cli groups create --json "{\"displayName\": \"go outer\", \"members\": [{\"value\": \"$inner\"}]}" | jq -r .id)
  refused 'already exists' groups create --json '{"displayName": "GO OUTER"}'
  cli groups patch "$group" --json "{\"Operations\": [{\"op\": \"add\", \"path\": \"members\", \"value\": [{\"value\": \"$robot\"}]},
    {\"op\": \"remove\", \"path\": \"members[value eq \\\"$inner\\\"]\"}]}"
  same 'its members' "$robot" "$(cli groups get "$group" | jq -r '[.members[].value] | join(" ")')"
  has 'the listing' 'go outer' "$(cli groups list)"
  cli groups delete "$group"
  refused 'not found' groups get "$group"
  cli service-principals delete "$robot"
  refused 'not found' service-principals get "$robot"
  cli users delete "$user"
  refused 'not found' users get "$user"
}

cases+=(workspace_tree)
workspace_tree() {
  cli workspace mkdirs '/Shared/go/deep folder'
  printf '# Databricks notebook source\nprint("ü")' >a.py
  cli workspace import '/Shared/go/deep folder/a' --file a.py --format SOURCE --language PYTHON
  cli workspace export '/Shared/go/deep folder/a' --file back.py
  cmp a.py back.py || fail 'the notebook came back changed'
  head -c 100000 /dev/urandom >bytes.bin
  cli workspace import /Shared/go/bytes.bin --file bytes.bin --format AUTO
  cli workspace export /Shared/go/bytes.bin --file back.bin --format AUTO
  cmp bytes.bin back.bin || fail 'the file came back changed'
  same 'its type' FILE "$(cli workspace get-status /Shared/go/bytes.bin | jq -r .object_type)"
  refused 'already exists' workspace import /Shared/go/bytes.bin --file bytes.bin --format AUTO
  cli workspace export-dir /Shared/go copied
  cmp a.py 'copied/deep folder/a.py' || fail 'the exported folder'
  cli workspace import-dir copied /Shared/go2
  same 'the imported folder' 2 "$(cli workspace list /Shared/go2 | jq length)"
  refused "doesn't exist" workspace get-status /Shared/none
  refused 'not empty' workspace delete /Shared/go
  cli workspace delete /Shared/go --recursive
  refused "doesn't exist" workspace list /Shared/go
}

cases+=(policies_and_pools)
policies_and_pools() {
  local policy pool
  policy=$(cli cluster-policies create --json '{"name": "go", "definition": "{}"}' | jq -r .policy_id)
  cli cluster-policies edit --json "{\"policy_id\": \"$policy\", \"name\": \"go 2\", \"definition\": \"{}\"}"
  same 'the policy' 'go 2' "$(cli cluster-policies get "$policy" | jq -r .name)"
  has 'the policies' "$policy" "$(cli cluster-policies list)"
  refused 'already exists' cluster-policies create --json '{"name": "go 2", "definition": "{}"}'
  cli cluster-policies delete "$policy"
  refused "$policy" cluster-policies get "$policy"
  pool=$(cli instance-pools create go "$node" --max-capacity 3 | jq -r .instance_pool_id)
  cli instance-pools edit "$pool" 'go 2' "$node"
  same 'the pool' 'go 2' "$(cli instance-pools get "$pool" | jq -r .instance_pool_name)"
  has 'the pools' "$pool" "$(cli instance-pools list)"
  cli instance-pools delete "$pool"
  refused "$pool" instance-pools get "$pool"
}

cases+=(clusters_and_libraries)
clusters_and_libraries() {
  local id
  id=$(new_cluster)
  same 'the cluster' RUNNING "$(cli clusters get "$id" | jq -r .state)"
  cli libraries install --json "{\"cluster_id\": \"$id\", \"libraries\": [{\"jar\": \"dbfs:/x.jar\"}]}"
  has 'its library' INSTALLED "$(cli libraries cluster-status "$id")"
  cli libraries uninstall --json "{\"cluster_id\": \"$id\", \"libraries\": [{\"jar\": \"dbfs:/x.jar\"}]}"
  cli clusters pin "$id"
  cli clusters delete "$id"
  cli clusters edit --no-wait --json "$(definition --arg id "$id" \
    '{cluster_id: $id, cluster_name: "go 2", spark_version: $spark, node_type_id: $node, num_workers: 2}')"
  same 'after the edit' 'go 2 2 TERMINATED' "$(cli clusters get "$id" | jq -r '"\(.cluster_name) \(.num_workers) \(.state)"')"
  has 'its events' EDITED "$(cli clusters events "$id" --page-size 2)"
  new_cluster --no-wait >/dev/null
  same 'clusters in pages of 1' 2 "$(cli clusters list --page-size 1 | jq length)"
  refused 'unpin the cluster first' clusters permanent-delete "$id"
  cli clusters unpin "$id"
  cli clusters permanent-delete "$id"
  refused 'does not exist' clusters get "$id"
}

cases+=(jobs)
jobs() {
  local id other
  other=$(cli jobs create --json '{"name": "go other"}' | number job_id)
  id=$(cli jobs create --json "{\"name\": \"go job\", \"tasks\": [{\"task_key\": \"call\", \"run_job_task\": {\"job_id\": $other}}],
    \"schedule\": {\"quartz_cron_expression\": \"0 0 2 * * ?\", \"timezone_id\": \"UTC\", \"pause_status\": \"PAUSED\"}}" | number job_id)
  cli jobs reset --json "{\"job_id\": $other, \"new_settings\": {\"name\": \"go other\",
    \"tasks\": [{\"task_key\": \"back\", \"run_job_task\": {\"job_id\": $id}}]}}"
  has 'two jobs that call each other' "$id" "$(cli jobs get "$other")"
  cli jobs update --json "{\"job_id\": $id, \"new_settings\": {\"name\": \"go renamed\"}}"
  same 'after the update' 'go renamed PAUSED' "$(cli jobs get "$id" | jq -r '.settings | "\(.name) \(.schedule.pause_status)"')"
  same 'by name' "$id" "$(cli jobs list --name 'GO renamed' | number job_id)"
  refused 'does not exist' jobs create --json '{"name": "x", "tasks": [{"task_key": "a", "existing_cluster_id": "none"}]}'
  cli permissions update jobs "$id" --json '{"access_control_list": [{"group_name": "users", "permission_level": "CAN_VIEW"}]}'
  has 'its permissions' CAN_VIEW "$(cli permissions get jobs "$id")"
  refused 'The job must have exactly one owner.' permissions set jobs "$id" --json '{"access_control_list": []}'
  cli jobs delete "$id"
  refused 'does not exist' jobs get "$id"
}

cases+=(lookups)
lookups() {
  has 'warehouses' id "$(cli warehouses list)"
  cli secrets create-scope go
  has 'secret scopes' go "$(cli secrets list-scopes)"
  refused 'already exists' secrets create-scope go
  cli secrets delete-scope go
  local id
  id=$(cli pipelines create --json '{"name": "go", "libraries": []}' | jq -r .pipeline_id)
  has 'pipelines' "$id" "$(cli pipelines list-pipelines)"
  cli pipelines delete "$id"
  refused "$id" pipelines get "$id"
}

run_cases
