#!/usr/bin/env node
// The JavaScript SDK of Databricks against a simulated workspace: DATABRICKS_HOST and
// DATABRICKS_TOKEN; CLIENT is the folder it is installed in. One case for each kind.
//
// Known of this client, so never the only oracle: it rounds ids that a double does not hold, sends
// no body with a PATCH, and its lists of SCIM resources never end.
import assert from "node:assert/strict";
import {randomUUID} from "node:crypto";
import {createRequire} from "node:module";

const require = createRequire(process.env.CLIENT + "/");
const {WorkspaceClient} = require("@databricks/sdk-experimental");
const connect = (token) =>
    new WorkspaceClient({host: process.env.DATABRICKS_HOST, token, authType: "pat", skipVerify: false});
const w = connect(process.env.DATABRICKS_TOKEN);
const node_type_id = "Standard_DS3_v2", spark_version = "15.4.x-scala2.12";
const cases = {};

/** `promise` must fail, and say `text`. */
async function refused(promise, text, status) {
    const problem = await promise.then(() => undefined, (error) => error);
    assert.ok(problem, `was not refused: ${text}`);
    const said = `${problem.errorCode} ${problem.message}`;
    assert.ok(said.includes(text), `refused with '${said}', which lacks '${text}'`);
    if (status) assert.equal(problem.statusCode, status, said);
}

async function all(list, most = Infinity) {
    const found = [];
    if (most > 0)
        for await (const item of list)
            if (found.push(item) >= most) break;
    return found;
}
const ids = (items, key = "id") => items.map((item) => item[key]);
const once = (items, what) => assert.equal(new Set(items).size, items.length, `${what}, each once`);
const base64 = (text) => Buffer.from(text).toString("base64");

/** The answer as text, for ids that are larger than a number of this language. */
async function text(path, query) {
    const {contents} = await w.apiClient.request({path, method: "GET", headers: new Headers(), query, raw: true});
    const parts = [];
    for await (const part of contents) parts.push(Buffer.from(part));
    return Buffer.concat(parts).toString();
}
const numbers = (answer, key) => [...answer.matchAll(new RegExp(`"${key}":(\\d+)`, "g"))].map((found) => found[1]);
const job_id_of = async (name) => numbers(await text("/api/2.2/jobs/list", {name}), "job_id")[0];
const object_id_of = async (path) => numbers(await text("/api/2.0/workspace/get-status", {path}), "object_id")[0];

cases.credentials = async () => {
    assert.ok((await w.currentUser.me()).groups.some((group) => group.display === "admins"), "the caller is no admin");
    await refused(connect("wrong").currentUser.me(), "Invalid access token", 403);
};

cases.users = async () => {
    const userName = "ana.ruiz@lakeside.example";
    const made = await w.usersV2.create({userName, displayName: "Ana", entitlements: [{value: "workspace-access"}]});
    assert.equal((await w.usersV2.get({id: made.id})).emails[0].value, userName);
    await refused(w.usersV2.create({userName}), "already exists", 409);
    for (let number = 0; number < 5; ++number) await w.usersV2.create({userName: `page-${number}@lakeside.example`});
    const everybody = await all(w.usersV2.list({startIndex: 1, count: 100}), 7);
    const page = await all(w.usersV2.list({startIndex: 4, count: 2}), 2);
    assert.deepEqual(ids(page), ids(everybody.slice(3, 5)), "the second page of two");
    assert.deepEqual(ids(await all(w.usersV2.list({filter: `userName eq "${userName}"`}), 1)), [made.id]);
    await w.usersV2.update({id: made.id, userName, displayName: "Ana R.", active: false});
    const read = await w.usersV2.get({id: made.id});
    assert.deepEqual([read.displayName, !!read.active, read.entitlements ?? []], ["Ana R.", false, []]);
    await w.usersV2.delete({id: made.id});
    await refused(w.usersV2.get({id: made.id}), "not found", 404);
};

