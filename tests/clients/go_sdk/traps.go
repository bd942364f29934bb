package main

import (
	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/sql"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

// builtInGroups cannot be made, renamed or deleted; what they entitle to can be changed, within limits.
func builtInGroups() {
	for _, name := range []string{"users", "admins"} {
		refused(from(w.GroupsV2.Create(ctx, iam.CreateGroupRequest{DisplayName: name})), databricks.ErrResourceConflict, "already exists")
		group := must(w.GroupsV2.ListAll(ctx, iam.ListGroupsRequest{Filter: `displayName eq "` + name + `"`}))[0]
		refused(w.GroupsV2.Patch(ctx, iam.PatchGroupRequest{Id: group.Id, Operations: []iam.Patch{
			patch(iam.PatchOpReplace, "displayName", "renamed")}}), nil, "")
		refused(w.GroupsV2.Delete(ctx, iam.DeleteGroupRequest{Id: group.Id}), nil, name)
		includes("entitlements of "+name, values(groupOf(group.Id).Entitlements), "workspace-access", "databricks-sql-access")
	}
}

// treeTraps and those below are what clients stumble over in one kind.
func treeTraps() {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/traps"))
	done(upload("/Shared/traps/book", "1", ofLanguage(workspace.LanguagePython)))
	same("the listing of a notebook is itself", paths("/Shared/traps/book"), []string{"/Shared/traps/book"})
	same("with and without the prefix", status("/Workspace/Shared/traps/book").ObjectId, status("/Shared//traps/book").ObjectId)
	done(w.Workspace.WriteFile(ctx, "/Shared/traps/book.py", []byte("print(1)"))) // beside the notebook
	same("a file beside a notebook", len(paths("/Shared/traps")), 2)
	refused(from(w.Workspace.GetStatusByPath(ctx, "/Shared/traps/BOOK")), databricks.ErrNotFound, "doesn't exist")
	dashboard := must(w.Lakeview.GetByDashboardId(ctx, someDashboard("trap").DashboardId))
	same("the id of a dashboard in its own API", status(dashboard.Path).ResourceId, dashboard.DashboardId)
	refused(from(w.Workspace.Export(ctx, workspace.ExportRequest{Path: dashboard.Path})), databricks.ErrBadRequest, "")
	shared := inTree("directories", "/Shared")
	refused(shared.set(grants{toGroup(iam.PermissionLevelCanRead, "users")}), databricks.ErrBadRequest, "")
	book := inTree("notebooks", "/Shared/traps/book")
	done(book.set(grants{toUser(iam.PermissionLevelCanRun, me())}))
	done(upload("/Shared/traps/book", "2", ofLanguage(workspace.LanguagePython), overwrite))
	same("an overwrite keeps permissions", book.direct()[me()], iam.PermissionLevelCanRun)
}

func computeTraps() {
	nameless := must(w.Clusters.Create(ctx, compute.CreateCluster{SparkVersion: spark, NodeTypeId: nodeType, NumWorkers: 1})).ClusterId
	same("the name of a nameless cluster", cluster(nameless).ClusterName, nameless)
	refused(w.Clusters.StartByClusterId(ctx, nameless), databricks.ErrInvalidState, "unexpected state")
	forget(nameless)
	pool := newPool("trap")
	inPool := must(w.Clusters.Create(ctx, compute.CreateCluster{ClusterName: "in a pool", SparkVersion: spark,
		InstancePoolId: pool, NumWorkers: 1})).ClusterId
	same("the pool of a cluster", cluster(inPool).InstancePoolId, pool)
	forget(inPool)
	clone := newCluster("origin")
	done(w.Libraries.Install(ctx, compute.InstallLibraries{ClusterId: clone.ClusterId, Libraries: []compute.Library{pypi("a")}}))
	copied := must(w.Clusters.Create(ctx, compute.CreateCluster{ClusterName: "copy", SparkVersion: spark, NodeTypeId: nodeType,
		NumWorkers: 1, CloneFrom: &compute.CloneCluster{SourceClusterId: clone.ClusterId}})).ClusterId
	same("libraries of a clone", len(must(w.Libraries.ClusterStatusByClusterId(ctx, copied)).LibraryStatuses), 1)
	forget(clone.ClusterId, copied)
	two := compute.CreateInstancePool{InstancePoolName: "x", NodeTypeId: nodeType, PreloadedSparkVersions: []string{spark, "14.3.x-scala2.12"}}
	refused(from(w.InstancePools.Create(ctx, two)), databricks.ErrBadRequest, "")
	refused(from(w.ClusterPolicies.Create(ctx, compute.CreatePolicy{Name: "x"})), databricks.ErrBadRequest, "")
}

func jobTraps() {
	id := newJob(jobs.CreateJob{Tasks: []jobs.Task{book("a")}})
	same("the name of a nameless job", job(id).Settings.Name, "Untitled")
	same("runs at once", job(id).Settings.MaxConcurrentRuns, 1)
	owners := jobs.CreateJob{Name: "x", AccessControlList: []jobs.JobAccessControlRequest{
		{UserName: me(), PermissionLevel: jobs.JobPermissionLevelIsOwner},
		{UserName: someUser().UserName, PermissionLevel: jobs.JobPermissionLevelIsOwner}}}
	refused(from(w.Jobs.Create(ctx, owners)), databricks.ErrBadRequest, "owner")
	refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", Schedule: &jobs.CronSchedule{
		QuartzCronExpression: "0 0 2 * * ?"}})), databricks.ErrBadRequest, "timezone_id")
}

func warehouseTraps() {
	wrong := map[string]sql.CreateWarehouseRequest{
		"cluster_size":     {Name: "x", ClusterSize: "Huge"},
		"auto_stop_mins":   {Name: "x", ClusterSize: "Small", AutoStopMins: 5},
		"max_num_clusters": {Name: "x", ClusterSize: "Small", MinNumClusters: 3, MaxNumClusters: 2},
	}
	for text, request := range wrong {
		refused(from(w.Warehouses.Create(ctx, request)), databricks.ErrBadRequest, text)
	}
	made := newWarehouse("trap")
	must(must(w.Warehouses.Stop(ctx, sql.StopRequest{Id: made.Id})).Get())
	must(w.Warehouses.Edit(ctx, sql.EditWarehouseRequest{Id: made.Id, ClusterSize: "Medium"}))
	read := must(w.Warehouses.GetById(ctx, made.Id))
	same("what an edit did not say is kept", []any{read.Name, read.MaxNumClusters, read.AutoStopMins}, []any{"trap", 2, 15})
	check(read.State == sql.StateStarting || read.State == sql.StateRunning, "an edit did not start it: %s", read.State)
	done(w.Warehouses.DeleteById(ctx, made.Id))
}
