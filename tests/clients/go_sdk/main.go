// The Go SDK of Databricks against a simulated workspace: DATABRICKS_HOST and DATABRICKS_TOKEN.
//
// The Go command line and the Terraform provider are built on this SDK. One case for each kind:
// create, read back, list with paging, change, delete, and the documented errors.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/config"
)

const (
	nodeType = "Standard_DS3_v2"
	spark    = "15.4.x-scala2.12"
)

var (
	ctx = context.Background()
	w   *databricks.WorkspaceClient
)

var cases = []struct {
	name string
	run  func()
}{
	{"credentials", credentials},
	{"machine_to_machine", machineToMachine},
	{"throttling", throttling},
	{"users", users},
	{"users_change", usersChange},
	{"service_principals", servicePrincipals},
	{"groups", groups},
	{"groups_change", groupsChange},
	{"built_in_groups", builtInGroups},
	{"directories", directories},
	{"homes", homes},
	{"notebooks", notebooks},
	{"notebooks_refused", notebooksRefused},
	{"jupyter", jupyter},
	{"workspace_files", workspaceFiles},
	{"large_files", largeFiles},
	{"tree_traps", treeTraps},
	{"cluster_policies", clusterPolicies},
	{"policy_families", policyFamilies},
	{"instance_pools", instancePools},
	{"clusters", clusters},
	{"clusters_change", clustersChange},
	{"clusters_end", clustersEnd},
	{"clusters_in_pages", clustersInPages},
	{"cluster_libraries", clusterLibraries},
	{"compute_traps", computeTraps},
	{"jobs_of_many_types", jobsOfManyTypes},
	{"jobs_refused", jobsRefused},
	{"jobs_change", jobsChange},
	{"jobs_run_as", jobsRunAs},
	{"jobs_triggers", jobsTriggers},
	{"jobs_of_many_tasks", jobsOfManyTasks},
	{"jobs_in_pages", jobsInPages},
	{"job_traps", jobTraps},
	{"permissions", permissions},
	{"permissions_of_each_service", permissionsOfEachService},
	{"permissions_owners", permissionsOwners},
	{"permissions_inherited", permissionsInherited},
	{"warehouses", warehouses},
	{"warehouse_traps", warehouseTraps},
	{"pipelines", pipelinesCase},
	{"queries", queries},
	{"legacy_alerts", legacyAlerts},
	{"alerts", alerts},
	{"dashboards", dashboardsCase},
	{"notification_destinations", notificationDestinations},
	{"connections", connections},
	{"secret_scopes", secretScopes},
	{"dbfs", dbfs},
	{"volume_files", volumeFiles},
	{"secret_values", secretValues},
	{"global_init_scripts", globalInitScripts},
	{"ip_access_lists", ipAccessLists},
	{"git_folders", gitFolders},
	{"statements", statements},
	{"commands", commands},
}

func main() {
	w = must(connect(&databricks.Config{Token: os.Getenv("DATABRICKS_TOKEN")}))
	failed := 0
	for _, each := range cases {
		if problem := attempt(each.run); problem == "" {
			fmt.Printf("ok     %s\n", each.name)
		} else {
			failed++
			fmt.Printf("FAILED %s, %s\n", each.name, problem)
		}
	}
	fmt.Printf("%d passed, %d failed\n", len(cases)-failed, failed)
	if failed > 0 {
		os.Exit(1)
	}
}

// connect keeps to what it is given: no file, and no more waiting than the simulator asks for.
func connect(settings *databricks.Config) (*databricks.WorkspaceClient, error) {
	settings.Host = os.Getenv("DATABRICKS_HOST")
	settings.Loaders = []config.Loader{}
	settings.ConfigFile = os.DevNull
	settings.RateLimitPerSecond = 1000
	return databricks.NewWorkspaceClient(settings)
}