cases.service_principals = async () => {
    const applicationId = randomUUID();
    const made = await w.servicePrincipalsV2.create({applicationId, displayName: "etl"});
    await refused(w.servicePrincipalsV2.create({applicationId}), "already exists", 409);
    await w.servicePrincipalsV2.update({id: made.id, applicationId, displayName: "etl 2", active: true});
    assert.equal((await w.servicePrincipalsV2.get({id: made.id})).displayName, "etl 2");
    const found = await all(w.servicePrincipalsV2.list({filter: `applicationId eq "${applicationId}"`}), 1);
    assert.deepEqual(ids(found), [made.id]);
    await w.servicePrincipalsV2.delete({id: made.id});
    await refused(w.servicePrincipalsV2.get({id: made.id}), "not found", 404);
};

cases.groups = async () => {
    const user = await w.usersV2.create({userName: "member@lakeside.example"});
    const inner = await w.groupsV2.create({displayName: "inner", members: [{value: user.id}]});
    const outer = await w.groupsV2.create({displayName: "outer", members: [{value: inner.id}]});
    assert.equal((await w.groupsV2.get({id: outer.id})).members[0].$ref, `Groups/${inner.id}`);
    await refused(w.groupsV2.create({displayName: "OUTER"}), "already exists", 409);
    await w.groupsV2.update({id: outer.id, displayName: "outer 2", members: [{value: inner.id}, {value: user.id}]});
    const read = await w.groupsV2.get({id: outer.id});
    assert.deepEqual([read.displayName, read.members.length], ["outer 2", 2]);
    await refused(w.groupsV2.update({id: inner.id, displayName: "inner", members: [{value: outer.id}]}), "", 400);
    const page = await all(w.groupsV2.list({startIndex: 2, count: 1, attributes: "id,displayName"}), 1);
    assert.deepEqual(Object.keys(page[0]).sort(), ["displayName", "id"], "only what was asked for");
    await w.groupsV2.delete({id: outer.id});
    await refused(w.groupsV2.get({id: outer.id}), "not found", 404);
};

cases.workspace_tree = async () => {
    await w.workspace.mkdirs({path: "/Shared/js/deep ü"});
    const comments = {PYTHON: "#", SCALA: "//", SQL: "--", R: "#"};
    for (const [language, comment] of Object.entries(comments)) {
        const path = `/Shared/js/deep ü/${language}`, content = base64(`${comment} Databricks notebook source\nü`);
        await w.workspace.import({path, format: "SOURCE", language, content});
        assert.equal((await w.workspace.export({path, format: "SOURCE"})).content, content, language);
        assert.equal((await w.workspace.getStatus({path})).language, language);
    }
    const jupyter = JSON.stringify({cells: [], metadata: {}, nbformat: 4, nbformat_minor: 5});
    await w.workspace.import({path: "/Shared/js/native", format: "JUPYTER", content: base64(jupyter)});
    const native = await w.workspace.export({path: "/Shared/js/native", format: "JUPYTER"});
    assert.deepEqual(JSON.parse(Buffer.from(native.content, "base64")), JSON.parse(jupyter));
    const file = {path: "/Shared/js/file.bin", format: "AUTO", content: base64("\0\x01")};
    await w.workspace.import(file);
    assert.equal((await w.workspace.getStatus({path: file.path})).object_type, "FILE");
    await refused(w.workspace.import(file), "already exists", 409);
    await w.workspace.import({...file, content: base64("2"), overwrite: true});
    assert.equal((await w.workspace.export({path: file.path, format: "AUTO"})).content, base64("2"));
    assert.deepEqual(ids(await all(w.workspace.list({path: "/Shared/js"})), "path").sort(),
        ["/Shared/js/deep ü", "/Shared/js/file.bin", "/Shared/js/native"]);
    await refused(w.workspace.import({...file, path: "/Shared/none/x"}), "The parent folder (/Shared/none) does not exist.", 404);
    await refused(w.workspace.getStatus({path: "/Shared/none"}), "Path (/Shared/none) doesn't exist.", 404);
    await refused(w.workspace.delete({path: "/Shared/js"}), "DIRECTORY_NOT_EMPTY", 400);
    await w.workspace.delete({path: "/Shared/js", recursive: true});
    assert.deepEqual(await all(w.workspace.list({path: "/Shared"})), []);
};

