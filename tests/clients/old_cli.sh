#!/usr/bin/env bash
# The old command line, databricks-cli, against two simulated workspaces: the profiles DEFAULT and
# secondary of DATABRICKS_CONFIG_FILE. It drops the port of a host, so they listen on port 80.
#
# It knows neither users, service principals nor permissions, and groups only through an API that the
# service has long replaced: those kinds are the business of the other clients.
# shellcheck disable=SC2016 # what stands in single quotes is for jq
set -euo pipefail

# shellcheck source=tests/clients/cases.sh
source "$(dirname "${BASH_SOURCE[0]}")/cases.sh"

# until_state CLUSTER STATE: each look is a process, so this needs no pause.
until_state() {
  local deadline=$((SECONDS + 60)) state
  until state=$(cli clusters get --cluster-id "$1" | jq -r .state) && [[ "$state" == "$2" ]]; do
    ((SECONDS < deadline)) || fail "cluster $1 is $state and never became $2"
  done
}

new_cluster() {
  cli clusters create --json "$(definition --arg name "$1" \
    '{cluster_name: $name, spark_version: $spark, node_type_id: $node, num_workers: 1}')" | jq -r .cluster_id
}

cases+=(workspace_tree)
workspace_tree() {
  cli workspace mkdirs '/Shared/old/deep folder'
  local language file
  for language in PYTHON SCALA SQL R; do
    case $language in
      PYTHON) file=a.py && printf '# Databricks notebook source\nprint("ü")' >$file ;;
      SCALA) file=a.scala && printf '// Databricks notebook source\nval a = 1' >$file ;;
      SQL) file=a.sql && printf -- '-- Databricks notebook source\nselect 1' >$file ;;
      R) file=a.R && printf '# Databricks notebook source\n1' >$file ;;
    esac
    cli workspace import -l $language $file "/Shared/old/$language"
    cli workspace export "/Shared/old/$language" "back-$file"
    cmp $file "back-$file" || fail "$language came back changed"
  done
  printf '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}' >n.ipynb
  cli workspace import -l PYTHON -f JUPYTER n.ipynb '/Shared/old/deep folder/native'
  cli workspace export -f JUPYTER '/Shared/old/deep folder/native' back.ipynb
  same 'a Jupyter notebook' "$(jq -S . n.ipynb)" "$(jq -S . back.ipynb)"

  same 'the listing' 'PYTHON R SCALA SQL deep folder' "$(cli workspace ls /Shared/old | sort | xargs)"
  has 'the long listing' NOTEBOOK "$(cli workspace ls -l --id /Shared/old)"
  refused 'already exists' workspace import -l PYTHON a.py /Shared/old/PYTHON
  cli workspace import -o -l SQL a.sql /Shared/old/PYTHON
  cli workspace export -o /Shared/old/PYTHON changed
  cmp a.sql changed || fail 'the overwritten notebook'
  refused "The parent folder (/Shared/none) does not exist." workspace import -l PYTHON a.py /Shared/none/a
  refused 'Path (/Shared/none) doesn' workspace ls /Shared/none
  refused RESOURCE_DOES_NOT_EXIST workspace export /Shared/none x
  refused DIRECTORY_NOT_EMPTY workspace delete /Shared/old
}

cases+=(two_workspaces)
two_workspaces() {
  cli workspace mkdirs /Shared/copy/a/b
  printf '# Databricks notebook source\n1' >one.py
  cli workspace import -l PYTHON one.py /Shared/copy/a/b/one
  cli workspace export_dir /Shared/copy copied
  cmp one.py copied/a/b/one.py || fail 'the exported folder'
  cli --profile secondary workspace import_dir copied /Shared/copy
  cli --profile secondary workspace export /Shared/copy/a/b/one there.py
  cmp one.py there.py || fail 'the imported folder'
  refused RESOURCE_DOES_NOT_EXIST --profile secondary workspace ls /Shared/old
  cli workspace delete -r /Shared/copy
  refused RESOURCE_DOES_NOT_EXIST workspace ls /Shared/copy
}

cases+=(cluster_policies)
cluster_policies() {
  local id read
  id=$(cli cluster-policies create --json '{"name": "old", "definition": "{}"}' | jq -r .policy_id)
  same 'the policy' 'old {}' "$(cli cluster-policies get --policy-id "$id" | jq -r '"\(.name) \(.definition)"')"
  refused 'already exists' cluster-policies create --json '{"name": "old", "definition": "{}"}'
  cli cluster-policies edit --json "$(jq -cn --arg id "$id" \
    '{policy_id: $id, name: "old 2", definition: "{\"autotermination_minutes\": {\"type\": \"fixed\", \"value\": 30}}"}')"
  read=$(cli cluster-policies list --output JSON)
  has 'the listing' '"old 2"' "$read"
  has 'the built-in policies' '"Personal Compute"' "$read"
  has 'the table' "$id" "$(cli cluster-policies list)"
  cli cluster-policies delete --policy-id "$id"
  refused "$id" cluster-policies get --policy-id "$id"
}

