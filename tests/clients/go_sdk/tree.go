package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/workspace"
)

const header = "Databricks notebook source\n"

var (
	ofFormat   = workspace.UploadFormat
	ofLanguage = workspace.UploadLanguage
	overwrite  = workspace.UploadOverwrite()
)

func status(path string) *workspace.ObjectInfo {
	return must(w.Workspace.GetStatusByPath(ctx, path))
}

func paths(path string) []string {
	found := must(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: path}))
	return each(found, func(item workspace.ObjectInfo) string { return item.Path })
}

func upload(path, content string, options ...workspace.UploadOption) error {
	return w.Workspace.Upload(ctx, path, strings.NewReader(content), options...)
}

func download(path string, format workspace.ExportFormat) []byte {
	stream := must(w.Workspace.Download(ctx, path, workspace.DownloadFormat(format)))
	defer stream.Close()
	return must(io.ReadAll(stream))
}

func remove(path string, recursive bool) error {
	return w.Workspace.Delete(ctx, workspace.Delete{Path: path, Recursive: recursive})
}

func directories() {
	done(w.Workspace.MkdirsByPath(ctx, "/Workspace/Shared/a/b/c d/#1?"))
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/a//b"))
	read := status("/Shared/a/b/c d/#1?")
	same("the directory", []string{read.ObjectType.String(), read.Path}, []string{"DIRECTORY", "/Shared/a/b/c d/#1?"})
	check(read.ObjectId > 0, "the directory has no id")
	same("the listing", paths("/Shared/a"), []string{"/Shared/a/b"})
	same("an empty listing", paths("/Shared/a/b/c d/#1?"), []string{})
	none := "Path (/Shared/none) doesn't exist."
	refused(from(w.Workspace.ListAll(ctx, workspace.ListWorkspaceRequest{Path: "/Shared/none"})), databricks.ErrNotFound, none)
	refused(from(w.Workspace.GetStatusByPath(ctx, "/Shared/none")), databricks.ErrNotFound, none)
	refused(remove("/Shared/a", false), databricks.ErrBadRequest, "not empty")
	for _, protected := range []string{"/", "/Users", "/Shared"} {
		refused(remove(protected, true), nil, "")
	}
	refused(w.Workspace.MkdirsByPath(ctx, "/Users/nobody@lakeside.example"), nil, "")
	done(remove("/Shared/a", true))
	refused(from(w.Workspace.GetStatusByPath(ctx, "/Shared/a/b")), databricks.ErrNotFound, "doesn't exist")
	refused(remove("/Shared/a", false), databricks.ErrNotFound, "doesn't exist")
}

func homes() {
	user := someUser()
	home := "/Users/" + user.UserName
	same("the home of a new user", status(home).ObjectType, workspace.ObjectTypeDirectory)
	done(upload(home+"/note", "select 1", ofLanguage(workspace.LanguageSql)))
	done(w.UsersV2.Delete(ctx, iam.DeleteUserRequest{Id: user.Id}))
	same("what a deleted user leaves", status(home+"/note").Language, workspace.LanguageSql)
}

func notebooks() {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/books"))
	comments := map[workspace.Language]string{workspace.LanguagePython: "#", workspace.LanguageScala: "//",
		workspace.LanguageSql: "--", workspace.LanguageR: "#"}
	for language, comment := range comments {
		path := "/Shared/books/in " + language.String()
		whole := fmt.Sprintf("%[1]s %[2]s%[1]s a\n\n%[1]s COMMAND ----------\n\n%[1]s ü", comment, header)
		done(upload(path, whole, ofFormat(workspace.ImportFormatSource), ofLanguage(language)))
		same(language.String()+", downloaded", string(download(path, workspace.ExportFormatSource)), whole)
		exported := must(w.Workspace.Export(ctx, workspace.ExportRequest{Path: path, Format: workspace.ExportFormatSource}))
		same(language.String()+", exported", string(must(exported.Bytes())), whole)
		same("the kind", status(path).ObjectType, workspace.ObjectTypeNotebook)
		same("the language", status(path).Language, language)
	}
	found := must(w.Workspace.RecursiveList(ctx, "/Shared/books"))
	same("notebooks below the folder", len(found), 4)

	path := "/Shared/books/bare"
	done(w.Workspace.Import(ctx, workspace.Import{Path: path, Content: base64.StdEncoding.EncodeToString([]byte("print(1)\n")),
		Format: workspace.ImportFormatSource, Language: workspace.LanguagePython}))
	before := status(path)
	same("a header is added", string(download(path, workspace.ExportFormatSource)), "# "+header+"print(1)\n")
	done(w.Workspace.Import(ctx, workspace.PythonNotebookOverwrite(path, "print(2)\n")))
	same("overwritten", string(download(path, workspace.ExportFormatSource)), "# "+header+"print(2)\n")
	done(upload(path, "select 1", ofLanguage(workspace.LanguageSql), overwrite))
	same("an overwrite keeps the id", status(path).ObjectId, before.ObjectId)
	same("and changes the language", status(path).Language, workspace.LanguageSql)
	done(remove(path, false))
	refused(from(w.Workspace.GetStatusByPath(ctx, path)), databricks.ErrNotFound, "doesn't exist")
}