cases.cluster_policies = async () => {
    const {policy_id} = await w.clusterPolicies.create({name: "js", definition: "{}", description: "d"});
    await refused(w.clusterPolicies.create({name: "js", definition: "{}"}), "already exists");
    await w.clusterPolicies.edit({policy_id, name: "js 2", definition: "{}"});
    const read = await w.clusterPolicies.get({policy_id});
    assert.deepEqual([read.name, read.description], ["js 2", undefined]);
    assert.ok(ids(await all(w.clusterPolicies.list({})), "policy_id").includes(policy_id));
    assert.ok((await all(w.policyFamilies.list({max_results: 1}))).length > 1, "families in pages of 1");
    await w.clusterPolicies.delete({policy_id});
    await refused(w.clusterPolicies.get({policy_id}), policy_id);
};

cases.instance_pools = async () => {
    const {instance_pool_id} = await w.instancePools.create({instance_pool_name: "js", node_type_id, max_capacity: 3});
    await refused(w.instancePools.create({instance_pool_name: "js", node_type_id}), "already exists");
    await w.instancePools.edit({instance_pool_id, instance_pool_name: "js 2", node_type_id});
    const read = await w.instancePools.get({instance_pool_id});
    assert.deepEqual([read.instance_pool_name, read.max_capacity, read.stats.idle_count], ["js 2", undefined, 0]);
    assert.deepEqual(ids(await all(w.instancePools.list()), "instance_pool_id"), [instance_pool_id]);
    await w.instancePools.delete({instance_pool_id});
    await refused(w.instancePools.get({instance_pool_id}), instance_pool_id);
};

cases.clusters_and_libraries = async () => {
    const wanted = {cluster_name: "js", spark_version, node_type_id, num_workers: 1};
    const waiter = await w.clusters.create(wanted);
    const {cluster_id} = waiter;
    await w.libraries.install({cluster_id, libraries: [{pypi: {package: "numpy"}}, {jar: "dbfs:/x.jar"}]});
    assert.equal((await waiter.wait()).state, "RUNNING");
    await w.libraries.uninstall({cluster_id, libraries: [{jar: "dbfs:/x.jar"}]});
    const statuses = await all(w.libraries.clusterStatus({cluster_id}));
    assert.deepEqual(statuses.map((each) => each.status), ["INSTALLED", "UNINSTALL_ON_RESTART"]);
    await w.clusters.pin({cluster_id});
    assert.deepEqual(ids(await all(w.clusters.list({filter_by: {is_pinned: true}})), "cluster_id"), [cluster_id]);
    await w.clusters.unpin({cluster_id});
    await (await w.clusters.delete({cluster_id})).wait();
    await w.clusters.edit({...wanted, cluster_id, cluster_name: "js 2", num_workers: 2});
    const read = await w.clusters.get({cluster_id});
    assert.deepEqual([read.cluster_name, read.num_workers, read.state], ["js 2", 2, "TERMINATED"]);
    const events = await all(w.clusters.events({cluster_id, page_size: 2}));
    assert.ok(events.some((event) => event.type === "EDITED"), "its events");
    for (let number = 0; number < 4; ++number) await w.clusters.create(wanted);
    const listed = ids(await all(w.clusters.list({page_size: 2})), "cluster_id");
    assert.equal(listed.length, 5, "clusters in pages of 2");
    once(listed, "clusters");
    await refused(w.clusters.create({...wanted, policy_id: "none"}), "none");
    for (const id of listed) await w.clusters.permanentDelete({cluster_id: id});
    await refused(w.clusters.get({cluster_id}), `Cluster ${cluster_id} does not exist`, 400);
    await refused(w.libraries.install({cluster_id, libraries: []}), "does not exist", 400);
};

