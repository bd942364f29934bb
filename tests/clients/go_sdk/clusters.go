package main

import (
	"fmt"
	"slices"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/compute"
)

func newCluster(name string) *compute.WaitGetClusterRunning[compute.CreateClusterResponse] {
	return must(w.Clusters.Create(ctx, compute.CreateCluster{ClusterName: name, SparkVersion: spark, NodeTypeId: nodeType, NumWorkers: 1}))
}

func cluster(id string) *compute.ClusterDetails {
	return must(w.Clusters.GetByClusterId(ctx, id))
}

func forget(ids ...string) {
	for _, id := range ids {
		done(w.Clusters.PermanentDeleteByClusterId(ctx, id))
	}
}

func clusters() {
	policy := newPolicy(compute.CreatePolicy{Name: "of clusters", Definition: "{}"})
	made := must(w.Clusters.Create(ctx, compute.CreateCluster{SparkVersion: spark, ClusterName: "shared", NodeTypeId: nodeType,
		PolicyId: policy, ApplyPolicyDefaultValues: true, AutoterminationMinutes: 30,
		SparkConf:    map[string]string{"spark.databricks.cluster.profile": "singleNode"},
		SparkEnvVars: map[string]string{"A": "b"}, CustomTags: map[string]string{"ResourceClass": "SingleNode"},
		DataSecurityMode: compute.DataSecurityModeSingleUser,
		InitScripts:      []compute.InitScriptInfo{{Workspace: &compute.WorkspaceStorageInfo{Destination: "/Shared/i.sh"}}},
		ForceSendFields:  []string{"NumWorkers"}}))
	id := made.ClusterId
	same("the state at first", cluster(id).State, compute.StatePending)
	refused(from(w.Clusters.Edit(ctx, compute.EditCluster{ClusterId: id, SparkVersion: spark, NodeTypeId: nodeType, NumWorkers: 1})),
		databricks.ErrInvalidState, "unexpected")
	read := must(made.Get())
	contains("the cluster", read, map[string]any{"cluster_id": id, "state": "RUNNING", "cluster_source": "API",
		"driver_node_type_id": nodeType, "single_user_name": me(), "creator_user_name": me(), "policy_id": policy,
		"spark_env_vars": map[string]any{"A": "b"}, "default_tags": map[string]any{"ClusterId": id},
		"azure_attributes": map[string]any{"spot_bid_max_price": -1},
		"spec":             map[string]any{"apply_policy_default_values": true, "cluster_name": "shared"},
		"init_scripts":     []any{map[string]any{"workspace": map[string]any{"destination": "/Shared/i.sh"}}}})
	same("workers of a single node", read.NumWorkers, 0)
	check(read.SparkContextId > 1<<53, "the context id is too small to tell a double")
	same("a cluster by its name", must(w.Clusters.GetByClusterName(ctx, "shared")).ClusterId, id)
	forget(id)

	wrong := map[string]compute.CreateCluster{
		"num_workers":     {},
		"none":            {NumWorkers: 1, PolicyId: "none"},
		"no-pool":         {NumWorkers: 1, InstancePoolId: "no-pool"},
		"autotermination": {NumWorkers: 1, AutoterminationMinutes: 5},
		"autoscale":       {NumWorkers: 1, Autoscale: &compute.AutoScale{MinWorkers: 1, MaxWorkers: 2}},
	}
	for text, request := range wrong {
		request.SparkVersion = spark
		if request.InstancePoolId == "" {
			request.NodeTypeId = nodeType
		}
		refused(from(w.Clusters.Create(ctx, request)), nil, text)
	}
	check(must(w.Clusters.SelectSparkVersion(ctx, compute.SparkVersionRequest{LongTermSupport: true, Latest: true})) != "", "no version is selected")
	check(must(w.Clusters.SelectNodeType(ctx, compute.NodeTypeRequest{MinCores: 4})) != "", "no node type is selected")
}

