package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/sql"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

type grants = []iam.AccessControlRequest

func toUser(level iam.PermissionLevel, name string) iam.AccessControlRequest {
	return iam.AccessControlRequest{PermissionLevel: level, UserName: name}
}

func toGroup(level iam.PermissionLevel, name string) iam.AccessControlRequest {
	return iam.AccessControlRequest{PermissionLevel: level, GroupName: name}
}

func toRobot(level iam.PermissionLevel, name string) iam.AccessControlRequest {
	return iam.AccessControlRequest{PermissionLevel: level, ServicePrincipalName: name}
}

// object is what permissions are about.
type object struct {
	kind, id  string
	low, high iam.PermissionLevel
}

func (o object) get() *iam.ObjectPermissions {
	return must(w.Permissions.GetByRequestObjectTypeAndRequestObjectId(ctx, o.kind, o.id))
}

func (o object) set(list grants) error {
	return from(w.Permissions.Set(ctx, iam.SetObjectPermissions{RequestObjectType: o.kind, RequestObjectId: o.id,
		AccessControlList: list}))
}

func (o object) update(list ...iam.AccessControlRequest) error {
	return from(w.Permissions.Update(ctx, iam.UpdateObjectPermissions{RequestObjectType: o.kind, RequestObjectId: o.id,
		AccessControlList: list}))
}

func (o object) levels() []iam.PermissionLevel {
	answer := must(w.Permissions.GetPermissionLevelsByRequestObjectTypeAndRequestObjectId(ctx, o.kind, o.id))
	return each(answer.PermissionLevels, func(level iam.PermissionsDescription) iam.PermissionLevel {
		check(level.Description != "", "%s has no description", level.PermissionLevel)
		return level.PermissionLevel
	})
}

func (o object) String() string { return o.kind + "/" + o.id }

// direct is what is granted on the object itself: principal to level.
func (o object) direct() map[string]iam.PermissionLevel {
	found := map[string]iam.PermissionLevel{}
	for _, entry := range o.get().AccessControlList {
		for _, level := range entry.AllPermissions {
			if !level.Inherited {
				found[entry.UserName+entry.GroupName+entry.ServicePrincipalName] = level.PermissionLevel
			}
		}
	}
	return found
}

func (o object) entry(name string) iam.AccessControlResponse {
	for _, entry := range o.get().AccessControlList {
		if strings.EqualFold(entry.UserName+entry.GroupName+entry.ServicePrincipalName, name) {
			return entry
		}
	}
	fail("%s has nothing of %s", o, name)
	return iam.AccessControlResponse{}
}

func inTree(kind, path string) object {
	return object{kind, strconv.FormatInt(status(path).ObjectId, 10), iam.PermissionLevelCanRead, iam.PermissionLevelCanEdit}
}

// permitted is an object of each kind that has permissions.
func permitted() []object {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/permitted"))
	done(upload("/Shared/permitted/book", "1", ofLanguage(workspace.LanguagePython)))
	done(w.Workspace.WriteFile(ctx, "/Shared/permitted/file.txt", []byte("1")))
	const use, read, run, edit = iam.PermissionLevelCanUse, iam.PermissionLevelCanRead, iam.PermissionLevelCanRun, iam.PermissionLevelCanEdit
	query := someQuery("permitted")
	return []object{
		inTree("directories", "/Shared/permitted"), inTree("notebooks", "/Shared/permitted/book"),
		inTree("files", "/Shared/permitted/file.txt"),
		{"cluster-policies", newPolicy(compute.CreatePolicy{Name: "permitted", Definition: "{}"}), use, use},
		{"instance-pools", newPool("permitted"), iam.PermissionLevelCanAttachTo, iam.PermissionLevelCanManage},
		{"clusters", newCluster("permitted").ClusterId, iam.PermissionLevelCanAttachTo, iam.PermissionLevelCanRestart},
		{"jobs", strconv.FormatInt(newJob(jobs.CreateJob{Name: "permitted"}), 10), iam.PermissionLevelCanView, iam.PermissionLevelCanManageRun},
		{"warehouses", newWarehouse("permitted").Id, use, iam.PermissionLevelCanMonitor},
		{"pipelines", somePipeline("permitted"), iam.PermissionLevelCanView, run},
		{"sql/queries", query, run, edit},
		{"sql/alerts", someAlert("permitted", query), run, edit},
		{"alertsv2", newAlert("permitted").Id, run, edit},
		{"dashboards", someDashboard("permitted").DashboardId, read, run},
	}
}