func notebooksRefused() {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/refused"))
	done(upload("/Shared/refused/book", "1", ofLanguage(workspace.LanguagePython)))
	refused(upload("/Shared/refused/book", "2", ofLanguage(workspace.LanguagePython)), nil, "already exists.")
	refused(upload("/Shared/none/x", "1", ofLanguage(workspace.LanguagePython)), databricks.ErrNotFound,
		"The parent folder (/Shared/none) does not exist.")
	refused(upload("/Shared/refused/dumb", "1"), databricks.ErrBadRequest, "")
	refused(w.Workspace.Import(ctx, workspace.Import{Path: "/Shared/refused/dumb", Content: "%%%",
		Format: workspace.ImportFormatSource, Language: workspace.LanguagePython}), databricks.ErrBadRequest, "")
	refused(from(w.Workspace.Export(ctx, workspace.ExportRequest{Path: "/Shared/none/x"})), databricks.ErrNotFound, "doesn't exist")
	refused(from(w.Workspace.Download(ctx, "/Shared/none/x")), databricks.ErrNotFound, "doesn't exist")
	refused(w.Workspace.MkdirsByPath(ctx, "/Shared/refused/book/below"), databricks.ErrResourceAlreadyExists, "")
}

func jupyter() {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/jupyter"))
	cell := map[string]any{"cell_type": "code", "source": []string{"1"}, "metadata": map[string]any{}, "outputs": []any{},
		"execution_count": nil}
	book := must(json.Marshal(map[string]any{"cells": []any{cell}, "metadata": map[string]any{}, "nbformat": 4, "nbformat_minor": 5}))
	done(upload("/Shared/jupyter/native", string(book), ofFormat(workspace.ImportFormatJupyter)))
	same("the kind", status("/Shared/jupyter/native").ObjectType, workspace.ObjectTypeNotebook)
	same("the language", status("/Shared/jupyter/native").Language, workspace.LanguagePython)
	contains("a Jupyter notebook", json.RawMessage(download("/Shared/jupyter/native", workspace.ExportFormatJupyter)),
		json.RawMessage(bytes.Replace(book, []byte(`"execution_count":null,`), nil, 1)))

	done(upload("/Shared/jupyter/auto.ipynb", string(book), ofFormat(workspace.ImportFormatAuto)))
	same("the extension is gone", status("/Shared/jupyter/auto").ObjectType, workspace.ObjectTypeNotebook)
	source := "# " + header + "1"
	done(upload("/Shared/jupyter/auto.py", source, ofFormat(workspace.ImportFormatAuto), overwrite))
	same("clobbered by name", string(download("/Shared/jupyter/auto", workspace.ExportFormatSource)), source)
	refused(upload("/Shared/jupyter/broken", "{", ofFormat(workspace.ImportFormatJupyter)), databricks.ErrBadRequest, "")
}

func workspaceFiles() {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/files"))
	small := make([]byte, 256)
	for number := range small {
		small[number] = byte(number)
	}
	path := "/Shared/files/all bytes ü.bin"
	done(w.Workspace.WriteFile(ctx, path, small))
	check(slices.Equal(must(w.Workspace.ReadFile(ctx, path)), small), "the file came back changed")
	read := status(path)
	same("kind and size", []any{read.ObjectType, read.Size}, []any{workspace.ObjectTypeFile, int64(256)})
	refused(upload(path, "2", ofFormat(workspace.ImportFormatAuto)), databricks.ErrResourceConflict, "already exists")
	done(w.Workspace.WriteFile(ctx, path, []byte("2")))
	same("after an overwrite", string(download(path, workspace.ExportFormatAuto)), "2")
	same("its id", status(path).ObjectId, read.ObjectId)
	refused(upload(path, "2", ofLanguage(workspace.LanguagePython), overwrite), nil, "")
	done(upload("/Shared/files/plain.py", "print(1)", ofFormat(workspace.ImportFormatAuto)))
	same("a module", status("/Shared/files/plain.py").ObjectType, workspace.ObjectTypeFile)
	done(upload("/Shared/files/raw.py", "# "+header, ofFormat(workspace.ImportFormatRaw)))
	same("RAW is always a file", status("/Shared/files/raw.py").ObjectType, workspace.ObjectTypeFile)
	done(w.Workspace.WriteFile(ctx, "/Shared/files/empty", nil))
	same("an empty file", status("/Shared/files/empty").Size, int64(0))
	done(remove(path, false))
	refused(from(w.Workspace.ReadFile(ctx, path)), databricks.ErrNotFound, "doesn't exist")
}

// largeFiles: JSON carries up to 10 MB; the SDK's own uploads and downloads are for more.
func largeFiles() {
	done(w.Workspace.MkdirsByPath(ctx, "/Shared/large"))
	large, path := make([]byte, 11<<20), "/Shared/large/large.bin"
	for number := range large {
		large[number] = byte(number * 7919 >> 8)
	}
	refused(w.Workspace.Import(ctx, workspace.Import{Path: path, Content: base64.StdEncoding.EncodeToString(large),
		Format: workspace.ImportFormatAuto}), databricks.ErrBadRequest, "10485760")
	done(w.Workspace.WriteFile(ctx, path, large))
	same("its size", status(path).Size, int64(len(large)))
	refused(from(w.Workspace.Export(ctx, workspace.ExportRequest{Path: path, Format: workspace.ExportFormatAuto})),
		databricks.ErrBadRequest, "10485760")
	check(slices.Equal(download(path, workspace.ExportFormatAuto), large), "the large file came back changed")
	done(remove("/Shared/large", true))
	refused(from(w.Workspace.Download(ctx, path)), databricks.ErrNotFound, "doesn't exist")
}