cases.jobs = async () => {
    const warehouse_id = (await all(w.warehouses.list({})))[0].id;
    await w.jobs.create({name: "js other"});
    const other = await job_id_of("js other");
    const tasks = [
        {task_key: "call", run_job_task: {job_id: other}},
        {task_key: "file", depends_on: [{task_key: "call"}], sql_task: {warehouse_id, file: {path: "/Shared/x.sql"}}},
        {task_key: "loop", for_each_task: {inputs: "[1]", task: {task_key: "inner", notebook_task: {notebook_path: "/Shared/x"}}}},
    ];
    const schedule = {quartz_cron_expression: "0 0 2 * * ?", timezone_id: "UTC", pause_status: "PAUSED"};
    await w.jobs.create({name: "js job", tasks, schedule});
    const job_id = await job_id_of("js job");
    assert.deepEqual(numbers(await text("/api/2.2/jobs/get", {job_id}), "job_id"), [job_id, other], "ids of both jobs");
    const {settings} = await w.jobs.get({job_id});
    assert.deepEqual([settings.schedule, ids(settings.tasks, "task_key")], [schedule, ["call", "file", "loop"]]);
    assert.equal(settings.tasks[2].for_each_task.task.notebook_task.notebook_path, "/Shared/x");
    await w.jobs.reset({job_id: other, new_settings: {name: "js other", tasks: [{task_key: "back", run_job_task: {job_id}}]}});
    await w.jobs.update({job_id, new_settings: {name: "js renamed"}, fields_to_remove: ["tasks/loop"]});
    assert.deepEqual(ids((await w.jobs.get({job_id})).settings.tasks, "task_key"), ["call", "file"]);
    const many = [...Array(150).keys()].map((number) => ({task_key: `t${number}`, notebook_task: {notebook_path: "/x"}}));
    await w.jobs.create({name: "js large", tasks: many});
    const large = await job_id_of("js large");
    const first = await w.jobs.get({job_id: large});
    assert.equal(first.settings.tasks.length, 100, "the first page of tasks");
    const rest = await w.jobs.get({job_id: large, page_token: first.next_page_token});
    assert.equal(rest.settings.tasks.length, 50, "the second page of tasks");
    const names = (await all(w.jobs.list({limit: 1}))).map((job) => job.settings.name);
    assert.deepEqual(names, ["js large", "js renamed", "js other"], "jobs in pages of 1, newest first");
    await refused(w.jobs.create({name: "x", tasks: [{task_key: "a", existing_cluster_id: "none"}]}), "none", 400);
    await w.jobs.delete({job_id});
    await refused(w.jobs.get({job_id}), `Job ${job_id} does not exist.`, 400);
};

