#!/usr/bin/env node
// Azure's SDKs for JavaScript against the simulated cloud: AZURE_URL (https), AZURE_TENANT_ID,
// AZURE_CLIENT_ID, AZURE_CLIENT_SECRET; CLIENT is the folder they are installed in, KEYS the folder
// with client.key and client.crt.
import assert from "node:assert/strict";
import {createSign, generateKeyPairSync} from "node:crypto";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";

const require = createRequire(process.env.CLIENT + "/");
const {AzureDatabricksManagementClient} = require("@azure/arm-databricks");
const {StorageManagementClient} = require("@azure/arm-storage");
const {ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential} = require("@azure/identity");

const url = process.env.AZURE_URL, tenant = process.env.AZURE_TENANT_ID, client = process.env.AZURE_CLIENT_ID;
const subscription = "5a7be0f1-0000-4000-8000-000000000001", group = "rg-js", location = "northeurope";
// Only the public cloud's authority can be asked which others there are.
const options = {authorityHost: url, disableInstanceDiscovery: true, retryOptions: {maxRetries: 2}};
const arm_scope = "https://management.azure.com/.default";
const credential = new ClientSecretCredential(tenant, client, process.env.AZURE_CLIENT_SECRET, options);
const arm_options = {endpoint: url, credentialScopes: [arm_scope], retryOptions: {maxRetries: 3}};
const databricks = new AzureDatabricksManagementClient(credential, subscription, arm_options);
const storage = new StorageManagementClient(credential, subscription, arm_options);
const quick = {updateIntervalInMs: 200};
const cases = {};

/** The remote control of the simulated cloud. */
async function control(what, body) {
    const answer = await fetch(`${url}/sim/${what}`, {method: "POST", body: JSON.stringify(body)});
    assert.equal(answer.status, 200, `/sim/${what}: ${await answer.text()}`);
}

/** What the SDKs for the subscription itself would do. */
async function arm(method, path, body) {
    const {token} = await credential.getToken(arm_scope);
    const headers = {Authorization: `Bearer ${token}`, "Content-Type": "application/json"};
    const answer = await fetch(`${url}/subscriptions/${subscription}${path}?api-version=2025-04-01`,
        {method, headers, body: body && JSON.stringify(body)});
    return answer.status;
}

/** `promise` must fail, and say `text`. */
async function refused(promise, text, status) {
    const problem = await promise.then(() => undefined, (error) => error);
    assert.ok(problem, `was not refused: ${text}`);
    const said = `${problem.code} ${problem.message}`;
    assert.ok(said.includes(text), `refused with '${said}', which lacks '${text}'`);
    if (status) assert.equal(problem.statusCode, status, said);
}

async function names(list) {
    const found = [];
    for await (const item of list) found.push(item.name);
    return found.sort();
}

const managed = (letters) => `/subscriptions/${subscription}/resourceGroups/managed-${letters}`;
const wanted = (letters, more = {}) => ({
    location, sku: {name: "premium"}, tags: {team: "lake"}, computeMode: "Hybrid",
    managedResourceGroupId: managed(letters), publicNetworkAccess: "Enabled", requiredNsgRules: "AllRules", ...more,
    parameters: {
        enableNoPublicIp: {value: true}, storageAccountName: {value: `jsroot${letters}`},
        storageAccountSkuName: {value: "Standard_LRS"}, ...more.parameters,
    },
});

cases.secrets = async () => {
    for (const scope of [arm_scope, "https://management.core.windows.net//.default",
        "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default", "https://storage.azure.com/.default",
        "https://vault.azure.net/.default"]) {
        const {token, expiresOnTimestamp} = await credential.getToken(scope);
        assert.ok(token.startsWith("eyJ0") && expiresOnTimestamp > Date.now() + 3000e3, scope);
    }
    await refused(new ClientSecretCredential(tenant, client, "wrong", options).getToken(arm_scope), "AADSTS7000215");
    await refused(new ClientSecretCredential(tenant, "nobody", "wrong", options).getToken(arm_scope), "AADSTS700016");
    await refused(credential.getToken("https://unknown.example/.default"), "AADSTS500011");
};

cases.certificates = async () => {
    const certificate = readFileSync(`${process.env.KEYS}/client.crt`, "utf8");
    const pem = readFileSync(`${process.env.KEYS}/client.key`, "utf8") + certificate;
    await control("credentials", {client_id: "js-certificate", certificates: [certificate]});
    const known = new ClientCertificateCredential(tenant, "js-certificate", {certificate: pem}, options);
    assert.ok((await known.getToken(arm_scope)).token);
    await control("credentials", {client_id: "js-none", certificates: []});
    const unknown = new ClientCertificateCredential(tenant, "js-none", {certificate: pem}, options);
    await refused(unknown.getToken(arm_scope), "AADSTS700027");
};

