package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/client"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/google/uuid"
)

func someUser() *iam.User {
	name := uuid.NewString()[:8] + "@lakeside.example"
	return must(w.UsersV2.Create(ctx, iam.CreateUserRequest{UserName: name}))
}

func me() string {
	return must(w.CurrentUser.Me(ctx, iam.MeRequest{})).UserName
}

// post is for what the simulator has beside the API that it speaks.
func post(path string, body any) {
	plainClient := must(client.New(w.Config))
	headers := map[string]string{"Content-Type": "application/json"}
	done(plainClient.Do(ctx, http.MethodPost, path, headers, nil, body, nil))
}

func credentials() {
	caller := must(w.CurrentUser.Me(ctx, iam.MeRequest{}))
	includes("groups of the caller", each(caller.Groups, displayOf), "admins")
	check(must(w.CurrentWorkspaceID(ctx)) > 0, "the workspace has no id")
	stranger := must(connect(&databricks.Config{Token: "dapi-wrong"}))
	refused(from(stranger.CurrentUser.Me(ctx, iam.MeRequest{})), databricks.ErrPermissionDenied, "Invalid access token")
}

func displayOf(value iam.ComplexValue) string { return value.Display }

// machineToMachine: a service principal with a secret; the client finds the token endpoint by itself.
func machineToMachine() {
	id := uuid.NewString()
	post("/sim/credentials", map[string]string{"client_id": id, "client_secret": "dose-secret"})
	machine := must(connect(&databricks.Config{ClientID: id, ClientSecret: "dose-secret", AuthType: "oauth-m2m"}))
	caller := must(machine.CurrentUser.Me(ctx, iam.MeRequest{}))
	same("a service principal is called by its application id", caller.UserName, id)
	stranger, problem := connect(&databricks.Config{ClientID: id, ClientSecret: "wrong", AuthType: "oauth-m2m"})
	if problem == nil {
		_, problem = stranger.CurrentUser.Me(ctx, iam.MeRequest{})
	}
	check(problem != nil, "a wrong secret was good for a token")
	check(strings.Contains(problem.Error(), "invalid_client"), "refused with %v", problem)
}

// throttling: the client waits as long as it is told to, and asks again.
func throttling() {
	post("/sim/faults", map[string]any{"method": "GET", "path": "/api/2.0/instance-pools/list", "times": 2,
		"status": 429, "retry_after": 1})
	started := time.Now()
	must(w.InstancePools.ListAll(ctx))
	check(time.Since(started) >= 2*time.Second, "did not wait twice for a second")
}

func users() {
	name := "Ana.Ruiz@lakeside.example"
	user := must(w.UsersV2.Create(ctx, iam.CreateUserRequest{UserName: name, DisplayName: "Ana Ruiz", Active: true,
		Name: &iam.Name{GivenName: "Ana", FamilyName: "Ruiz"}, Entitlements: listOf("allow-cluster-create")}))
	read := must(w.UsersV2.Get(ctx, iam.GetUserRequest{Id: user.Id}))
	same("the user", []any{read.UserName, read.DisplayName, read.Active}, []any{name, "Ana Ruiz", true})
	same("given name and address", []string{read.Name.GivenName, read.Emails[0].Value}, []string{"Ana", name})
	for _, again := range []string{name, strings.ToUpper(name)} {
		refused(from(w.UsersV2.Create(ctx, iam.CreateUserRequest{UserName: again})), databricks.ErrResourceConflict, "already exists")
	}

	for number := range 7 {
		must(w.UsersV2.Create(ctx, iam.CreateUserRequest{UserName: fmt.Sprintf("page-%d@lakeside.example", number)}))
	}
	list := func(request iam.ListUsersRequest) []string {
		return each(all(w.UsersV2.List(ctx, request)), func(user iam.User) string { return user.Id })
	}
	everybody := list(iam.ListUsersRequest{Attributes: "id,userName", Count: 3})
	once("users in pages of 3", everybody)
	same("users in pages of 3 and in one", everybody, list(iam.ListUsersRequest{}))
	same("users by name, whatever the case", list(iam.ListUsersRequest{Filter: `userName eq "ana.ruiz@LAKESIDE.example"`}), []string{user.Id})
	both := iam.ListUsersRequest{Filter: `userName sw "page-" and active eq "true"`}
	same("users by two conditions", len(list(both)), 7)
	refused(from(w.UsersV2.ListAll(ctx, iam.ListUsersRequest{Filter: "userName is nonsense"})), databricks.ErrBadRequest, "")

	done(w.UsersV2.Delete(ctx, iam.DeleteUserRequest{Id: user.Id}))
	refused(from(w.UsersV2.Get(ctx, iam.GetUserRequest{Id: user.Id})), databricks.ErrNotFound, "not found")
	refused(w.UsersV2.Delete(ctx, iam.DeleteUserRequest{Id: user.Id}), databricks.ErrNotFound, "not found")
}

