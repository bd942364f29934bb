#!/usr/bin/env python3
"""The Python SDK of Databricks against a simulated workspace: DATABRICKS_HOST and DATABRICKS_TOKEN.

One case for each kind: create, read back, list with paging, change, delete, and the documented errors.
"""

import base64
import io
import json
import sys
import time
import uuid

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import (AlreadyExists, BadRequest, DatabricksError, InvalidParameterValue, NotFound,
                                   PermissionDenied, ResourceAlreadyExists, ResourceConflict)
from databricks.sdk.service import catalog, compute, dashboards, iam, jobs, pipelines, settings, sql
from databricks.sdk.service.workspace import ExportFormat, ImportFormat, Language, ObjectType

import python_sdk_platform  # noqa: F401 # it has cases too
from python_cases import NODE, SPARK, case, refused, run_cases, same

LEVEL = iam.PermissionLevel
VALUE = iam.ComplexValue


def patch(op, path, value=None):
    return iam.Patch(op=iam.PatchOp(op), path=path, value=value)


def values(items):
    return sorted(item.value for item in items or [])


def grant(level, **principal):
    return iam.AccessControlRequest(permission_level=level, **principal)


def direct(permissions):
    """What an answer of the permissions API grants directly: {principal: level}."""
    return {entry.user_name or entry.group_name or entry.service_principal_name: level.permission_level
            for entry in permissions.access_control_list for level in entry.all_permissions if not level.inherited}


def some_user(w):
    return w.users_v2.create(user_name=f"{uuid.uuid4().hex[:8]}@lakeside.example")


# --- identity


@case
def credentials(w):
    me = w.current_user.me()
    assert "admins" in [group.display for group in me.groups], "the caller is not shown as an admin"
    stranger = WorkspaceClient(host=w.config.host, token="dapi-wrong", config_file="/dev/null")
    refused(stranger.current_user.me, PermissionDenied, "Invalid access token")
    refused(lambda: w.api_client.do("GET", "/api/2.0/no/such/thing"), NotFound, "")


@case
def machine_to_machine(w):
    """A service principal with a secret: the client finds the token endpoint by itself."""
    machine = {"client_id": str(uuid.uuid4()), "client_secret": "dose-secret"}
    w.api_client.do("POST", "/sim/credentials", body=machine)
    client = WorkspaceClient(host=w.config.host, auth_type="oauth-m2m", config_file="/dev/null", **machine)
    same(client.current_user.me().user_name, machine["client_id"], "a service principal is called by its application id")
    stranger = WorkspaceClient(host=w.config.host, auth_type="oauth-m2m", config_file="/dev/null",
                               client_id=machine["client_id"], client_secret="wrong")
    try:
        stranger.current_user.me()
    except ValueError as problem:
        assert "invalid_client" in str(problem), f"refused with {problem}"
    else:
        raise AssertionError("a wrong secret was good for a token")


@case
def throttling(w):
    """The client waits as long as it is told to, and asks again."""
    w.api_client.do("POST", "/sim/faults", body={
        "method": "GET", "path": "/api/2.0/instance-pools/list", "times": 2, "status": 429, "retry_after": 1})
    started = time.monotonic()
    list(w.instance_pools.list())
    assert time.monotonic() - started >= 2, "did not wait twice for a second"


@case
def users(w):
    name = "Ana.Ruiz@lakeside.example"
    user = w.users_v2.create(user_name=name, display_name="Ana Ruiz", active=True,
                             name=iam.Name(given_name="Ana", family_name="Ruiz"),
                             entitlements=[VALUE(value="allow-cluster-create")])
    read = w.users_v2.get(user.id)
    same((read.user_name, read.display_name, read.active), (name, "Ana Ruiz", True), "the user")
    same((read.name.given_name, read.emails[0].value), ("Ana", name), "given name and mail address")
    refused(lambda: w.users_v2.create(user_name=name), ResourceConflict, "already exists")
    refused(lambda: w.users_v2.create(user_name=name.upper()), ResourceConflict, "already exists")

    for number in range(7):
        w.users_v2.create(user_name=f"page-{number}@lakeside.example")
    everybody = [each.id for each in w.users_v2.list(attributes="id,userName", count=3)]
    same(len(everybody), len(set(everybody)), "users in pages of 3, each once")
    same(len(everybody), len(list(w.users_v2.list())), "users in pages of 3 and in one")
    same([each.id for each in w.users_v2.list(filter='userName eq "ana.ruiz@LAKESIDE.example"')], [user.id],
         "users by name, whatever the case")
    same(len(list(w.users_v2.list(filter='userName sw "page-" and active eq "true"'))), 7, "users by two conditions")
    refused(lambda: w.users_v2.list(filter="userName is nonsense"), BadRequest, "")

    w.users_v2.patch(user.id, schemas=[iam.PatchSchema.URN_IETF_PARAMS_SCIM_API_MESSAGES_2_0_PATCH_OP],
                     operations=[patch("add", "entitlements", [{"value": "allow-instance-pool-create"}]),
                                 patch("replace", "active", "false")])
    read = w.users_v2.get(user.id)
    same(values(read.entitlements), ["allow-cluster-create", "allow-instance-pool-create"], "entitlements")
    same(bool(read.active), False, "active")
    w.users_v2.patch(user.id, operations=[patch("replace", "active", [{"value": "true"}]),
                                          patch("remove", 'entitlements[value eq "allow-cluster-create"]')])
    same(values(w.users_v2.get(user.id).entitlements), ["allow-instance-pool-create"], "entitlements left")
    refused(lambda: w.users_v2.patch(user.id, operations=[
        patch("remove", "entitlements", [{"value": "allow-cluster-create"}])]), BadRequest, "No such attribute")
    w.users_v2.update(user.id, user_name=name, display_name="Ana R.", active=True)
    read = w.users_v2.get(user.id)
    same((read.display_name, values(read.entitlements)), ("Ana R.", []), "a PUT replaces everything")

    w.users_v2.delete(user.id)
    refused(lambda: w.users_v2.get(user.id), NotFound, "not found")
    refused(lambda: w.users_v2.delete(user.id), NotFound, "not found")


@case
def service_principals(w):
    application = str(uuid.uuid4())
    made = w.service_principals.create(application_id=application, display_name="etl", active=True)
    same(w.service_principals.get(made.id).application_id, application, "application id")
    refused(lambda: w.service_principals.create(application_id=application), ResourceConflict, "already exists")
    managed = w.service_principals.create(display_name="etl")  # names may repeat; the id is invented
    uuid.UUID(managed.application_id)
    for number in range(4):
        w.service_principals.create(application_id=str(uuid.uuid4()), display_name=f"page-{number}")
    everybody = [each.id for each in w.service_principals.list(count=2)]
    same(len(everybody), len(set(everybody)), "service principals in pages of 2, each once")
    found = list(w.service_principals.list(filter=f'applicationId eq "{application}"'))
    same([each.id for each in found], [made.id], "service principals by application id")

    w.service_principals.patch(made.id, operations=[
        patch("add", "entitlements", [{"value": "workspace-access"}]), patch("replace", "displayName", "etl 2")])
    read = w.service_principals.get(made.id)
    same((read.display_name, values(read.entitlements)), ("etl 2", ["workspace-access"]), "after the patch")
    w.service_principals.update(made.id, application_id=application, display_name="etl 3", active=False)
    same(bool(w.service_principals.get(made.id).active), False, "active after the PUT")
    w.service_principals.delete(made.id)
    refused(lambda: w.service_principals.get(made.id), NotFound, "not found")