func permissions() {
	user, group := someUser().UserName, newGroup("Readers").DisplayName
	robot := must(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{DisplayName: "reader"})).ApplicationId
	for _, o := range permitted() {
		includes("levels of "+o.String(), o.levels(), o.low, o.high)
		owner, kept := grants{}, map[string]iam.PermissionLevel{}
		if o.kind == "jobs" || o.kind == "warehouses" || o.kind == "pipelines" {
			owner, kept[me()] = grants{toUser(iam.PermissionLevelIsOwner, me())}, iam.PermissionLevelIsOwner
		}
		with := func(ofUser iam.PermissionLevel) map[string]iam.PermissionLevel {
			all := map[string]iam.PermissionLevel{user: ofUser, group: o.high, robot: o.low}
			for name, level := range kept {
				all[name] = level
			}
			return all
		}
		done(o.set(append(grants{toUser(o.low, strings.ToUpper(user)), toGroup(o.high, group), toRobot(o.low, robot)}, owner...)))
		same(o.String(), o.direct(), with(o.low))
		if o.kind != "cluster-policies" {
			admins := o.entry("admins").AllPermissions[0]
			check(admins.Inherited && len(admins.InheritedFromObject) > 0, "admins inherit nothing from the parent of %s", o)
		}
		done(o.update(toUser(o.high, user)))
		same(o.String()+", merged", o.direct(), with(o.high))
		for _, stranger := range (grants{toUser(o.low, "no@body"), toGroup(o.low, "nobody"), toRobot(o.low, "no-robot")}) {
			refused(o.update(stranger), nil, stranger.UserName+stranger.GroupName+stranger.ServicePrincipalName)
		}
		refused(o.update(toUser(iam.PermissionLevelCanManageProductionVersions, user)), databricks.ErrBadRequest, "")
		done(o.set(owner))
		same(o.String()+", emptied", o.direct(), kept)
	}
}

// permissionsOfEachService: the SDK has the same calls once more at each service, as the Go command line uses them.
func permissionsOfEachService() {
	user := someUser().UserName
	id := newCluster("of its service").ClusterId
	ofCluster := must(w.Clusters.UpdatePermissions(ctx, compute.ClusterPermissionsRequest{ClusterId: id,
		AccessControlList: []compute.ClusterAccessControlRequest{{UserName: user, PermissionLevel: compute.ClusterPermissionLevelCanRestart}}}))
	same("the object", []string{ofCluster.ObjectId, ofCluster.ObjectType}, []string{"/clusters/" + id, "cluster"})
	same("a cluster", object{kind: "clusters", id: id}.direct()[user], iam.PermissionLevelCanRestart)
	must(w.Clusters.GetPermissionLevelsByClusterId(ctx, id))
	forget(id)

	pool := newPool("of its service")
	must(w.InstancePools.SetPermissions(ctx, compute.InstancePoolPermissionsRequest{InstancePoolId: pool,
		AccessControlList: []compute.InstancePoolAccessControlRequest{{UserName: user, PermissionLevel: compute.InstancePoolPermissionLevelCanAttachTo}}}))
	same("a pool", must(w.InstancePools.GetPermissionsByInstancePoolId(ctx, pool)).ObjectType, "instance-pool")
	policy := newPolicy(compute.CreatePolicy{Name: "of its service", Definition: "{}"})
	must(w.ClusterPolicies.SetPermissions(ctx, compute.ClusterPolicyPermissionsRequest{ClusterPolicyId: policy,
		AccessControlList: []compute.ClusterPolicyAccessControlRequest{{UserName: user, PermissionLevel: compute.ClusterPolicyPermissionLevelCanUse}}}))
	same("a policy", must(w.ClusterPolicies.GetPermissionsByClusterPolicyId(ctx, policy)).ObjectType, "cluster-policy")
	jobId := strconv.FormatInt(newJob(jobs.CreateJob{Name: "of its service"}), 10)
	must(w.Jobs.UpdatePermissions(ctx, jobs.JobPermissionsRequest{JobId: jobId,
		AccessControlList: []jobs.JobAccessControlRequest{{UserName: user, PermissionLevel: jobs.JobPermissionLevelCanView}}}))
	same("a job", must(w.Jobs.GetPermissionsByJobId(ctx, jobId)).ObjectType, "job")
	pipeline := somePipeline("of its service")
	must(w.Pipelines.UpdatePermissions(ctx, pipelines.PipelinePermissionsRequest{PipelineId: pipeline,
		AccessControlList: []pipelines.PipelineAccessControlRequest{{UserName: user, PermissionLevel: pipelines.PipelinePermissionLevelCanRun}}}))
	same("a pipeline", must(w.Pipelines.GetPermissionsByPipelineId(ctx, pipeline)).ObjectType, "pipelines")
	warehouse := newWarehouse("of its service").Id
	must(w.Warehouses.UpdatePermissions(ctx, sql.WarehousePermissionsRequest{WarehouseId: warehouse,
		AccessControlList: []sql.WarehouseAccessControlRequest{{UserName: user, PermissionLevel: sql.WarehousePermissionLevelCanUse}}}))
	same("a warehouse", must(w.Warehouses.GetPermissionsByWarehouseId(ctx, warehouse)).ObjectType, "warehouses")

	done(w.Workspace.MkdirsByPath(ctx, "/Shared/of its service"))
	folder := inTree("directories", "/Shared/of its service")
	must(w.Workspace.SetPermissions(ctx, workspace.WorkspaceObjectPermissionsRequest{WorkspaceObjectType: folder.kind, WorkspaceObjectId: folder.id,
		AccessControlList: []workspace.WorkspaceObjectAccessControlRequest{{UserName: user, PermissionLevel: workspace.WorkspaceObjectPermissionLevelCanEdit}}}))
	same("a directory", folder.direct(), map[string]iam.PermissionLevel{user: iam.PermissionLevelCanEdit})
}