func usersChange() {
	user := must(w.UsersV2.Create(ctx, iam.CreateUserRequest{UserName: "change@lakeside.example",
		Active: true, Entitlements: listOf("allow-cluster-create")}))
	change := func(operations ...iam.Patch) error {
		return w.UsersV2.Patch(ctx, iam.PatchUserRequest{Id: user.Id, Operations: operations,
			Schemas: []iam.PatchSchema{iam.PatchSchemaUrnIetfParamsScimApiMessages20PatchOp}})
	}
	now := func() *iam.User { return must(w.UsersV2.Get(ctx, iam.GetUserRequest{Id: user.Id})) }

	done(change(patch(iam.PatchOpAdd, "entitlements", listOf("allow-instance-pool-create")),
		patch(iam.PatchOpReplace, "active", "false")))
	same("entitlements", values(now().Entitlements), []string{"allow-cluster-create", "allow-instance-pool-create"})
	same("active", now().Active, false)
	done(change(patch(iam.PatchOpReplace, "active", listOf("true")),
		patch(iam.PatchOpRemove, `entitlements[value eq "allow-cluster-create"]`, nil)))
	same("active again", now().Active, true)
	same("entitlements left", values(now().Entitlements), []string{"allow-instance-pool-create"})
	refused(change(patch(iam.PatchOpRemove, "entitlements", listOf("allow-cluster-create"))), databricks.ErrBadRequest, "No such attribute")

	done(w.UsersV2.Update(ctx, iam.UpdateUserRequest{Id: user.Id, UserName: user.UserName, DisplayName: "Changed", Active: true}))
	same("a PUT replaces everything", []any{now().DisplayName, now().Active, len(now().Entitlements)}, []any{"Changed", true, 0})
	refused(w.UsersV2.Update(ctx, iam.UpdateUserRequest{Id: "404", UserName: "x@lakeside.example"}), databricks.ErrNotFound, "not found")
}

func servicePrincipals() {
	application := uuid.NewString()
	made := must(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{
		ApplicationId: application, DisplayName: "etl", Active: true}))
	now := func() *iam.ServicePrincipal {
		return must(w.ServicePrincipalsV2.Get(ctx, iam.GetServicePrincipalRequest{Id: made.Id}))
	}
	same("application id", now().ApplicationId, application)
	refused(from(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{ApplicationId: application})),
		databricks.ErrResourceConflict, "already exists")
	invented := must(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{DisplayName: "etl"}))
	must(uuid.Parse(invented.ApplicationId)) // names may repeat

	list := func(request iam.ListServicePrincipalsRequest) []string {
		found := all(w.ServicePrincipalsV2.List(ctx, request))
		return each(found, func(principal iam.ServicePrincipal) string { return principal.Id })
	}
	for number := range 4 {
		must(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{DisplayName: fmt.Sprintf("page-%d", number)}))
	}
	everybody := list(iam.ListServicePrincipalsRequest{Count: 2})
	once("service principals in pages of 2", everybody)
	check(len(everybody) >= 6, "only %d service principals", len(everybody))
	byApplication := iam.ListServicePrincipalsRequest{Filter: fmt.Sprintf(`applicationId eq "%s"`, application)}
	same("service principals by application id", list(byApplication), []string{made.Id})

	done(w.ServicePrincipalsV2.Patch(ctx, iam.PatchServicePrincipalRequest{Id: made.Id, Operations: []iam.Patch{
		patch(iam.PatchOpAdd, "entitlements", listOf("workspace-access")), patch(iam.PatchOpReplace, "displayName", "etl 2")}}))
	same("entitlements", values(now().Entitlements), []string{"workspace-access"})
	same("the name", now().DisplayName, "etl 2")
	done(w.ServicePrincipalsV2.Update(ctx, iam.UpdateServicePrincipalRequest{Id: made.Id, ApplicationId: application,
		DisplayName: "etl 3", Active: false, ForceSendFields: []string{"Active"}}))
	same("after the PUT", []any{now().DisplayName, now().Active, len(now().Entitlements)}, []any{"etl 3", false, 0})
	done(w.ServicePrincipalsV2.Delete(ctx, iam.DeleteServicePrincipalRequest{Id: made.Id}))
	refused(from(w.ServicePrincipalsV2.Get(ctx, iam.GetServicePrincipalRequest{Id: made.Id})), databricks.ErrNotFound, "not found")
}

func groupOf(id string) *iam.Group {
	return must(w.GroupsV2.Get(ctx, iam.GetGroupRequest{Id: id}))
}