cases+=(instance_pools)
instance_pools() {
  local id read
  id=$(cli instance-pools create --json "$(definition \
    '{instance_pool_name: "old", node_type_id: $node, max_capacity: 4}')" | jq -r .instance_pool_id)
  read=$(cli instance-pools get --instance-pool-id "$id")
  same 'the pool' 'old 4 ACTIVE' "$(jq -r '"\(.instance_pool_name) \(.max_capacity) \(.state)"' <<<"$read")"
  refused 'already exists' instance-pools create --json "$(definition \
    '{instance_pool_name: "old", node_type_id: $node}')"
  cli instance-pools edit --json "$(definition --arg id "$id" \
    '{instance_pool_id: $id, instance_pool_name: "old 2", node_type_id: $node}')"
  read=$(cli instance-pools list --output JSON)
  same 'after the edit' 'old 2 null' "$(jq -r '.instance_pools[0] | "\(.instance_pool_name) \(.max_capacity)"' <<<"$read")"
  has 'the table with its four counters' "$id" "$(cli instance-pools list)"
  cli instance-pools delete --instance-pool-id "$id"
  refused "$id" instance-pools get --instance-pool-id "$id"
}

cases+=(clusters)
clusters() {
  local id read
  id=$(new_cluster 'old cluster')
  # This client takes a second to start: on a busy machine the cluster runs by then.
  case "$(cli clusters get --cluster-id "$id" | jq -r .state)" in
    PENDING | RUNNING) ;;
    *) fail 'at first it neither starts nor runs' ;;
  esac
  until_state "$id" RUNNING
  same 'by name' "$id" "$(cli clusters get --cluster-name 'old cluster' | jq -r .cluster_id)"
  cli clusters resize --cluster-id "$id" --num-workers 3
  until_state "$id" RUNNING
  same 'after the resize' 3 "$(cli clusters get --cluster-id "$id" | jq .num_workers)"
  cli clusters restart --cluster-id "$id"
  until_state "$id" RUNNING
  cli clusters delete --cluster-id "$id"
  until_state "$id" TERMINATED
  refused INVALID_STATE clusters resize --cluster-id "$id" --num-workers 1
  cli clusters edit --json "$(definition --arg id "$id" '{cluster_id: $id, cluster_name: "edited",
    spark_version: $spark, node_type_id: $node, autoscale: {min_workers: 1, max_workers: 2}}')"
  read=$(cli clusters get --cluster-id "$id")
  same 'after the edit' 'edited 2 null TERMINATED' \
    "$(jq -r '"\(.cluster_name) \(.autoscale.max_workers) \(.num_workers) \(.state)"' <<<"$read")"
  has 'its events' EDITED "$(cli clusters events --cluster-id "$id" --output JSON)"
  has 'the table' "$id" "$(cli clusters list)"
  same 'the listing' 1 "$(cli clusters list --output JSON | jq --arg id "$id" '[.clusters[] | select(.cluster_id == $id)] | length')"
  cli clusters start --cluster-id "$id"
  until_state "$id" RUNNING
  has 'versions' "$spark" "$(cli clusters spark-versions)"
  has 'node types' "$node" "$(cli clusters list-node-types)"
  has 'zones' default_zone "$(cli clusters list-zones)"
  cli clusters permanent-delete --cluster-id "$id"
  refused "Cluster $id does not exist" clusters get --cluster-id "$id"
  refused 'Cluster 0101-000000-none1 does not exist' clusters delete --cluster-id 0101-000000-none1
  refused INVALID_PARAMETER_VALUE clusters create --json '{"cluster_name": "x"}'
}