@case
def groups(w):
    user = some_user(w)
    robot = w.service_principals.create(display_name="robot")
    inner = w.groups.create(display_name="inner", members=[VALUE(value=user.id)])
    outer = w.groups.create(display_name="Outer", members=[VALUE(value=inner.id), VALUE(value=robot.id)],
                            entitlements=[VALUE(value="allow-cluster-create")])
    read = w.groups.get(outer.id)
    same(values(read.members), sorted([inner.id, robot.id]), "members")
    same(sorted(member.ref.split("/")[0] for member in read.members), ["Groups", "ServicePrincipals"], "member types")
    same(read.meta.resource_type, "WorkspaceGroup", "resource type")
    same(values(w.groups.get(inner.id).groups), [outer.id], "parents of the inner group")
    same({group.display: group.type for group in w.users_v2.get(user.id).groups if group.display != "users"},
         {"inner": "direct", "Outer": "indirect"}, "groups of the member")
    refused(lambda: w.groups.create(display_name="OUTER"), ResourceConflict, "already exists")

    members = [patch("add", "members", [{"value": user.id}]),
               patch("remove", f'members[value eq "{robot.id}"]'), patch("replace", "displayName", "outer 2")]
    w.groups.patch(outer.id, operations=members)
    read = w.groups.get(outer.id)
    same((read.display_name, values(read.members)), ("outer 2", sorted([inner.id, user.id])), "after the patch")
    w.groups.patch(outer.id, operations=[iam.Patch(op=iam.PatchOp.ADD, value={"members": [{"value": robot.id}]})])
    same(len(w.groups.get(outer.id).members), 3, "members added without a path")
    refused(lambda: w.groups.patch(inner.id, operations=[patch("add", "members", [{"value": outer.id}])]),
            BadRequest, "")
    refused(lambda: w.groups.patch(inner.id, operations=[patch("add", "members", [{"value": "404"}])]),
            DatabricksError, "404")
    w.groups.update(outer.id, display_name="outer 3", members=[VALUE(value=inner.id)])
    read = w.groups.get(outer.id)
    same((values(read.members), values(read.entitlements)), ([inner.id], []), "a PUT replaces everything")

    for number in range(5):
        w.groups.create(display_name=f"page-{number}")
    names = [group.display_name for group in w.groups.list(attributes="id,displayName", count=2)]
    same(len(names), len(set(names)), "groups in pages of 2, each once")
    assert {"admins", "users", "inner", "outer 3"} <= set(names), f"a group is missing in {names}"
    admins = next(iter(w.groups.list(filter='displayName eq "admins"')))
    w.groups.patch(admins.id, operations=[patch("add", "members", [{"value": user.id}])])
    assert user.id in values(w.groups.get(admins.id).members), "the new admin is not one"
    refused(lambda: w.groups.delete(admins.id), DatabricksError, "admins")
    w.groups.delete(outer.id)
    refused(lambda: w.groups.get(outer.id), NotFound, "not found")
    same(values(w.groups.get(inner.id).groups), [], "parents after the delete")


# --- the tree


@case
def directories(w):
    w.workspace.mkdirs("/Workspace/Shared/a/b/c d/#1?")
    w.workspace.mkdirs("/Shared/a//b")
    status = w.workspace.get_status("/Shared/a/b/c d/#1?")
    same((status.object_type, status.path), (ObjectType.DIRECTORY, "/Shared/a/b/c d/#1?"), "the directory")
    same([item.path for item in w.workspace.list("/Shared/a")], ["/Shared/a/b"], "the listing")
    same(list(w.workspace.list("/Shared/a/b/c d/#1?")), [], "an empty listing")
    refused(lambda: w.workspace.list("/Shared/none"), NotFound, "Path (/Shared/none) doesn't exist.")
    refused(lambda: w.workspace.get_status("/Shared/none"), NotFound, "Path (/Shared/none) doesn't exist.")
    refused(lambda: w.workspace.delete("/Shared/a"), BadRequest, "not empty")
    for protected in ("/", "/Users", "/Shared"):
        refused(lambda path=protected: w.workspace.delete(path, recursive=True), DatabricksError, "")
    refused(lambda: w.workspace.mkdirs("/Users/nobody@lakeside.example"), DatabricksError, "")
    w.workspace.delete("/Shared/a", recursive=True)
    refused(lambda: w.workspace.get_status("/Shared/a/b"), NotFound, "doesn't exist")
    refused(lambda: w.workspace.delete("/Shared/a"), NotFound, "doesn't exist")


@case
def homes(w):
    user = some_user(w)
    home = f"/Users/{user.user_name}"
    same(w.workspace.get_status(home).object_type, ObjectType.DIRECTORY, "the home of a new user")
    w.workspace.upload(f"{home}/note", b"select 1", language=Language.SQL)
    w.users_v2.delete(user.id)
    same(w.workspace.get_status(f"{home}/note").language, Language.SQL, "what a deleted user leaves")


@case
def notebooks(w):
    w.workspace.mkdirs("/Shared/books")
    comments = {Language.PYTHON: "#", Language.SCALA: "//", Language.SQL: "--", Language.R: "#"}
    for language, comment in comments.items():
        path = f"/Shared/books/in {language.value}"
        whole = f"{comment} Databricks notebook source\n{comment} a\n\n{comment} COMMAND ----------\n\n{comment} ü".encode()
        w.workspace.upload(path, whole, format=ImportFormat.SOURCE, language=language)
        same(w.workspace.download(path).read(), whole, f"{language.value}, downloaded")
        exported = w.workspace.export(path, format=ExportFormat.SOURCE)
        same(base64.b64decode(exported.content), whole, f"{language.value}, exported")
        status = w.workspace.get_status(path)
        same((status.object_type, status.language), (ObjectType.NOTEBOOK, language), "type and language")
    same(len(list(w.workspace.list("/Shared", recursive=True))), 4, "notebooks found below /Shared")

    path = "/Shared/books/bare"
    w.workspace.import_(path, content=base64.b64encode(b"print(1)\n").decode(), language=Language.PYTHON,
                        format=ImportFormat.SOURCE)
    before = w.workspace.get_status(path)
    same(w.workspace.download(path).read(), b"# Databricks notebook source\nprint(1)\n", "a header is added")
    refused(lambda: w.workspace.upload(path, b"1", language=Language.PYTHON), DatabricksError, "already exists.")
    w.workspace.upload(path, b"select 1", language=Language.SQL, overwrite=True)
    after = w.workspace.get_status(path)
    same((after.object_id, after.language), (before.object_id, Language.SQL), "an overwrite keeps the id")
    refused(lambda: w.workspace.upload("/Shared/none/x", b"1", language=Language.PYTHON), NotFound,
            "The parent folder (/Shared/none) does not exist.")
    refused(lambda: w.workspace.upload("/Shared/books/dumb", b"1"), DatabricksError, "")
    refused(lambda: w.workspace.export("/Shared/none/x"), NotFound, "doesn't exist")

    jupyter = json.dumps({"cells": [{"cell_type": "code", "source": ["1"], "metadata": {}, "outputs": [],
                                     "execution_count": None}], "metadata": {}, "nbformat": 4,
                          "nbformat_minor": 5}).encode()
    w.workspace.upload("/Shared/books/native", jupyter, format=ImportFormat.JUPYTER)
    same(json.loads(w.workspace.download("/Shared/books/native", format=ExportFormat.JUPYTER).read()),
         json.loads(jupyter), "a Jupyter notebook")
    w.workspace.upload("/Shared/books/auto.ipynb", jupyter, format=ImportFormat.AUTO)
    same(w.workspace.get_status("/Shared/books/auto").object_type, ObjectType.NOTEBOOK, "the extension is gone")
    w.workspace.upload("/Shared/books/auto.py", b"# Databricks notebook source\n1", format=ImportFormat.AUTO,
                       overwrite=True)
    same(w.workspace.download("/Shared/books/auto").read(), b"# Databricks notebook source\n1", "clobbered by name")
    w.workspace.delete(path)
    refused(lambda: w.workspace.get_status(path), NotFound, "doesn't exist")