cases.federated_tokens = async () => {
    const {publicKey, privateKey} = generateKeyPairSync("rsa", {modulusLength: 2048});
    const issuer = "https://oidc.lakeside.example", subject = "system:serviceaccount:lake:replicator";
    await control("credentials", {client_id: "js-federated",
        federations: [{issuer, subject, public_key: publicKey.export({type: "spki", format: "pem"})}]});
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const assertion = (sub) => {
        const text = part({alg: "RS256", typ: "JWT"}) + "." +
            part({iss: issuer, sub, aud: "api://AzureADTokenExchange", exp: Math.floor(Date.now() / 1000) + 600});
        return text + "." + createSign("RSA-SHA256").update(text).sign(privateKey).toString("base64url");
    };
    const federated = (sub) => new ClientAssertionCredential(tenant, "js-federated", async () => assertion(sub), options);
    assert.ok((await federated(subject).getToken(arm_scope)).token);
    await refused(federated("somebody:else").getToken(arm_scope), "AADSTS700213");
};

cases.workspace = async () => {
    const made = await databricks.workspaces.createOrUpdate(group, "js-lake", wanted("a"), quick);
    assert.equal(made.provisioningState, "Succeeded");
    assert.match(made.workspaceUrl, /^adb-\d+\.\d+\.azuredatabricks\.net$/);
    assert.equal(made.parameters.storageAccountSkuName.value, "Standard_LRS");
    const read = await databricks.workspaces.get(group, "js-lake");
    assert.equal(read.workspaceId, made.workspaceId);
    assert.equal(read.parameters.enableNoPublicIp.type, "Bool");
    assert.deepEqual(await names(databricks.workspaces.listByResourceGroup(group)), ["js-lake"]);
    assert.ok((await names(databricks.workspaces.listBySubscription())).includes("js-lake"));
    const tagged = await databricks.workspaces.update(group, "js-lake", {tags: {team: "dr"}}, quick);
    assert.deepEqual(tagged.tags, {team: "dr"});
    const endpoints = await databricks.outboundNetworkDependenciesEndpoints.list(group, "js-lake");
    assert.ok(endpoints.some((each) => each.category === "azure-storage"), "outbound endpoints");
    // As Terraform changes it: read, change, write the whole.
    const {storageAccountSkuName, ...kept} = wanted("a").parameters;
    const changed = await databricks.workspaces.createOrUpdate(group, "js-lake",
        {...wanted("a"), createdBy: read.createdBy, parameters: {...kept, storageAccountSkuName: {value: "Standard_GRS"}}}, quick);
    assert.equal(changed.parameters.storageAccountSkuName.value, "Standard_GRS");
    const root = await storage.storageAccounts.getProperties("managed-a", "jsroota");
    assert.equal(root.sku.name, "Standard_GRS");
    await refused(storage.storageAccounts.listKeys("managed-a", "jsroota"), "deny assignment", 403);
    await refused(databricks.workspaces.createOrUpdate(group, "js-lake", wanted("b"), quick), "not allowed", 400);
    await databricks.workspaces.delete(group, "js-lake", quick);
    await refused(databricks.workspaces.get(group, "js-lake"), "was not found", 404);
    await refused(storage.storageAccounts.getProperties("managed-a", "jsroota"), "could not be found", 404);
};

cases.refusals = async () => {
    const create = (body) => databricks.workspaces.createOrUpdate(group, "js-lake", body, quick);
    await refused(create({...wanted("r"), location: "italynorth"}), "not available for resource type", 400);
    await refused(create(wanted("r", {parameters: {storageAccountSkuName: {value: "Standard_None"}}})), "is not known", 400);
    await refused(create(wanted("r", {parameters: {storageAccountName: {value: "Not_Good"}}})), "not a valid", 400);
    await refused(create({...wanted("r"), computeMode: undefined}), "computeMode", 400);
    await control("policies", {type: "Microsoft.Databricks/workspaces", locations: ["westeurope"]});
    await refused(create(wanted("r")), "disallowed by policy", 403);
    await control("policies", {type: "Microsoft.Databricks/workspaces", locations: ["westeurope", location]});
    await refused(databricks.workspaces.createOrUpdate("rg-none", "js-lake", wanted("r"), quick), "could not be found", 404);
};

cases.operations_that_fail = async () => {
    const create = () => databricks.workspaces.createOrUpdate(group, "js-bad", wanted("f"), quick);
    await control("workspaces", {code: "QuotaExceeded", message: "too few cores", at_once: 409});
    await refused(create(), "too few cores", 409);
    await control("workspaces", {code: "SkuNotAvailable", message: "no machines"});
    await refused(create(), "no machines");
    assert.equal((await databricks.workspaces.get(group, "js-bad")).provisioningState, "Failed");
    await databricks.workspaces.delete(group, "js-bad", quick);
    await control("workspaces", {status: "Canceled", code: "OperationCanceled", message: "stopped"});
    await refused(create(), "");
    assert.equal((await databricks.workspaces.get(group, "js-bad")).provisioningState, "Canceled");
    await databricks.workspaces.delete(group, "js-bad", quick);
};