cases+=(libraries)
libraries() {
  local id
  id=$(new_cluster 'old libraries')
  cli libraries install --cluster-id "$id" --pypi-package numpy==1.26.4
  cli libraries install --cluster-id "$id" --maven-coordinates a:b:1 --maven-exclusion c:d
  cli libraries install --cluster-id "$id" --cran-package forecast
  cli libraries install --cluster-id "$id" --jar dbfs:/x.jar
  cli libraries install --cluster-id "$id" --whl dbfs:/x.whl
  cli libraries install --cluster-id "$id" --jar dbfs:/x.jar
  same 'libraries, each once' 5 "$(cli libraries cluster-status --cluster-id "$id" | jq '.library_statuses | length')"
  same 'the exclusion' c:d "$(cli libraries list --cluster-id "$id" |
    jq -r '.library_statuses[].library.maven.exclusions[0]? // empty')"
  has 'on all clusters' "$id" "$(cli libraries all-cluster-statuses)"
  until_state "$id" RUNNING
  cli libraries uninstall --cluster-id "$id" --jar dbfs:/x.jar
  has 'uninstalled' UNINSTALL_ON_RESTART "$(cli libraries list --cluster-id "$id")"
  cli libraries uninstall --cluster-id "$id" --all
  cli clusters delete --cluster-id "$id"
  until_state "$id" TERMINATED
  cli clusters start --cluster-id "$id"
  until_state "$id" RUNNING
  lacks 'after a new start' library_statuses "$(cli libraries cluster-status --cluster-id "$id")"
  refused 'does not exist' libraries install --cluster-id 0101-000000-none1 --jar dbfs:/x.jar
  cli clusters permanent-delete --cluster-id "$id"
}

cases+=(jobs)
jobs() {
  cli jobs configure --version=2.1
  local cluster id other name
  cluster=$(new_cluster 'old jobs')
  other=$(cli jobs create --json '{"name": "other"}' | number job_id)
  id=$(cli jobs create --json "$(definition --arg cluster "$cluster" '{name: "old job", max_concurrent_runs: 2,
    schedule: {quartz_cron_expression: "0 0 2 * * ?", timezone_id: "UTC", pause_status: "PAUSED"},
    job_clusters: [{job_cluster_key: "main", new_cluster: {spark_version: $spark, node_type_id: $node, num_workers: 1}}],
    tasks: [
      {task_key: "notebook", existing_cluster_id: $cluster, notebook_task: {notebook_path: "/Shared/x"}},
      {task_key: "python", job_cluster_key: "main", depends_on: [{task_key: "notebook"}], spark_python_task: {python_file: "dbfs:/x.py"}},
      {task_key: "call", run_job_task: {job_id: "OTHER"}}]}' | sed "s/\"OTHER\"/$other/")" | number job_id) || true
  [[ -n "$id" ]] || fail 'the job was not created'
  local read
  read=$(cli jobs get --job-id "$id")
  same 'its id' "$id" "$(number job_id <<<"$read")"
  same 'its tasks' 'call notebook python' "$(jq -r '[.settings.tasks[].task_key] | join(" ")' <<<"$read")"
  same 'its schedule' PAUSED "$(jq -r .settings.schedule.pause_status <<<"$read")"
  has 'the job it calls' "$other" "$read"
  cli jobs reset --job-id "$other" --json "{\"name\": \"other\", \"tasks\": [{\"task_key\": \"back\", \"run_job_task\": {\"job_id\": $id}}]}"
  has 'two jobs that call each other' "$id" "$(cli jobs get --job-id "$other")"
  for name in $(seq 24); do
    cli jobs create --json "{\"name\": \"page $name\"}" >/dev/null
  done
  same 'one page' 20 "$(cli jobs list --output JSON | jq '.jobs | length')"
  same 'all pages' 26 "$(cli jobs list --all --output JSON | grep -o '"job_id": [0-9]*' | sort -u | wc -l)"
  same 'a small page' 3 "$(cli jobs list --limit 3 --offset 2 --output JSON | jq '.jobs | length')"
  same 'by name' "$id" "$(cli jobs list --name 'OLD JOB' --expand-tasks --output JSON | number job_id)"
  has 'the table' "$id" "$(cli jobs list --all)"
  refused "Job 404 does not exist." jobs get --job-id 404
  refused INVALID_PARAMETER_VALUE jobs create --json '{"name": "x", "tasks": [{"task_key": "a", "existing_cluster_id": "none"}]}'
  refused INVALID_PARAMETER_VALUE jobs list --limit 26
  cli jobs delete --job-id "$id"
  refused "Job $id does not exist." jobs get --job-id "$id"
  cli clusters permanent-delete --cluster-id "$cluster"
}