@case
def workspace_files(w):
    w.workspace.mkdirs("/Shared/files")
    small, path = bytes(range(256)), "/Shared/files/all bytes ü.bin"
    w.workspace.upload(path, io.BytesIO(small), format=ImportFormat.AUTO)
    same(w.workspace.download(path).read(), small, "the file")
    status = w.workspace.get_status(path)
    same((status.object_type, status.size), (ObjectType.FILE, 256), "type and size")
    problem = refused(lambda: w.workspace.upload(path, b"2", format=ImportFormat.AUTO), DatabricksError,
                      "already exists")
    assert isinstance(problem, (AlreadyExists, ResourceAlreadyExists, ResourceConflict)), f"{type(problem)}"
    w.workspace.upload(path, b"2", format=ImportFormat.AUTO, overwrite=True)
    same((w.workspace.download(path).read(), w.workspace.get_status(path).object_id), (b"2", status.object_id),
         "after an overwrite")
    refused(lambda: w.workspace.upload(path, b"2", language=Language.PYTHON, overwrite=True), DatabricksError, "")
    w.workspace.upload("/Shared/files/plain.py", b"print(1)", format=ImportFormat.AUTO)
    same(w.workspace.get_status("/Shared/files/plain.py").object_type, ObjectType.FILE, "a module")
    w.workspace.upload("/Shared/files/raw.py", b"# Databricks notebook source\n", format=ImportFormat.RAW)
    same(w.workspace.get_status("/Shared/files/raw.py").object_type, ObjectType.FILE, "RAW is always a file")

    large, place = bytes(11 << 20), "/Shared/files/large.bin"
    content = base64.b64encode(large).decode()
    refused(lambda: w.workspace.import_(place, content=content, format=ImportFormat.AUTO), BadRequest, "10485760")
    w.workspace.upload(place, large, format=ImportFormat.AUTO)
    same(w.workspace.get_status(place).size, len(large), "the size of a large file")
    refused(lambda: w.workspace.export(place, format=ExportFormat.AUTO), BadRequest, "10485760")
    assert w.workspace.download(place, format=ExportFormat.AUTO).read() == large, "the large file came back changed"
    w.workspace.delete(place)
    refused(lambda: w.workspace.download(place), NotFound, "doesn't exist")


# --- compute


@case
def cluster_policies(w):
    pool = w.instance_pools.create("for policies", NODE)
    definition = json.dumps({"instance_pool_id": {"type": "fixed", "value": pool.instance_pool_id}})
    library = compute.Library(pypi=compute.PythonPyPiLibrary(package="simplejson==3.8.0"))
    made = w.cluster_policies.create(name="small", definition=definition, description="d", libraries=[library],
                                     max_clusters_per_user=3)
    read = w.cluster_policies.get(made.policy_id)
    same((read.name, read.definition, read.description, read.max_clusters_per_user, read.is_default),
         ("small", definition, "d", 3, False), "the policy")
    same(read.libraries, [library], "its libraries")
    refused(lambda: w.cluster_policies.create(name="small", definition="{}"), DatabricksError, "already exists")
    refused(lambda: w.cluster_policies.create(name="x", definition="{"), DatabricksError, "")
    refused(lambda: w.cluster_policies.create(name="x", definition="{}", max_clusters_per_user=0), BadRequest, "")
    refused(lambda: w.cluster_policies.create(name="x", definition="{}", policy_family_id="personal-vm"),
            BadRequest, "")
    w.cluster_policies.edit(made.policy_id, name="smaller", definition="{}")
    read = w.cluster_policies.get(made.policy_id)
    same((read.name, read.description, read.libraries or None, read.max_clusters_per_user),
         ("smaller", None, None, None), "an edit replaces everything")

    overrides = json.dumps({"autotermination_minutes": {"type": "fixed", "value": 30}})
    child = w.cluster_policies.create(name="family", policy_family_id="personal-vm",
                                      policy_family_definition_overrides=overrides)
    read = w.cluster_policies.get(child.policy_id)
    same(read.policy_family_definition_overrides, overrides, "overrides")
    merged = json.loads(read.definition)
    same((merged["autotermination_minutes"]["value"], len(merged) > 1), (30, True), "the merged definition")
    families = list(w.policy_families.list(max_results=1))
    assert "job-cluster" in [family.policy_family_id for family in families], f"families: {families}"
    same(w.policy_families.get("personal-vm").policy_family_id, "personal-vm", "a family")
    listed = [policy.name for policy in w.cluster_policies.list(sort_column=compute.ListSortColumn.POLICY_NAME,
                                                                 sort_order=compute.ListSortOrder.ASC)]
    same(listed, sorted(listed), "policies by name")
    default = next(policy for policy in w.cluster_policies.list() if policy.is_default)
    refused(lambda: w.cluster_policies.delete(default.policy_id), DatabricksError, "")
    w.cluster_policies.delete(made.policy_id)
    refused(lambda: w.cluster_policies.get(made.policy_id), DatabricksError, made.policy_id)