func clustersChange() {
	made := newCluster("changing")
	id := made.ClusterId
	must(made.Get())
	update := compute.UpdateCluster{ClusterId: id, UpdateMask: "num_workers,spark_conf",
		Cluster: &compute.UpdateClusterResource{NumWorkers: 2, SparkConf: map[string]string{"a": "b"}}}
	must(w.Clusters.UpdateAndWait(ctx, update))
	same("after an update", []any{cluster(id).NumWorkers, cluster(id).SparkConf["a"], cluster(id).ClusterName}, []any{2, "b", "changing"})
	must(w.Clusters.ResizeAndWait(ctx, compute.ResizeCluster{ClusterId: id, NumWorkers: 3}))
	same("workers after a resize", cluster(id).NumWorkers, 3)
	must(w.Clusters.EditAndWait(ctx, compute.EditCluster{ClusterId: id, SparkVersion: spark, NodeTypeId: nodeType, NumWorkers: 1}))
	same("an edit of a running cluster", cluster(id).State, compute.StateRunning)
	must(w.Clusters.DeleteByClusterIdAndWait(ctx, id))
	same("terminated", cluster(id).State, compute.StateTerminated)
	check(cluster(id).TerminationReason != nil && cluster(id).TerminatedTime > 0, "a terminated cluster without reason and time")

	refused(from(w.Clusters.Resize(ctx, compute.ResizeCluster{ClusterId: id, NumWorkers: 1})), databricks.ErrInvalidState, "")
	must(w.Clusters.Edit(ctx, compute.EditCluster{ClusterId: id, SparkVersion: spark, NodeTypeId: nodeType, ClusterName: "renamed",
		Autoscale: &compute.AutoScale{MinWorkers: 1, MaxWorkers: 4}}))
	read := cluster(id)
	same("an edit replaces everything and starts nothing",
		[]any{read.State, read.ClusterName, read.Autoscale.MaxWorkers, read.NumWorkers, len(read.SparkConf)},
		[]any{compute.StateTerminated, "renamed", 4, 0, 0})
	owner := someUser().UserName
	done(w.Clusters.ChangeOwner(ctx, compute.ChangeClusterOwner{ClusterId: id, OwnerUsername: owner}))
	same("the owner", cluster(id).CreatorUserName, owner)
	must(w.Clusters.StartByClusterIdAndWait(ctx, id))
	done(w.Clusters.EnsureClusterIsRunning(ctx, id))
	refused(w.Clusters.ChangeOwner(ctx, compute.ChangeClusterOwner{ClusterId: id, OwnerUsername: owner}), nil, "")

	events := all(w.Clusters.Events(ctx, compute.GetEvents{ClusterId: id, PageSize: 2}))
	types := each(events, func(event compute.ClusterEvent) string { return event.Type.String() })
	includes("events in pages of 2", types, "CREATING", "RUNNING", "RESIZING", "EDITED", "TERMINATING", "STARTING")
	onlyEdits := compute.GetEvents{ClusterId: id, EventTypes: []compute.EventType{compute.EventTypeEdited}}
	for _, event := range must(w.Clusters.EventsAll(ctx, onlyEdits)) {
		same("an event that was asked for", event.Type, compute.EventTypeEdited)
	}
	forget(id)
}

func clustersEnd() {
	id := newCluster("ending").ClusterId
	done(w.Clusters.PinByClusterId(ctx, id))
	refused(w.Clusters.PermanentDeleteByClusterId(ctx, id), databricks.ErrBadRequest, "unpin the cluster first")
	pinned := compute.ListClustersRequest{FilterBy: &compute.ListClustersFilterBy{IsPinned: true}}
	same("pinned ones", each(must(w.Clusters.ListAll(ctx, pinned)), clusterId), []string{id})
	done(w.Clusters.DeleteByClusterId(ctx, id)) // terminating a pending cluster is legal
	done(w.Clusters.UnpinByClusterId(ctx, id))
	same("pinned ones", each(must(w.Clusters.ListAll(ctx, pinned)), clusterId), []string{})
	forget(id)
	// The answer is 400 INVALID_PARAMETER_VALUE: the SDK knows by the message that this one means missing.
	refused(from(w.Clusters.GetByClusterId(ctx, id)), databricks.ErrResourceDoesNotExist, fmt.Sprintf("Cluster %s does not exist", id))
	check(apierr.IsMissing(from(w.Clusters.GetByClusterId(ctx, id))), "the SDK does not see that it is missing")
	refused(w.Clusters.StartByClusterId(ctx, id), databricks.ErrInvalidParameterValue, "does not exist")
	refused(w.Clusters.PinByClusterId(ctx, "no-cluster"), nil, "does not exist")
}

func clusterId(cluster compute.ClusterDetails) string { return cluster.ClusterId }

