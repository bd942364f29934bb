package main

// What lies outside the tree: files, secrets, scripts, settings, and what runs.

import (
	"bytes"
	"encoding/base64"
	"io"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/catalog"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/files"
	"github.com/databricks/databricks-sdk-go/service/settings"
	"github.com/databricks/databricks-sdk-go/service/sql"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

const odd = "#1 50% ü?.bin" // a name that has to be encoded

func someBytes(size int) []byte {
	return append(bytes.Repeat([]byte{0, 1, 254, 255}, size/4), "end"...)
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

func decoded(text string) string { return string(must(base64.StdEncoding.DecodeString(text))) }

func dbfs() {
	folder, content := "/FileStore/go", someBytes(2<<20)
	done(w.Dbfs.MkdirsByPath(ctx, folder))
	for name, some := range map[string][]byte{"large.bin": content, odd: []byte("x"), "empty": {}} {
		done(w.Dbfs.WriteFile(ctx, folder+"/"+name, some))
		same("the size of "+name, must(w.Dbfs.GetStatusByPath(ctx, folder+"/"+name)).FileSize, int64(len(some)))
		check(bytes.Equal(must(w.Dbfs.ReadFile(ctx, folder+"/"+name)), some), "%s came out changed", name)
	}
	listed := each(must(w.Dbfs.ListByPath(ctx, folder)).Files, func(each files.FileInfo) string { return each.Path })
	same("the listing", sorted(listed...), sorted(folder+"/large.bin", folder+"/"+odd, folder+"/empty"))
	done(w.Dbfs.Move(ctx, files.Move{SourcePath: folder + "/empty", DestinationPath: folder + "/moved"}))
	refused(from(w.Dbfs.GetStatusByPath(ctx, folder+"/empty")), databricks.ErrNotFound, "empty")
	refused(from(w.Dbfs.Read(ctx, files.ReadDbfsRequest{Path: folder + "/large.bin", Length: 2 << 20})), nil, "")
	refused(from(w.Dbfs.Create(ctx, files.Create{Path: folder + "/moved"})), databricks.ErrResourceAlreadyExists, "already exists")
	done(w.Dbfs.Delete(ctx, files.Delete{Path: folder, Recursive: true}))
	refused(from(w.Dbfs.GetStatusByPath(ctx, folder)), databricks.ErrNotFound, "go")
}

func volumeFiles() {
	must(w.Catalogs.Create(ctx, catalog.CreateCatalog{Name: "go"}))
	must(w.Schemas.Create(ctx, catalog.CreateSchema{CatalogName: "go", Name: "raw"}))
	made := must(w.Volumes.Create(ctx, catalog.CreateVolumeRequestContent{CatalogName: "go", SchemaName: "raw", Name: "files",
		VolumeType: catalog.VolumeTypeManaged}))
	same("the volume", made.FullName, "go.raw.files")
	root, content := "/Volumes/go/raw/files", someBytes(1<<20)
	done(w.Files.CreateDirectory(ctx, files.CreateDirectoryRequest{DirectoryPath: root + "/deep"}))
	upload := func(name string, some []byte, overwrite bool) error {
		return w.Files.Upload(ctx, files.UploadRequest{FilePath: root + "/deep/" + name, Overwrite: overwrite,
			Contents: io.NopCloser(bytes.NewReader(some)), ForceSendFields: []string{"Overwrite"}})
	}
	for name, some := range map[string][]byte{"plain.bin": content, odd: []byte("x"), "empty": {}} {
		done(upload(name, some, false))
		read := must(w.Files.DownloadByFilePath(ctx, root+"/deep/"+name))
		check(bytes.Equal(must(io.ReadAll(read.Contents)), some), "%s came out changed", name)
		same("the size of "+name, must(w.Files.GetMetadataByFilePath(ctx, root+"/deep/"+name)).ContentLength, int64(len(some)))
		refused(upload(name, some, false), nil, "already exists")
		done(upload(name, some, true))
	}
	found := all(w.Files.ListDirectoryContents(ctx, files.ListDirectoryContentsRequest{DirectoryPath: root + "/deep", PageSize: 1}))
	same("the folder in pages of 1", sorted(each(found, func(each files.DirectoryEntry) string { return each.Name })...),
		sorted("plain.bin", odd, "empty"))
	refused(w.Files.DeleteDirectoryByDirectoryPath(ctx, root+"/deep"), nil, "")
	done(w.Files.DeleteByFilePath(ctx, root+"/deep/empty"))
	refused(from(w.Files.DownloadByFilePath(ctx, root+"/deep/empty")), databricks.ErrNotFound, "")
	done(w.Volumes.DeleteByName(ctx, "go.raw.files"))
	refused(from(w.Volumes.ReadByName(ctx, "go.raw.files")), databricks.ErrNotFound, "files")
}

func secretValues() {
	done(w.Secrets.CreateScope(ctx, workspace.CreateScope{Scope: "go"}))
	done(w.Secrets.PutSecret(ctx, workspace.PutSecret{Scope: "go", Key: "text", StringValue: "pässwörd"}))
	done(w.Secrets.PutSecret(ctx, workspace.PutSecret{Scope: "go", Key: "bytes", BytesValue: encoded("\x00\xff")}))
	for key, wanted := range map[string]string{"text": "pässwörd", "bytes": "\x00\xff"} {
		same(key, decoded(must(w.Secrets.GetSecret(ctx, workspace.GetSecretRequest{Scope: "go", Key: key})).Value), wanted)
	}
	listed := must(w.Secrets.ListSecretsAll(ctx, workspace.ListSecretsRequest{Scope: "go"}))
	same("the listing", sorted(each(listed, func(each workspace.SecretMetadata) string { return each.Key })...), []string{"bytes", "text"})
	large := workspace.PutSecret{Scope: "go", Key: "large", StringValue: strings.Repeat("x", 128<<10+1)}
	refused(w.Secrets.PutSecret(ctx, large), nil, "")
	done(w.Secrets.PutAcl(ctx, workspace.PutAcl{Scope: "go", Principal: "users", Permission: workspace.AclPermissionRead}))
	granted := must(w.Secrets.GetAcl(ctx, workspace.GetAclRequest{Scope: "go", Principal: "users"}))
	same("what was granted", granted.Permission, workspace.AclPermissionRead)
	same("entries, the maker's included", len(must(w.Secrets.ListAclsAll(ctx, workspace.ListAclsRequest{Scope: "go"}))), 2)
	done(w.Secrets.DeleteAcl(ctx, workspace.DeleteAcl{Scope: "go", Principal: "users"}))
	refused(from(w.Secrets.GetAcl(ctx, workspace.GetAclRequest{Scope: "go", Principal: "users"})), databricks.ErrNotFound, "")
	done(w.Secrets.DeleteSecret(ctx, workspace.DeleteSecret{Scope: "go", Key: "text"}))
	refused(from(w.Secrets.GetSecret(ctx, workspace.GetSecretRequest{Scope: "go", Key: "text"})), databricks.ErrNotFound, "text")
	done(w.Secrets.DeleteScopeByScope(ctx, "go"))
}

func globalInitScripts() {
	var made []string
	for _, name := range []string{"a", "b", "c"} {
		script := compute.GlobalInitScriptCreateRequest{Name: name, Script: encoded("echo " + name), Enabled: name == "b"}
		made = append(made, must(w.GlobalInitScripts.Create(ctx, script)).ScriptId)
	}
	read := must(w.GlobalInitScripts.GetByScriptId(ctx, made[1]))
	same("a script", []any{read.Name, decoded(read.Script), read.Enabled, read.Position}, []any{"b", "echo b", true, 1})
	done(w.GlobalInitScripts.Update(ctx, compute.GlobalInitScriptUpdateRequest{ScriptId: made[2], Name: "c 2", Script: encoded("2"),
		Position: 0, ForceSendFields: []string{"Position"}}))
	listed := must(w.GlobalInitScripts.ListAll(ctx))
	slices.SortFunc(listed, func(one, other compute.GlobalInitScriptDetails) int { return one.Position - other.Position })
	same("their order", each(listed, func(each compute.GlobalInitScriptDetails) string { return each.Name }), []string{"c 2", "a", "b"})
	large := compute.GlobalInitScriptCreateRequest{Name: "large", Script: encoded(strings.Repeat("x", 64<<10+1))}
	refused(from(w.GlobalInitScripts.Create(ctx, large)), nil, "64")
	for _, id := range made {
		done(w.GlobalInitScripts.DeleteByScriptId(ctx, id))
	}
	refused(from(w.GlobalInitScripts.GetByScriptId(ctx, made[0])), databricks.ErrNotFound, made[0])
}

func ipAccessLists() {
	made := must(w.IpAccessLists.Create(ctx, settings.CreateIpAccessList{Label: "office", ListType: settings.ListTypeAllow,
		IpAddresses: []string{"203.0.113.0/24", "127.0.0.1"}})).IpAccessList
	same("the list", []any{made.Label, made.AddressCount, made.Enabled}, []any{"office", 2, true})
	done(w.IpAccessLists.Replace(ctx, settings.ReplaceIpAccessList{IpAccessListId: made.ListId, Label: "office 2",
		ListType: settings.ListTypeAllow, IpAddresses: []string{"203.0.113.7"}}))
	read := must(w.IpAccessLists.GetByIpAccessListId(ctx, made.ListId)).IpAccessList
	same("after a change", []any{read.Label, read.IpAddresses, read.Enabled}, []any{"office 2", []string{"203.0.113.7"}, false})
	same("the listing", len(must(w.IpAccessLists.ListAll(ctx))), 1)
	bad := settings.CreateIpAccessList{Label: "bad", ListType: settings.ListTypeAllow, IpAddresses: []string{"not an address"}}
	refused(from(w.IpAccessLists.Create(ctx, bad)), nil, "")
	done(w.IpAccessLists.DeleteByIpAccessListId(ctx, made.ListId))
	refused(from(w.IpAccessLists.GetByIpAccessListId(ctx, made.ListId)), databricks.ErrNotFound, made.ListId)
}

func gitFolders() {
	url := "https://github.com/example/go"
	done(w.Workspace.MkdirsByPath(ctx, "/Repos/go"))
	made := must(w.Repos.Create(ctx, workspace.CreateRepoRequest{Url: url, Provider: "gitHub", Path: "/Repos/go/core"}))
	same("the clone", []string{made.Branch, made.Path}, []string{"main", "/Repos/go/core"})
	done(w.Repos.Update(ctx, workspace.UpdateRepoRequest{RepoId: made.Id, Branch: "release"}))
	same("another branch", must(w.Repos.GetByRepoId(ctx, made.Id)).Branch, "release")
	listed := all(w.Repos.List(ctx, workspace.ListReposRequest{PathPrefix: "/Repos/go"}))
	same("the listing", each(listed, func(each workspace.RepoInfo) int64 { return each.Id }), []int64{made.Id})
	done(w.Repos.DeleteByRepoId(ctx, made.Id))
	refused(from(w.Repos.GetByRepoId(ctx, made.Id)), databricks.ErrNotFound, "")
}

func statements() {
	warehouse := someWarehouse()
	ask := func(text string) *sql.StatementResponse {
		return must(w.StatementExecution.ExecuteStatement(ctx, sql.ExecuteStatementRequest{Statement: text, WarehouseId: warehouse,
			WaitTimeout: "30s"}))
	}
	ask("CREATE SCHEMA hive_metastore.go_sdk")
	ask("CREATE TABLE hive_metastore.go_sdk.t (a INT, b STRING)")
	shown := ask("SHOW TABLES IN hive_metastore.go_sdk")
	same("the state", shown.Status.State, sql.StatementStateSucceeded)
	includes("the tables", shown.Result.DataArray[0], "t")
	again := must(w.StatementExecution.GetStatementByStatementId(ctx, shown.StatementId))
	same("asked again", again.Status.State, sql.StatementStateSucceeded)
	same("a wrong statement is no error of HTTP", ask("SELECT * FROM hive_metastore.go_sdk.none").Status.State, sql.StatementStateFailed)
	refused(from(w.StatementExecution.GetStatementByStatementId(ctx, "no-statement")), databricks.ErrNotFound, "")
	ask("DROP SCHEMA hive_metastore.go_sdk CASCADE")
}

func commands() {
	cluster := must(w.Clusters.CreateAndWait(ctx, compute.CreateCluster{ClusterName: "commands", SparkVersion: spark, NodeTypeId: nodeType,
		NumWorkers: 1})).ClusterId
	python := compute.LanguagePython
	context := must(w.CommandExecution.CreateAndWait(ctx, compute.CreateContext{ClusterId: cluster, Language: python})).Id
	run := func(code string) *compute.Results {
		return must(w.CommandExecution.ExecuteAndWait(ctx, compute.Command{ClusterId: cluster, ContextId: context, Language: python,
			Command: code})).Results
	}
	same("what was printed", strings.TrimSpace(run("x = 6 * 7\nprint(x)").Data.(string)), "42")
	failed := run("raise ValueError('no luck')")
	check(failed.ResultType == compute.ResultTypeError && strings.Contains(failed.Cause, "no luck"), "went wrong otherwise: %v", failed)
	done(w.CommandExecution.Destroy(ctx, compute.DestroyContext{ClusterId: cluster, ContextId: context}))
	done(w.Clusters.PermanentDeleteByClusterId(ctx, cluster))
	refused(from(w.CommandExecution.Create(ctx, compute.CreateContext{ClusterId: cluster, Language: python})), nil, "")
}