cases.permissions = async () => {
    const user_name = (await w.usersV2.create({userName: "reader@lakeside.example"})).userName;
    const me = (await w.currentUser.me()).userName;
    await w.workspace.mkdirs({path: "/Shared/permitted"});
    await w.workspace.import({path: "/Shared/permitted/a", format: "AUTO", content: base64("1")});
    await w.workspace.import({path: "/Shared/permitted/b", format: "SOURCE", language: "SQL", content: base64("1")});
    await w.jobs.create({name: "permitted"});
    const {cluster_id} = await w.clusters.create({spark_version, node_type_id, num_workers: 1});
    const rows = [
        ["directories", await object_id_of("/Shared/permitted"), "CAN_READ"],
        ["files", await object_id_of("/Shared/permitted/a"), "CAN_EDIT"],
        ["notebooks", await object_id_of("/Shared/permitted/b"), "CAN_RUN"],
        ["jobs", await job_id_of("permitted"), "CAN_VIEW"],
        ["clusters", cluster_id, "CAN_RESTART"],
        ["cluster-policies", (await w.clusterPolicies.create({name: "permitted", definition: "{}"})).policy_id, "CAN_USE"],
        ["instance-pools", (await w.instancePools.create({instance_pool_name: "permitted", node_type_id})).instance_pool_id,
            "CAN_ATTACH_TO"],
    ];
    for (const [request_object_type, request_object_id, permission_level] of rows) {
        const place = {request_object_type, request_object_id};
        const levels = (await w.permissions.getPermissionLevels(place)).permission_levels;
        assert.ok(ids(levels, "permission_level").includes(permission_level), request_object_type);
        const owner = request_object_type === "jobs" ? [{user_name: me, permission_level: "IS_OWNER"}] : [];
        await w.permissions.set({...place, access_control_list: [...owner, {user_name, permission_level}]});
        const entry = (await w.permissions.get(place)).access_control_list.find((each) => each.user_name === user_name);
        assert.deepEqual(entry.all_permissions.filter((each) => !each.inherited), [{permission_level, inherited: false}]);
        await refused(w.permissions.set({...place, access_control_list: [...owner, {user_name: "no@body", permission_level}]}),
            "no@body");
        await w.permissions.set({...place, access_control_list: owner});
    }
    await refused(w.permissions.set({request_object_type: "jobs", request_object_id: rows[3][1], access_control_list: []}),
        "The job must have exactly one owner.", 400);
    await refused(w.permissions.get({request_object_type: "nothing", request_object_id: "1"}), "is not recognized", 400);
    await w.clusters.permanentDelete({cluster_id});
};

cases.lookups = async () => {
    const {pipeline_id} = await w.pipelines.create({name: "js", libraries: []});
    assert.equal((await w.pipelines.get({pipeline_id})).name, "js");
    await w.pipelines.update({pipeline_id, name: "js 2", libraries: []});
    assert.deepEqual((await all(w.pipelines.listPipelines({max_results: 1}))).map((each) => each.name), ["js 2"]);
    await w.pipelines.delete({pipeline_id});
    await refused(w.pipelines.get({pipeline_id}), pipeline_id, 404);

    const warehouse_id = (await all(w.warehouses.list({})))[0].id;
    const query = await w.queries.create({query: {display_name: "js", query_text: "select 1", warehouse_id}});
    assert.equal((await w.queries.get({id: query.id})).query_text, "select 1");
    await w.queries.delete({id: query.id});

    await w.notificationDestinations.create({display_name: "js", config: {email: {addresses: ["a@lakeside.example"]}}});
    assert.deepEqual((await all(w.notificationDestinations.list({page_size: 1}))).map((each) => each.display_name), ["js"]);
    const options = {host: "db.lakeside.example", password: "secret"};
    await w.connections.create({name: "js", connection_type: "POSTGRESQL", options});
    assert.equal((await w.connections.get({name: "js"})).options.password, undefined, "a secret came back");
    await w.connections.delete({name: "js"});
    await refused(w.connections.get({name: "js"}), "does not exist", 404);
    await w.secrets.createScope({scope: "js"});
    assert.deepEqual(ids(await all(w.secrets.listScopes()), "name"), ["js"]);
    await w.secrets.deleteScope({scope: "js"});
    await refused(w.secrets.deleteScope({scope: "js"}), "does not exist", 404);
    const made = await w.lakeview.create({dashboard: {display_name: "js"}, display_name: "js"});
    assert.equal((await w.lakeview.get({dashboard_id: made.dashboard_id})).display_name, "js");
    await w.lakeview.trash({dashboard_id: made.dashboard_id});
};