func clustersInPages() {
	var made []string
	for range 5 {
		made = append(made, newCluster("twin").ClusterId)
	}
	terminated := made[4]
	must(w.Clusters.DeleteByClusterIdAndWait(ctx, terminated))
	listed := each(all(w.Clusters.List(ctx, compute.ListClustersRequest{PageSize: 2})), clusterId)
	once("clusters in pages of 2", listed)
	includes("clusters in pages of 2", listed, made...)
	active := compute.ListClustersRequest{FilterBy: &compute.ListClustersFilterBy{
		ClusterStates:  []compute.State{compute.StatePending, compute.StateRunning},
		ClusterSources: []compute.ClusterSource{compute.ClusterSourceApi}}}
	found := each(must(w.Clusters.ListAll(ctx, active)), clusterId)
	includes("clusters by state", found, made[:4]...)
	check(!slices.Contains(found, terminated), "a terminated cluster among the active ones")
	newCluster("a first one")
	byName := compute.ListClustersRequest{SortBy: &compute.ListClustersSortBy{
		Field: compute.ListClustersSortByFieldClusterName, Direction: compute.ListClustersSortByDirectionAsc}}
	sortedByName := must(w.Clusters.ListAll(ctx, byName))
	same("the first by name", sortedByName[0].ClusterName, "a first one")
	forget(each(sortedByName, clusterId)...)
	same("what is left", len(must(w.Clusters.ListAll(ctx, compute.ListClustersRequest{}))), 0)
}

func clusterLibraries() {
	made := newCluster("with libraries")
	id := made.ClusterId
	wanted := []compute.Library{
		{Pypi: &compute.PythonPyPiLibrary{Package: "numpy==1.26.4", Repo: "https://pypi.lakeside.example"}},
		{Maven: &compute.MavenLibrary{Coordinates: "a:b:1", Exclusions: []string{"c:d"}}},
		{Cran: &compute.RCranLibrary{Package: "forecast"}}, {Jar: "dbfs:/x.jar"},
		{Whl: "/Workspace/Shared/x.whl"}, {Requirements: "/Workspace/Shared/r.txt"},
	}
	done(w.Libraries.Install(ctx, compute.InstallLibraries{ClusterId: id, Libraries: wanted}))
	done(w.Libraries.Install(ctx, compute.InstallLibraries{ClusterId: id, Libraries: wanted[:1]}))
	statuses := func() []compute.LibraryFullStatus {
		return must(w.Libraries.ClusterStatusAll(ctx, compute.ClusterStatus{ClusterId: id}))
	}
	found := each(statuses(), func(status compute.LibraryFullStatus) any { return plain(status.Library) })
	same("libraries, each once", found, each(wanted, func(library compute.Library) any { return plain(library) }))
	must(made.Get())
	for _, status := range statuses() {
		same("on a running cluster", status.Status, compute.LibraryInstallStatusInstalled)
	}
	done(w.Libraries.Uninstall(ctx, compute.UninstallLibraries{ClusterId: id, Libraries: wanted[3:4]}))
	removed := slices.IndexFunc(statuses(), func(status compute.LibraryFullStatus) bool { return status.Library.Jar != "" })
	same("removed from a running cluster", statuses()[removed].Status, compute.LibraryInstallStatusUninstallOnRestart)
	must(w.Clusters.RestartAndWait(ctx, compute.RestartCluster{ClusterId: id}))
	everywhere := map[string]int{}
	for _, each := range must(w.Libraries.AllClusterStatusesAll(ctx)) {
		everywhere[each.ClusterId] = len(each.LibraryStatuses)
	}
	same("libraries after the restart", everywhere[id], 5)
	must(w.Clusters.DeleteByClusterIdAndWait(ctx, id))
	done(w.Libraries.Install(ctx, compute.InstallLibraries{ClusterId: id, Libraries: []compute.Library{pypi("late")}}))
	same("on a terminated cluster", len(statuses()), 6)

	missing := "Cluster no-cluster does not exist"
	refused(w.Libraries.Install(ctx, compute.InstallLibraries{ClusterId: "no-cluster", Libraries: wanted}),
		databricks.ErrInvalidParameterValue, missing)
	refused(from(w.Libraries.ClusterStatusByClusterId(ctx, "no-cluster")), nil, missing)
	forget(id)
}