func newGroup(name string, members ...string) *iam.Group {
	return must(w.GroupsV2.Create(ctx, iam.CreateGroupRequest{DisplayName: name, Members: listOf(members...)}))
}

func sorted(given ...string) []string {
	slices.Sort(given)
	return given
}

func groups() {
	user := someUser()
	robot := must(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{DisplayName: "robot"}))
	inner := newGroup("inner", user.Id)
	outer := must(w.GroupsV2.Create(ctx, iam.CreateGroupRequest{DisplayName: "Outer",
		Members: listOf(inner.Id, robot.Id), Entitlements: listOf("allow-cluster-create")}))
	read := groupOf(outer.Id)
	same("members", values(read.Members), sorted(inner.Id, robot.Id))
	same("entitlements", values(read.Entitlements), []string{"allow-cluster-create"})
	kinds := each(read.Members, func(member iam.ComplexValue) string { return strings.Split(member.Ref, "/")[0] })
	same("kinds of members", sorted(kinds...), []string{"Groups", "ServicePrincipals"})
	same("resource type", read.Meta.ResourceType, "WorkspaceGroup")
	same("parents of the inner group", values(groupOf(inner.Id).Groups), []string{outer.Id})
	types := map[string]string{}
	for _, group := range must(w.UsersV2.Get(ctx, iam.GetUserRequest{Id: user.Id})).Groups {
		types[group.Display] = group.Type
	}
	delete(types, "users")
	same("groups of the member", types, map[string]string{"inner": "direct", "Outer": "indirect"})
	refused(from(w.GroupsV2.Create(ctx, iam.CreateGroupRequest{DisplayName: "OUTER"})), databricks.ErrResourceConflict, "already exists")

	for number := range 5 {
		newGroup(fmt.Sprintf("page-%d", number))
	}
	found := all(w.GroupsV2.List(ctx, iam.ListGroupsRequest{Attributes: "id,displayName", Count: 2}))
	names := each(found, func(group iam.Group) string { return group.DisplayName })
	once("groups in pages of 2", names)
	includes("groups", names, "admins", "users", "inner", "Outer", "page-4")
	same("what was not asked for", len(found[0].Members), 0)
	done(w.GroupsV2.Delete(ctx, iam.DeleteGroupRequest{Id: outer.Id}))
	refused(from(w.GroupsV2.Get(ctx, iam.GetGroupRequest{Id: outer.Id})), databricks.ErrNotFound, "not found")
	same("parents after the delete", values(groupOf(inner.Id).Groups), []string{})
}

func groupsChange() {
	user, other := someUser(), someUser()
	inner := newGroup("changing inner", user.Id)
	outer := newGroup("changing outer", inner.Id, other.Id)
	change := func(id string, operations ...iam.Patch) error {
		return w.GroupsV2.Patch(ctx, iam.PatchGroupRequest{Id: id, Operations: operations})
	}
	done(change(outer.Id, patch(iam.PatchOpAdd, "members", listOf(user.Id)),
		patch(iam.PatchOpRemove, fmt.Sprintf(`members[value eq "%s"]`, other.Id), nil),
		patch(iam.PatchOpReplace, "displayName", "changed outer"),
		patch(iam.PatchOpAdd, "entitlements", listOf("workspace-access"))))
	read := groupOf(outer.Id)
	same("members", values(read.Members), sorted(inner.Id, user.Id))
	same("the name", read.DisplayName, "changed outer")
	same("entitlements", values(read.Entitlements), []string{"workspace-access"})
	done(change(outer.Id, patch(iam.PatchOpAdd, "", map[string]any{"members": listOf(other.Id)})))
	same("members added without a path", len(groupOf(outer.Id).Members), 3)
	refused(change(inner.Id, patch(iam.PatchOpAdd, "members", listOf(outer.Id))), databricks.ErrBadRequest, "")
	refused(change(inner.Id, patch(iam.PatchOpAdd, "members", listOf("404"))), nil, "404")
	done(w.GroupsV2.Update(ctx, iam.UpdateGroupRequest{Id: outer.Id, DisplayName: "put outer", Members: listOf(inner.Id)}))
	read = groupOf(outer.Id)
	same("members after the PUT", values(read.Members), []string{inner.Id})
	same("entitlements after the PUT", len(read.Entitlements), 0)

	admins := must(w.GroupsV2.ListAll(ctx, iam.ListGroupsRequest{Filter: `displayName eq "admins"`}))[0]
	done(change(admins.Id, patch(iam.PatchOpAdd, "members", listOf(user.Id))))
	includes("admins", values(groupOf(admins.Id).Members), user.Id)
	refused(w.GroupsV2.Delete(ctx, iam.DeleteGroupRequest{Id: admins.Id}), nil, "admins")
}