cases.secrets = async () => {
    const scope = "js-values";
    await w.secrets.createScope({scope});
    await w.secrets.putSecret({scope, key: "text", string_value: "pässwörd"});
    assert.equal((await w.secrets.getSecret({scope, key: "text"})).value, base64("pässwörd"));
    assert.deepEqual(ids(await all(w.secrets.listSecrets({scope})), "key"), ["text"]);
    await w.secrets.putAcl({scope, principal: "users", permission: "READ"});
    assert.equal((await w.secrets.getAcl({scope, principal: "users"})).permission, "READ");
    await w.secrets.deleteAcl({scope, principal: "users"});
    await refused(w.secrets.getAcl({scope, principal: "users"}), "", 404);
    await w.secrets.deleteSecret({scope, key: "text"});
    await refused(w.secrets.getSecret({scope, key: "text"}), "text", 404);
    await w.secrets.deleteScope({scope});
};

cases.dbfs = async () => {
    const path = "/FileStore/js/#1 50% ü.bin", data = base64("\0\x01ü");
    await w.dbfs.mkdirs({path: "/FileStore/js"});
    await w.dbfs.put({path, contents: data, overwrite: false});
    assert.equal((await w.dbfs.read({path, offset: 0, length: 100})).data, data);
    await refused(w.dbfs.put({path, contents: data, overwrite: false}), "already exists");
    assert.deepEqual(ids(await all(w.dbfs.list({path: "/FileStore/js"})), "path"), [path]);
    await w.dbfs.delete({path: "/FileStore/js", recursive: true});
    await refused(w.dbfs.getStatus({path}), "", 404);
};

cases.scripts_and_addresses = async () => {
    const {script_id} = await w.globalInitScripts.create({name: "js", script: base64("echo 1"), enabled: false});
    // This client sends no body with a PATCH.
    await refused(w.globalInitScripts.update({script_id, name: "js 2", script: base64("echo 2")}), "name", 400);
    const script = await w.globalInitScripts.get({script_id});
    assert.deepEqual([script.name, script.script], ["js", base64("echo 1")]);
    assert.deepEqual(ids(await all(w.globalInitScripts.list()), "script_id"), [script_id]);
    await w.globalInitScripts.delete({script_id});
    await refused(w.globalInitScripts.get({script_id}), script_id, 404);

    const addresses = {label: "js", list_type: "ALLOW", ip_addresses: ["203.0.113.0/24"]};
    const {list_id: ip_access_list_id} = (await w.ipAccessLists.create(addresses)).ip_access_list;
    await w.ipAccessLists.replace({...addresses, ip_access_list_id, label: "js 2", enabled: false});
    assert.equal((await w.ipAccessLists.get({ip_access_list_id})).ip_access_list.label, "js 2");
    await w.ipAccessLists.delete({ip_access_list_id});
    await refused(w.ipAccessLists.get({ip_access_list_id}), ip_access_list_id, 404);
};

cases.statements = async () => {
    const warehouse_id = (await all(w.warehouses.list({})))[0].id;
    const ask = (statement) => w.statementExecution.executeStatement({statement, warehouse_id, wait_timeout: "30s"});
    await ask("CREATE SCHEMA hive_metastore.js_sdk");
    const shown = await ask("SHOW SCHEMAS IN hive_metastore LIKE 'js_sdk'");
    assert.deepEqual([shown.status.state, shown.result.data_array[0][0]], ["SUCCEEDED", "js_sdk"]);
    assert.equal((await ask("SELECT * FROM hive_metastore.js_sdk.none")).status.state, "FAILED");
    await ask("DROP SCHEMA hive_metastore.js_sdk");
};

let failed = 0;
for (const [name, run] of Object.entries(cases)) {
    try {
        await run();
        console.log(`ok     ${name}`);
    } catch (problem) {
        ++failed;
        const line = /js_sdk\.mjs:(\d+)/.exec(problem.stack)?.[1];
        console.log(`FAILED ${name}, line ${line}: ${problem.message}`);
    }
}
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