cases.operations_in_their_ways = async () => {
    for (const style of ["location_only", "resource_only", "both"]) {
        await control("options", {style});
        const name = `js-${style}`;
        const made = await databricks.workspaces.createOrUpdate(group, name, wanted(style[0]), quick);
        assert.equal(made.provisioningState, "Succeeded", style);
        if (style === "resource_only") await control("options", {style: "both"});
        await databricks.workspaces.delete(group, name, quick);
    }
};

cases.calls_that_break = async () => {
    const rule = (more) => control("faults", {path: "*/workspaces/js-*", method: "GET", ...more});
    const create = () => databricks.workspaces.createOrUpdate(group, "js-faults", wanted("g"), quick);
    await control("faults", {path: "*/operationStatuses/*", status: 500});
    await control("faults", {path: "*/operationStatuses/*", status: 429, retry_after: 1});
    assert.equal((await create()).provisioningState, "Succeeded");
    await rule({status: 429, retry_after: 1});
    assert.equal((await databricks.workspaces.get(group, "js-faults")).name, "js-faults");
    await rule({status: 409, error_code: "Conflict", message: "not now"});
    await refused(databricks.workspaces.get(group, "js-faults"), "not now", 409);
};

cases.access_connectors = async () => {
    const body = {location, identity: {type: "SystemAssigned"}, tags: {a: "b"}, properties: {}};
    const made = await databricks.accessConnectors.createOrUpdate(group, "js-connector", body, quick);
    assert.match(made.identity.principalId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(await names(databricks.accessConnectors.listByResourceGroup(group)), ["js-connector"]);
    const changed = await databricks.accessConnectors.update(group, "js-connector", {tags: {a: "c"}}, quick);
    assert.deepEqual(changed.tags, {a: "c"});
    await databricks.accessConnectors.delete(group, "js-connector", quick);
    await refused(databricks.accessConnectors.get(group, "js-connector"), "was not found", 404);
};

cases.storage_accounts = async () => {
    const create = (name, sku) =>
        storage.storageAccounts.create(group, name, {sku: {name: sku}, kind: "StorageV2", location}, quick);
    await create("jsgeo", "Standard_RAGRS");
    await create("jslocal", "Standard_LRS");
    const plain = await storage.storageAccounts.getProperties(group, "jsgeo");
    assert.deepEqual([plain.secondaryLocation, plain.geoReplicationStats], ["westeurope", undefined]);
    assert.equal(plain.secondaryEndpoints.blob, "https://jsgeo-secondary.blob.core.windows.net/");
    const {geoReplicationStats: stats} = await storage.storageAccounts.getProperties(group, "jsgeo", {expand: "geoReplicationStats"});
    assert.deepEqual([stats.status, stats.canFailover, stats.postFailoverRedundancy], ["Live", true, "Standard_LRS"]);
    const behind = Date.now() - stats.lastSyncTime.getTime();
    assert.ok(behind > 0 && behind < 600e3, `${behind} ms behind`);
    await control("options", {page_size: 1});
    assert.deepEqual(await names(storage.storageAccounts.listByResourceGroup(group)), ["jsgeo", "jslocal"], "pages of one");
    await control("options", {page_size: 100});
    const changed = await storage.storageAccounts.update(group, "jslocal", {sku: {name: "Standard_GRS"}});
    assert.equal(changed.sku.name, "Standard_GRS");
    assert.equal((await storage.storageAccounts.listKeys(group, "jsgeo")).keys.length, 2);
    const check = (name) => storage.storageAccounts.checkNameAvailability({name, type: "Microsoft.Storage/storageAccounts"});
    assert.equal((await check("jsgeo")).reason, "AlreadyExists");
    assert.equal((await check("jsfree")).nameAvailable, true);
    const skus = [];
    for await (const sku of storage.skus.list()) if (sku.locations[0] === "westus") skus.push(sku);
    assert.equal(skus.find((sku) => sku.name === "Standard_ZRS").restrictions[0].type, "location");
    await refused(create("jsgeo", "Standard_None"), "is not known", 400);
    await storage.storageAccounts.delete(group, "jsgeo");
    await refused(storage.storageAccounts.getProperties(group, "jsgeo"), "was not found", 404);
};

let failed = 0;
assert.equal(await arm("PUT", `/resourcegroups/${group}`, {location}), 201);
for (const [name, run] of Object.entries(cases)) {
    try {
        await run();
        console.log(`ok     ${name}`);
    } catch (problem) {
        ++failed;
        const line = /js_azure\.mjs:(\d+)/.exec(problem.stack)?.[1];
        console.log(`FAILED ${name}, line ${line}: ${problem.message}`);
    }
}
console.log(`${Object.keys(cases).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