@case
def instance_pools(w):
    made = w.instance_pools.create(
        "fast", NODE, min_idle_instances=0, max_capacity=5, custom_tags={"team": "core"}, enable_elastic_disk=False,
        preloaded_spark_versions=[SPARK],
        azure_attributes=compute.InstancePoolAzureAttributes(
            availability=compute.InstancePoolAzureAttributesAvailability.SPOT_AZURE, spot_bid_max_price=-1),
        disk_spec=compute.DiskSpec(disk_count=1, disk_size=100))
    read = w.instance_pools.get(made.instance_pool_id)
    same((read.instance_pool_name, read.max_capacity, read.custom_tags, read.enable_elastic_disk),
         ("fast", 5, {"team": "core"}, False), "the pool")
    same((read.state.value, read.azure_attributes.availability.value, read.idle_instance_autotermination_minutes),
         ("ACTIVE", "SPOT_AZURE", 60), "state, attributes and a default")
    same((read.stats.used_count, read.stats.idle_count), (0, 0), "counters")
    refused(lambda: w.instance_pools.create("fast", NODE), DatabricksError, "already exists")
    refused(lambda: w.instance_pools.create("x", NODE, min_idle_instances=3, max_capacity=2), BadRequest, "")
    w.instance_pools.edit(made.instance_pool_id, "faster", NODE, min_idle_instances=0)
    read = w.instance_pools.get(made.instance_pool_id)
    same((read.instance_pool_name, read.max_capacity, read.enable_elastic_disk), ("faster", None, False),
         "an edit resets what it may set and keeps the rest")
    refused(lambda: w.instance_pools.edit(made.instance_pool_id, "faster", "Standard_E8ds_v5"), BadRequest, "")
    assert made.instance_pool_id in [pool.instance_pool_id for pool in w.instance_pools.list()], "not listed"
    w.instance_pools.delete(made.instance_pool_id)
    refused(lambda: w.instance_pools.get(made.instance_pool_id), DatabricksError, made.instance_pool_id)


@case
def clusters(w):
    policy = w.cluster_policies.create(name="of clusters", definition="{}").policy_id
    made = w.clusters.create(SPARK, cluster_name="shared", node_type_id=NODE, num_workers=0, policy_id=policy,
                             apply_policy_default_values=True, autotermination_minutes=30,
                             spark_conf={"spark.databricks.cluster.profile": "singleNode"},
                             spark_env_vars={"A": "b"}, custom_tags={"ResourceClass": "SingleNode"},
                             data_security_mode=compute.DataSecurityMode.SINGLE_USER,
                             init_scripts=[compute.InitScriptInfo(workspace=compute.WorkspaceStorageInfo("/Shared/i.sh"))])
    same(w.clusters.get(made.cluster_id).state, compute.State.PENDING, "the state at first")
    refused(lambda: w.clusters.edit(made.cluster_id, SPARK, node_type_id=NODE, num_workers=1), BadRequest, "unexpected")
    read = made.result()
    same((read.state, read.num_workers, read.cluster_source.value), (compute.State.RUNNING, 0, "API"), "the cluster")
    same((read.driver_node_type_id, read.single_user_name), (NODE, w.current_user.me().user_name), "filled in")
    same((read.spec.apply_policy_default_values, read.default_tags["ClusterId"]), (True, made.cluster_id),
         "what only spec has, and a default tag")
    same(read.azure_attributes.spot_bid_max_price, -1, "the default price")
    assert read.spark_context_id > 2**53, "the context id is too small to tell a double"

    for arguments, text in (({}, "num_workers"), ({"num_workers": 1, "policy_id": "none"}, "none"),
                            ({"num_workers": 1, "instance_pool_id": "no-pool"}, "no-pool"),
                            ({"num_workers": 1, "autotermination_minutes": 5}, "autotermination"),
                            ({"num_workers": 1, "autoscale": compute.AutoScale(max_workers=2)}, "num_workers")):
        refused(lambda some=arguments: w.clusters.create(SPARK, node_type_id=NODE, **some), DatabricksError, text)
    w.clusters.update(made.cluster_id, "num_workers,spark_conf",
                      cluster=compute.UpdateClusterResource(num_workers=2)).result()
    read = w.clusters.get(made.cluster_id)
    same((read.num_workers, read.spark_conf, read.spark_env_vars), (2, None, {"A": "b"}), "after an update")
    w.clusters.resize(made.cluster_id, num_workers=3).result()
    same(w.clusters.get(made.cluster_id).num_workers, 3, "workers after a resize")
    w.clusters.pin(made.cluster_id)
    same([each.cluster_id for each in w.clusters.list(
        filter_by=compute.ListClustersFilterBy(is_pinned=True))], [made.cluster_id], "pinned ones")
    refused(lambda: w.clusters.permanent_delete(made.cluster_id), DatabricksError, "unpin the cluster first")
    w.clusters.delete(made.cluster_id).result()
    refused(lambda: w.clusters.resize(made.cluster_id, num_workers=1), BadRequest, "")
    w.clusters.edit(made.cluster_id, SPARK, node_type_id=NODE, cluster_name="renamed",
                    autoscale=compute.AutoScale(min_workers=1, max_workers=4))
    read = w.clusters.get(made.cluster_id)
    same((read.state, read.cluster_name, read.autoscale.max_workers, read.num_workers, read.policy_id),
         (compute.State.TERMINATED, "renamed", 4, None, None), "an edit replaces everything and starts nothing")
    owner = some_user(w)
    w.clusters.change_owner(made.cluster_id, owner.user_name)
    same(w.clusters.get(made.cluster_id).creator_user_name, owner.user_name, "the owner")
    events = [event.type.value for event in w.clusters.events(made.cluster_id, page_size=2)]
    assert {"CREATING", "RUNNING", "EDITED", "TERMINATING"} <= set(events), f"events: {events}"

    for _ in range(4):
        w.clusters.create(SPARK, cluster_name="twin", node_type_id=NODE, num_workers=1)
    ids = [each.cluster_id for each in w.clusters.list(page_size=2)]
    same((len(ids), len(set(ids))), (5, 5), "clusters in pages of 2, each once")
    running = compute.ListClustersFilterBy(cluster_states=[compute.State.PENDING, compute.State.RUNNING],
                                           cluster_sources=[compute.ClusterSource.API])
    same(len(list(w.clusters.list(filter_by=running))), 4, "clusters by state")
    by_name = compute.ListClustersSortBy(field=compute.ListClustersSortByField.CLUSTER_NAME,
                                         direction=compute.ListClustersSortByDirection.ASC)
    same([each.cluster_name for each in w.clusters.list(sort_by=by_name)][0], "renamed", "first by name")
    assert w.clusters.select_spark_version(long_term_support=True), "no Spark version is selected"
    assert NODE in [each.node_type_id for each in w.clusters.list_node_types().node_types], "node types"

    w.clusters.unpin(made.cluster_id)
    w.clusters.permanent_delete(made.cluster_id)
    refused(lambda: w.clusters.get(made.cluster_id), NotFound, f"Cluster {made.cluster_id} does not exist")
    refused(lambda: w.clusters.start(made.cluster_id), InvalidParameterValue, "does not exist")
    for each in w.clusters.list():
        w.clusters.permanent_delete(each.cluster_id)