func permissionsOwners() {
	user := someUser().UserName
	owned := object{kind: "jobs", id: strconv.FormatInt(newJob(jobs.CreateJob{Name: "owned"}), 10)}
	const owner, oneOwner = iam.PermissionLevelIsOwner, "The job must have exactly one owner."
	refused(owned.set(grants{}), databricks.ErrBadRequest, oneOwner)
	refused(owned.set(grants{toUser(owner, user), toUser(owner, me())}), databricks.ErrBadRequest, oneOwner)
	refused(owned.set(grants{toGroup(owner, "users")}), databricks.ErrBadRequest, "owner")
	done(owned.set(grants{toUser(owner, user)}))
	same("the new owner", owned.direct(), map[string]iam.PermissionLevel{user: owner})
	pipeline := object{kind: "pipelines", id: somePipeline("owned")}
	refused(pipeline.set(grants{}), databricks.ErrBadRequest, "The pipeline must have exactly one owner.")
	created := newJob(jobs.CreateJob{Name: "with a list", AccessControlList: []jobs.JobAccessControlRequest{
		{UserName: user, PermissionLevel: jobs.JobPermissionLevelCanView}}})
	same("what a job was created with", object{kind: "jobs", id: strconv.FormatInt(created, 10)}.direct()[user], iam.PermissionLevelCanView)

	unknown := from(w.Permissions.GetByRequestObjectTypeAndRequestObjectId(ctx, "no-such-kind", "1"))
	refused(unknown, databricks.ErrBadRequest, "request_object_type is not recognized")
	for _, kind := range []string{"jobs", "clusters", "notebooks", "directories", "instance-pools", "cluster-policies"} {
		refused(from(w.Permissions.GetByRequestObjectTypeAndRequestObjectId(ctx, kind, "404")), nil, "404")
	}
}

func permissionsInherited() {
	user := someUser().UserName
	root := object{kind: "directories", id: "0"}
	readers := grants{toUser(iam.PermissionLevelCanRead, user)}
	refused(root.set(readers), databricks.ErrBadRequest, "admins")
	done(root.set(append(readers, toGroup(iam.PermissionLevelCanManage, "admins"))))
	done(root.set(grants{toGroup(iam.PermissionLevelCanManage, "admins")}))

	home := inTree("directories", "/Users/"+user)
	levels := each(home.entry(user).AllPermissions, func(level iam.Permission) iam.PermissionLevel { return level.PermissionLevel })
	includes("what one may in one's own home", levels, iam.PermissionLevelCanManage)
	done(w.Workspace.MkdirsByPath(ctx, "/Users/"+user+"/deep"))
	done(home.set(grants{toGroup(iam.PermissionLevelCanRun, "users")}))
	child := inTree("directories", "/Users/"+user+"/deep")
	same("what a child inherits", child.entry("users").AllPermissions, []iam.Permission{{Inherited: true,
		InheritedFromObject: []string{fmt.Sprintf("/directories/%s", home.id)}, PermissionLevel: iam.PermissionLevelCanRun,
		ForceSendFields: child.entry("users").AllPermissions[0].ForceSendFields}})
}