cases+=(pipelines)
pipelines() {
  local id
  printf '{"name": "old pipeline", "libraries": [{"notebook": {"path": "/Shared/x"}}]}' >p.json
  cli pipelines create --settings p.json >created
  id=$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' created | head -n 1)
  same 'the pipeline' 'old pipeline' "$(cli pipelines get --pipeline-id "$id" | jq -r .name)"
  has 'the listing' "$id" "$(cli pipelines list)"
  jq -c '.name = "old pipeline 2" | .id = $id' --arg id "$id" p.json >p2.json
  cli pipelines edit --settings p2.json >/dev/null
  same 'after the edit' 'old pipeline 2' "$(cli pipelines get --pipeline-id "$id" | jq -r .spec.name)"
  cli pipelines delete --pipeline-id "$id"
  refused "$id" pipelines get --pipeline-id "$id"
}

cases+=(secret_scopes)
secret_scopes() {
  cli secrets create-scope --scope old --initial-manage-principal users
  has 'the scopes' old "$(cli secrets list-scopes)"
  same 'the backend' DATABRICKS "$(cli secrets list-scopes --output JSON | jq -r '.scopes[] | select(.name == "old").backend_type')"
  refused RESOURCE_ALREADY_EXISTS secrets create-scope --scope old
  cli secrets delete-scope --scope old
  refused RESOURCE_DOES_NOT_EXIST secrets delete-scope --scope old
}

cases+=(secrets)
secrets() {
  cli secrets create-scope --scope values --initial-manage-principal users
  cli secrets put --scope values --key text --string-value 'pässwörd'
  printf '\x00\xff' >bytes.bin
  cli secrets put --scope values --key bytes --binary-file bytes.bin
  has 'the listing' bytes "$(cli secrets list --scope values)"
  lacks 'a value in the listing' pässwörd "$(cli secrets list --scope values --output JSON)"
  cli secrets put-acl --scope values --principal users --permission READ
  same 'what was granted' READ "$(cli secrets get-acl --scope values --principal users --output JSON | jq -r .permission)"
  has 'the access list' users "$(cli secrets list-acls --scope values)"
  cli secrets delete-acl --scope values --principal users
  refused RESOURCE_DOES_NOT_EXIST secrets get-acl --scope values --principal users
  cli secrets delete --scope values --key text
  refused RESOURCE_DOES_NOT_EXIST secrets delete --scope values --key text
  refused RESOURCE_DOES_NOT_EXIST secrets put --scope none --key a --string-value x
  cli secrets delete-scope --scope values
}

cases+=(dbfs)
dbfs() {
  local folder=dbfs:/FileStore/old file
  head -c 2500000 /dev/urandom >large.bin
  : >empty
  printf x >'#1 50% ü'
  cli fs mkdirs $folder
  for file in large.bin empty '#1 50% ü'; do
    cli fs cp "$file" "$folder/$file"
    cli fs cp "$folder/$file" back
    cmp "$file" back || fail "$file came back changed"
    rm back
  done
  same 'the listing' '#1 50% ü empty large.bin' "$(cli fs ls $folder | sort | xargs)"
  has 'the long listing' 2500000 "$(cli fs ls -l $folder)"
  refused 'already exists' fs cp empty $folder/large.bin
  cli fs cp --overwrite empty $folder/large.bin
  same 'the overwritten file' '' "$(cli fs cat $folder/large.bin)"
  cli fs mv $folder/empty $folder/moved
  refused RESOURCE_DOES_NOT_EXIST fs ls $folder/empty
  cli fs rm -r $folder
  refused RESOURCE_DOES_NOT_EXIST fs ls $folder
}

cases+=(repos)
repos() {
  local id
  cli workspace mkdirs /Repos/old
  id=$(cli repos create --url https://github.com/example/old --provider gitHub --path /Repos/old/core | number id)
  same 'the clone' main "$(cli repos get --path /Repos/old/core | jq -r .branch)"
  cli repos update --repo-id "$id" --branch release >/dev/null
  same 'another branch' release "$(cli repos get --repo-id "$id" | jq -r .branch)"
  has 'the listing' /Repos/old/core "$(cli repos list --path-prefix /Repos/old)"
  cli repos delete --repo-id "$id"
  refused '' repos get --repo-id "$id"
}

cases+=(tokens)
tokens() {
  local id
  id=$(cli tokens create --comment old --lifetime-seconds 600 | jq -r .token_info.token_id)
  has 'the listing' "$id" "$(cli tokens list)"
  cli tokens revoke --token-id "$id"
  lacks 'the listing after that' "$id" "$(cli tokens list)"
}

cases+=(wrong_token)
wrong_token() {
  printf '[DEFAULT]\nhost = http://127.0.0.2\ntoken = wrong\n' >wrong.cfg
  DATABRICKS_CONFIG_FILE=wrong.cfg refused 'Authorization failed' workspace ls /
}

run_cases