@case
def cluster_libraries(w):
    cluster = w.clusters.create(SPARK, cluster_name="with libraries", node_type_id=NODE, num_workers=1)
    wanted = [compute.Library(pypi=compute.PythonPyPiLibrary(package="numpy==1.26.4", repo="https://pypi.lakeside.example")),
              compute.Library(maven=compute.MavenLibrary(coordinates="a:b:1", exclusions=["c:d"])),
              compute.Library(cran=compute.RCranLibrary(package="forecast")), compute.Library(jar="dbfs:/x.jar"),
              compute.Library(whl="/Workspace/Shared/x.whl"), compute.Library(requirements="/Workspace/Shared/r.txt")]
    w.libraries.install(cluster.cluster_id, wanted)
    w.libraries.install(cluster.cluster_id, wanted[:1])
    found = list(w.libraries.cluster_status(cluster.cluster_id))
    same([each.library.as_dict() for each in found], [each.as_dict() for each in wanted], "libraries, each once")
    cluster.result()
    w.libraries.uninstall(cluster.cluster_id, wanted[3:4])
    found = {json.dumps(each.library.as_dict()): each.status.value for each in w.libraries.cluster_status(cluster.cluster_id)}
    same(found[json.dumps(wanted[3].as_dict())], "UNINSTALL_ON_RESTART", "on a running cluster")
    w.clusters.restart(cluster.cluster_id).result()
    everywhere = {each.cluster_id: len(each.library_statuses) for each in w.libraries.all_cluster_statuses()}
    same(everywhere[cluster.cluster_id], 5, "libraries after the restart")
    refused(lambda: w.libraries.install("no-cluster", wanted), InvalidParameterValue, "Cluster no-cluster does not exist")
    refused(lambda: w.libraries.cluster_status("no-cluster"), DatabricksError, "Cluster no-cluster does not exist")
    w.clusters.permanent_delete(cluster.cluster_id)


# --- jobs


def task(key, **fields):
    return jobs.Task(task_key=key, **fields)


def sleepless(name, **fields):
    return jobs.JobSettings(name=name, tasks=[task("a", notebook_task=jobs.NotebookTask("/Shared/x"))], **fields)


def job_of_many_types(w):
    """Settings that refer to a thing of each kind."""
    cluster = w.clusters.create(SPARK, cluster_name="of jobs", node_type_id=NODE, num_workers=1).cluster_id
    warehouse = next(iter(w.warehouses.list())).id
    query = w.queries.create(query=sql.CreateQueryRequestQuery(display_name="of jobs", query_text="select 1",
                                                               warehouse_id=warehouse)).id
    pipeline = w.pipelines.create(name="of jobs", libraries=[]).pipeline_id
    dashboard = w.lakeview.create(dashboards.Dashboard(display_name="of jobs")).dashboard_id
    destination = w.notification_destinations.create(
        display_name="of jobs", config=settings.Config(email=settings.EmailConfig(addresses=["a@lakeside.example"]))).id
    other = w.jobs.create(name="other").job_id
    new_cluster = compute.ClusterSpec(spark_version=SPARK, node_type_id=NODE, num_workers=1)
    tasks = [
        task("notebook", existing_cluster_id=cluster, libraries=[compute.Library(jar="dbfs:/x.jar")],
             notebook_task=jobs.NotebookTask("/Shared/x", base_parameters={"a": "b"})),
        task("python", depends_on=[jobs.TaskDependency("wheel"), jobs.TaskDependency("notebook")],
             new_cluster=new_cluster, spark_python_task=jobs.SparkPythonTask("/Workspace/Shared/x.py")),
        task("wheel", environment_key="env", python_wheel_task=jobs.PythonWheelTask(package_name="p", entry_point="e")),
        task("jar", job_cluster_key="main", spark_jar_task=jobs.SparkJarTask(main_class_name="A")),
        task("pipeline", pipeline_task=jobs.PipelineTask(pipeline)),
        task("job", run_job_task=jobs.RunJobTask(other)),
        task("query", sql_task=jobs.SqlTask(warehouse, query=jobs.SqlTaskQuery(query))),
        task("file", sql_task=jobs.SqlTask(warehouse, file=jobs.SqlTaskFile("/Shared/x.sql"))),
        task("dashboard", dashboard_task=jobs.DashboardTask(
            dashboard_id=dashboard, warehouse_id=warehouse,
            subscription=jobs.Subscription(subscribers=[jobs.SubscriptionSubscriber(destination_id=destination)]))),
        task("dbt", environment_key="env", dbt_task=jobs.DbtTask(["dbt run"], warehouse_id=warehouse)),
        task("condition", condition_task=jobs.ConditionTask(jobs.ConditionTaskOp.EQUAL_TO, "1", "1")),
        task("loop", depends_on=[jobs.TaskDependency("condition", outcome="true")],
             for_each_task=jobs.ForEachTask("[1,2]", task("inner", run_job_task=jobs.RunJobTask(other)), concurrency=2)),
    ]
    return other, jobs.JobSettings(
        name="many types", tasks=tasks, max_concurrent_runs=4, tags={"team": "core"},
        job_clusters=[jobs.JobCluster("main", new_cluster)], queue=jobs.QueueSettings(enabled=False),
        environments=[jobs.JobEnvironment("env", compute.Environment(environment_version="2"))],
        parameters=[jobs.JobParameterDefinition("p", "1")],
        webhook_notifications=jobs.WebhookNotifications(on_failure=[jobs.Webhook(destination)]),
        health=jobs.JobsHealthRules([jobs.JobsHealthRule(jobs.JobsHealthMetric.RUN_DURATION_SECONDS,
                                                         jobs.JobsHealthOperator.GREATER_THAN, 60)]),
        schedule=jobs.CronSchedule("0 0 2 * * ?", "UTC", pause_status=jobs.PauseStatus.PAUSED))


def created(w, wanted):
    fields = {name: getattr(wanted, name) for name in vars(wanted) if getattr(wanted, name) is not None}
    return w.jobs.create(**fields).job_id


def contains(whole, part, place=""):
    """Everything of `part` is in `whole`, whatever the server added."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole, f"{place}/{key} is missing"
            contains(whole[key], value, f"{place}/{key}")
    elif isinstance(part, list):
        same(len(whole), len(part), f"elements of {place}")
        for number, (one, other) in enumerate(zip(whole, part)):
            contains(one, other, f"{place}/{number}")
    else:
        same(whole, part, place)


@case
def jobs_of_many_types(w):
    other, wanted = job_of_many_types(w)
    job_id = created(w, wanted)
    expected = wanted.as_dict()
    expected["tasks"].sort(key=lambda each: each["task_key"])
    for each in expected["tasks"]:
        each.get("depends_on", []).sort(key=lambda dependency: dependency["task_key"])
    read = w.jobs.get(job_id)
    contains(read.settings.as_dict(), expected)
    me = w.current_user.me().user_name
    same((read.job_id, read.creator_user_name, read.run_as_user_name), (job_id, me, me), "the job")
    same((read.settings.format.value, read.settings.tasks[0].run_if.value), ("MULTI_TASK", "ALL_SUCCESS"), "defaults")

    # Two jobs that call each other: only an update can close the circle.
    w.jobs.update(other, new_settings=jobs.JobSettings(tasks=[task("back", run_job_task=jobs.RunJobTask(job_id))]))
    same(w.jobs.get(other).settings.tasks[0].run_job_task.job_id, job_id, "the job called back")
    missing = {"run_job_task": jobs.RunJobTask(404), "pipeline_task": jobs.PipelineTask("no-pipeline"),
               "sql_task": jobs.SqlTask("no-warehouse", query=jobs.SqlTaskQuery("no-query")),
               "existing_cluster_id": "no-cluster", "job_cluster_key": "no-key",
               "depends_on": [jobs.TaskDependency("no-task")]}
    for field, value in missing.items():
        refused(lambda some={field: value}: w.jobs.create(name="x", tasks=[task("a", **some)]), DatabricksError, "")
    refused(lambda: w.jobs.create(name="x", tasks=[task("a"), task("a")]), BadRequest, "a")
    refused(lambda: w.jobs.create(name="x", git_source=jobs.GitSource("https://git.example/x", None)),
            DatabricksError, "git_source.git_provider must be one of")
    for each in w.clusters.list():
        w.clusters.permanent_delete(each.cluster_id)


@case
def jobs_change(w):
    runner = some_user(w)
    job_id = created(w, sleepless("Changing", run_as=jobs.JobRunAs(user_name=runner.user_name), timeout_seconds=60))
    read = w.jobs.get(job_id)
    same(read.run_as_user_name, runner.user_name, "run_as")
    same(read.settings.queue.enabled, True, "the queue of a job that says nothing of it")
    w.jobs.reset(job_id, sleepless("Reset", max_concurrent_runs=2))
    read = w.jobs.get(job_id)
    same((read.settings.name, read.settings.timeout_seconds, read.settings.max_concurrent_runs, read.run_as_user_name),
         ("Reset", 0, 2, runner.user_name), "a reset replaces everything but run_as")
    w.jobs.update(job_id, fields_to_remove=["tasks/a"], new_settings=jobs.JobSettings(
        tags={"a": "b"}, tasks=[task("b", notebook_task=jobs.NotebookTask("/Shared/b"))]))
    read = w.jobs.get(job_id)
    same(([each.task_key for each in read.settings.tasks], read.settings.tags), (["b"], {"a": "b"}), "after an update")
    refused(lambda: w.jobs.update(job_id, new_settings=jobs.JobSettings(run_as=jobs.JobRunAs(user_name="no@body"))),
            DatabricksError, "no@body")
    w.jobs.delete(job_id)
    refused(lambda: w.jobs.get(job_id), NotFound, f"Job {job_id} does not exist.")
    refused(lambda: w.jobs.delete(job_id), DatabricksError, f"Job {job_id} does not exist.")


@case
def jobs_triggers(w):
    live, paused = jobs.PauseStatus.UNPAUSED, jobs.PauseStatus.PAUSED
    periodic = jobs.PeriodicTriggerConfiguration(1, jobs.PeriodicTriggerConfigurationTimeUnit.DAYS)
    triggers = {
        "schedule": {"schedule": jobs.CronSchedule("0 0 2 * * ?", "UTC", pause_status=paused)},
        "periodic": {"trigger": jobs.TriggerSettings(pause_status=paused, periodic=periodic)},
        "file": {"trigger": jobs.TriggerSettings(pause_status=live, file_arrival=jobs.FileArrivalTriggerConfiguration(
            "abfss://in@lake.dfs.core.windows.net/"))},
        "table": {"trigger": jobs.TriggerSettings(table_update=jobs.TableUpdateTriggerConfiguration(["a.b.c"]))},
        "continuous": {"continuous": jobs.Continuous(pause_status=paused)},
    }
    for name, trigger in triggers.items():
        job_id = created(w, sleepless(name, **trigger))
        contains(w.jobs.get(job_id).settings.as_dict(), sleepless(name, **trigger).as_dict(), name)
        w.jobs.delete(job_id)
    refused(lambda: created(w, sleepless("x", **triggers["schedule"], **triggers["periodic"])), BadRequest, "")
    refused(lambda: created(w, sleepless("x", max_concurrent_runs=2, **triggers["continuous"])), BadRequest, "")


@case
def jobs_in_pages(w):
    tasks = [task(f"t{number:03}", notebook_task=jobs.NotebookTask("/Shared/x")) for number in range(250)]
    parameters = [jobs.JobParameterDefinition(f"p{number}", "1") for number in range(120)]
    large = w.jobs.create(name="large", tasks=tasks, parameters=parameters).job_id
    read = w.jobs.get(large)
    same((len(read.settings.tasks), len(read.settings.parameters)), (250, 120), "tasks and parameters of a large job")
    same(len({each.task_key for each in read.settings.tasks}), 250, "tasks, each once")
    refused(lambda: w.jobs.create(name="x", tasks=[task(f"t{number}") for number in range(1001)]), BadRequest, "1000")
    for _ in range(25):
        w.jobs.create(name="Same name")
    everything = list(w.jobs.list(limit=7))
    same(len({each.job_id for each in everything}), len(everything), "jobs in pages of 7, each once")
    same([each.created_time for each in everything], sorted((each.created_time for each in everything), reverse=True),
         "jobs, newest first")
    assert not any(each.settings.tasks for each in everything), "a plain listing has tasks"
    same(len(list(w.jobs.list(name="same NAME"))), 25, "jobs by name, whatever the case")
    expanded = next(each for each in w.jobs.list(expand_tasks=True, limit=100) if each.job_id == large)
    same(len(expanded.settings.tasks), 250, "tasks in an expanded listing")
    refused(lambda: w.jobs.list(limit=101), BadRequest, "")


# --- permissions


def permitted(w):
    """(type of the request, id, two levels) for each kind that has permissions."""
    w.workspace.mkdirs("/Shared/permitted")
    w.workspace.upload("/Shared/permitted/book", b"1", language=Language.PYTHON)
    w.workspace.upload("/Shared/permitted/file.txt", b"1", format=ImportFormat.AUTO)
    for kind, path in (("directories", ""), ("notebooks", "/book"), ("files", "/file.txt")):
        yield kind, w.workspace.get_status(f"/Shared/permitted{path}").object_id, LEVEL.CAN_READ, LEVEL.CAN_EDIT
    policy = w.cluster_policies.create(name="permitted", definition="{}").policy_id
    yield "cluster-policies", policy, LEVEL.CAN_USE, LEVEL.CAN_USE
    pool = w.instance_pools.create("permitted", NODE).instance_pool_id
    yield "instance-pools", pool, LEVEL.CAN_ATTACH_TO, LEVEL.CAN_MANAGE
    cluster = w.clusters.create(SPARK, cluster_name="permitted", node_type_id=NODE, num_workers=1).cluster_id
    yield "clusters", cluster, LEVEL.CAN_ATTACH_TO, LEVEL.CAN_RESTART
    yield "jobs", w.jobs.create(name="permitted").job_id, LEVEL.CAN_VIEW, LEVEL.CAN_MANAGE_RUN
    warehouse = w.warehouses.create(name="permitted", cluster_size="Small").id
    yield "warehouses", warehouse, LEVEL.CAN_USE, LEVEL.CAN_MONITOR
    yield "pipelines", w.pipelines.create(name="permitted", libraries=[]).pipeline_id, LEVEL.CAN_VIEW, LEVEL.CAN_RUN
    query = w.queries.create(query=sql.CreateQueryRequestQuery(display_name="permitted", query_text="select 1")).id
    yield "sql/queries", query, LEVEL.CAN_RUN, LEVEL.CAN_EDIT
    dashboard = w.lakeview.create(dashboards.Dashboard(display_name="permitted")).dashboard_id
    yield "dashboards", dashboard, LEVEL.CAN_READ, LEVEL.CAN_RUN


@case
def permissions(w):
    user, robot = some_user(w).user_name, w.service_principals.create(display_name="reader").application_id
    group = w.groups.create(display_name="Readers").display_name
    me = w.current_user.me().user_name
    for kind, number, low, high in permitted(w):
        place, owned = f"{kind}/{number}", kind in ("jobs", "warehouses", "pipelines")
        arguments = (kind, str(number))
        levels = [each.permission_level for each in w.permissions.get_permission_levels(*arguments).permission_levels]
        assert {low, high} <= set(levels), f"levels of {place}: {levels}"
        owner = [grant(LEVEL.IS_OWNER, user_name=me)] if owned else []
        kept = {me: LEVEL.IS_OWNER} if owned else {}
        wanted = owner + [grant(low, user_name=user.upper()), grant(high, group_name=group),
                          grant(low, service_principal_name=robot)]
        w.permissions.set(*arguments, access_control_list=wanted)
        read = w.permissions.get(*arguments)
        same(direct(read), {user: low, group: high, robot: low, **kept}, place)
        inherited = [each.group_name for each in read.access_control_list if each.all_permissions[0].inherited]
        if kind != "cluster-policies":
            assert "admins" in inherited, f"admins inherit nothing from the parent of {place}: {inherited}"
        w.permissions.update(*arguments, access_control_list=[grant(high, user_name=user)])
        same(direct(w.permissions.get(*arguments)), {user: high, group: high, robot: low, **kept}, f"{place}, merged")
        w.permissions.set(*arguments, access_control_list=owner)
        same(direct(w.permissions.get(*arguments)), kept, f"{place}, emptied")
        for stranger in ({"user_name": "no@body"}, {"group_name": "nobody"}, {"service_principal_name": "none"}):
            refused(lambda some=stranger: w.permissions.update(*arguments, access_control_list=[grant(low, **some)]),
                    DatabricksError, next(iter(stranger.values())))
        refused(lambda: w.permissions.update(*arguments, access_control_list=[
            grant(LEVEL.CAN_MANAGE_PRODUCTION_VERSIONS, user_name=user)]), BadRequest, "")


@case
def permissions_traps(w):
    user = some_user(w).user_name
    job = str(w.jobs.create(name="owned").job_id)
    one_owner = "The job must have exactly one owner."
    refused(lambda: w.permissions.set("jobs", job, access_control_list=[]), BadRequest, one_owner)
    refused(lambda: w.permissions.set("jobs", job, access_control_list=[
        grant(LEVEL.IS_OWNER, user_name=name) for name in (user, w.current_user.me().user_name)]), BadRequest, one_owner)
    refused(lambda: w.permissions.set("jobs", job, access_control_list=[grant(LEVEL.IS_OWNER, group_name="users")]),
            BadRequest, "owner")
    w.permissions.set("jobs", job, access_control_list=[grant(LEVEL.IS_OWNER, user_name=user)])
    same(direct(w.permissions.get("jobs", job)), {user: LEVEL.IS_OWNER}, "the new owner")
    refused(lambda: w.permissions.get("no-such-kind", "1"), BadRequest, "request_object_type is not recognized")
    for kind in ("jobs", "clusters", "notebooks", "instance-pools", "cluster-policies"):
        refused(lambda some=kind: w.permissions.get(some, "404"), DatabricksError, "404")
    admins = [grant(LEVEL.CAN_MANAGE, group_name="admins"), grant(LEVEL.CAN_READ, user_name=user)]
    refused(lambda: w.permissions.set("directories", "0", access_control_list=admins[1:]), BadRequest, "admins")
    w.permissions.set("directories", "0", access_control_list=admins)
    home = w.workspace.get_status(f"/Users/{user}").object_id
    entry = next(each for each in w.permissions.get("directories", str(home)).access_control_list
                 if each.user_name == user)
    assert LEVEL.CAN_MANAGE in [each.permission_level for each in entry.all_permissions], "not master in his own home"
    w.workspace.mkdirs(f"/Users/{user}/deep")
    deep = str(w.workspace.get_status(f"/Users/{user}/deep").object_id)
    w.permissions.set("directories", str(home), access_control_list=[grant(LEVEL.CAN_RUN, group_name="users")])
    child = next(each for each in w.permissions.get("directories", deep).access_control_list if each.group_name == "users")
    same((child.all_permissions[0].inherited, child.all_permissions[0].inherited_from_object),
         (True, [f"/directories/{home}"]), "what a child inherits")
    levels = w.api_client.do("GET", f"/api/2.0/permissions/jobs/{job}/permissionLevels")["permission_levels"]
    assert all(level.get("description") for level in levels), f"levels without a description: {levels}"


# --- what jobs and clusters refer to


@case
def warehouses(w):
    made = w.warehouses.create(name="wh", cluster_size="Small", max_num_clusters=2, auto_stop_mins=15,
                               tags=sql.EndpointTags([sql.EndpointTagPair("team", "core")]))
    read = made.result()
    same((read.name, read.state.value, read.max_num_clusters, read.tags.custom_tags[0].key),
         ("wh", "RUNNING", 2, "team"), "the warehouse")
    refused(lambda: w.warehouses.create(name="wh", cluster_size="Small"), DatabricksError, "already exists")
    w.warehouses.edit(made.id, name="wh 2", cluster_size="Medium", max_num_clusters=1)
    w.warehouses.stop(made.id).result()
    read = w.warehouses.get(made.id)
    same((read.name, read.cluster_size, read.state.value), ("wh 2", "Medium", "STOPPED"), "after edit and stop")
    assert made.id in [each.id for each in w.warehouses.list(page_size=1)], "not listed in pages of 1"
    w.warehouses.delete(made.id)
    refused(lambda: w.warehouses.get(made.id), DatabricksError, made.id)


@case
def pipelines_(w):
    library = pipelines.PipelineLibrary(notebook=pipelines.NotebookLibrary("/Shared/x"))
    made = [w.pipelines.create(name=f"p{number}", libraries=[library], development=True).pipeline_id
            for number in range(3)]
    read = w.pipelines.get(made[0])
    same((read.name, read.spec.libraries, read.spec.development), ("p0", [library], True), "the pipeline")
    refused(lambda: w.pipelines.create(name="p0", libraries=[library]), DatabricksError, "")
    same(len({each.pipeline_id for each in w.pipelines.list_pipelines(max_results=1, filter="name LIKE 'p%'")}
             & set(made)), 3, "pipelines in pages of 1")
    w.pipelines.update(made[0], name="p0 renamed", libraries=[library])
    same(w.pipelines.get(made[0]).spec.name, "p0 renamed", "the name")
    w.pipelines.delete(made[0])
    refused(lambda: w.pipelines.get(made[0]), NotFound, made[0])


@case
def queries_and_alerts(w):
    warehouse = next(iter(w.warehouses.list())).id
    made = [w.queries.create(query=sql.CreateQueryRequestQuery(
        display_name=f"q{number}", query_text="select 1", warehouse_id=warehouse, tags=["a"])).id for number in range(3)]
    same((w.queries.get(made[0]).display_name, w.queries.get(made[0]).tags), ("q0", ["a"]), "the query")
    refused(lambda: w.queries.create(query=sql.CreateQueryRequestQuery(display_name="q0", query_text="select 2")),
            DatabricksError, "already exists")
    w.queries.update(made[0], "query_text", query=sql.UpdateQueryRequestQuery(query_text="select 2"))
    same(w.queries.get(made[0]).query_text, "select 2", "the text")
    assert set(made) <= {each.id for each in w.queries.list(page_size=1)}, "queries in pages of 1"

    operand = sql.AlertConditionOperand(sql.AlertOperandColumn("a"))
    condition = sql.AlertCondition(op=sql.AlertOperator.GREATER_THAN, operand=operand,
                                   threshold=sql.AlertConditionThreshold(sql.AlertOperandValue(double_value=1)))
    old = w.alerts.create(alert=sql.CreateAlertRequestAlert(display_name="old", query_id=made[0], condition=condition)).id
    same(w.alerts.get(old).query_id, made[0], "the query of a legacy alert")
    w.alerts.update(old, "display_name", alert=sql.UpdateAlertRequestAlert(display_name="older"))
    assert "older" in [each.display_name for each in w.alerts.list(page_size=1)], "legacy alerts"
    refused(lambda: w.alerts.create(alert=sql.CreateAlertRequestAlert(display_name="x", query_id="none",
                                                                      condition=condition)), DatabricksError, "")
    w.alerts.delete(old)

    evaluation = sql.AlertV2Evaluation(source=sql.AlertV2OperandColumn("a"),
                                       comparison_operator=sql.ComparisonOperator.GREATER_THAN)
    schedule = sql.CronSchedule(quartz_cron_schedule="0 0 2 * * ?", timezone_id="UTC",
                                pause_status=sql.SchedulePauseStatus.PAUSED)
    alert = sql.AlertV2(display_name="new", query_text="select 1", warehouse_id=warehouse, evaluation=evaluation,
                        schedule=schedule)
    new = w.alerts_v2.create_alert(alert)
    same(w.alerts_v2.get_alert(new.id).schedule.pause_status.value, "PAUSED", "the schedule of an alert")
    w.alerts_v2.update_alert(new.id, sql.AlertV2(display_name="newer", query_text="select 1", warehouse_id=warehouse,
                                                 evaluation=evaluation, schedule=schedule), "display_name")
    assert "newer" in [each.display_name for each in w.alerts_v2.list_alerts(page_size=1)], "alerts"
    w.alerts_v2.trash_alert(new.id)
    same(w.alerts_v2.get_alert(new.id).lifecycle_state.value, "DELETED", "an alert in the trash")
    w.queries.delete(made[0])
    refused(lambda: w.queries.get("no-query"), NotFound, "no-query")


@case
def dashboards_(w):
    made = [w.lakeview.create(dashboards.Dashboard(display_name=f"d{number}", serialized_dashboard='{"pages":[]}'))
            for number in range(3)]
    read = w.lakeview.get(made[0].dashboard_id)
    same((read.display_name, json.loads(read.serialized_dashboard)), ("d0", {"pages": []}), "the dashboard")
    same(w.workspace.get_status(read.path).object_type, ObjectType.DASHBOARD, "its place in the tree")
    refused(lambda: w.lakeview.create(dashboards.Dashboard(display_name="d0")), DatabricksError, "already exists")
    w.lakeview.update(read.dashboard_id, dashboards.Dashboard(display_name="d0 renamed"))
    refused(lambda: w.lakeview.update(read.dashboard_id, dashboards.Dashboard(etag=read.etag)), DatabricksError, "")
    same(len({each.dashboard_id for each in w.lakeview.list(page_size=1)} & {each.dashboard_id for each in made}), 3,
         "dashboards in pages of 1")
    warehouse = next(iter(w.warehouses.list())).id
    same(w.lakeview.publish(read.dashboard_id, warehouse_id=warehouse).warehouse_id, warehouse, "published")
    schedule = w.lakeview.create_schedule(read.dashboard_id, dashboards.Schedule(
        cron_schedule=dashboards.CronSchedule("0 0 2 * * ?", "UTC"), pause_status=dashboards.SchedulePauseStatus.PAUSED))
    same(w.lakeview.get_schedule(read.dashboard_id, schedule.schedule_id).pause_status.value, "PAUSED", "its schedule")
    same(len(list(w.lakeview.list_schedules(read.dashboard_id))), 1, "schedules")
    w.lakeview.trash(read.dashboard_id)
    refused(lambda: w.workspace.get_status(w.lakeview.get(read.dashboard_id).path), NotFound, "doesn't exist")
    list(w.dashboards.list(page_size=1))  # the legacy ones: there may be none


@case
def destinations_connections_scopes(w):
    made = [w.notification_destinations.create(display_name="hook", config=settings.Config(
        slack=settings.SlackConfig(url="https://hooks.example/secret"))).id for _ in range(3)]
    read = w.notification_destinations.get(made[0])
    same((read.destination_type.value, read.config.slack.url, read.config.slack.url_set), ("SLACK", None, True),
         "a destination, without its secret")
    w.notification_destinations.update(made[0], display_name="hook 2")
    same(len({each.id for each in w.notification_destinations.list(page_size=1)} & set(made)), 3, "in pages of 1")
    w.notification_destinations.delete(made[0])
    refused(lambda: w.notification_destinations.get(made[0]), NotFound, made[0])

    options = {"host": "db.lakeside.example", "port": "5432", "user": "u", "password": "secret"}
    for name in ("pg", "pg2"):
        w.connections.create(name, catalog.ConnectionType.POSTGRESQL, options, comment="c")
    read = w.connections.get("pg")
    same((read.connection_type.value, read.comment, "password" in read.options), ("POSTGRESQL", "c", False),
         "a connection, without its secret")
    refused(lambda: w.connections.create("pg", catalog.ConnectionType.POSTGRESQL, options), DatabricksError, "exists")
    w.connections.update("pg2", options, new_name="pg3")
    same({each.name for each in w.connections.list(max_results=1)}, {"pg", "pg3"}, "connections in pages of 1")
    w.connections.delete("pg3")
    refused(lambda: w.connections.get("pg3"), NotFound, "pg3")

    w.secrets.create_scope("scope", initial_manage_principal="users")
    same([each.name for each in w.secrets.list_scopes()], ["scope"], "scopes")
    refused(lambda: w.secrets.create_scope("SCOPE"), ResourceAlreadyExists, "already exists")
    w.secrets.delete_scope("scope")
    refused(lambda: w.secrets.delete_scope("scope"), NotFound, "scope")


if __name__ == "__main__":
    sys.exit(run_cases(WorkspaceClient()))
