#include <gtest/gtest.h>

#include "simulator/files/tree.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string python = "# Databricks notebook source\nprint(1)\n";
const std::string ipynb =
    R"x({"cells":[{"cell_type":"code","source":["print(2)"],"metadata":{},"outputs":[]}],"nbformat":4})x";

class TreeContentTest : public testing::Test {
 protected:
  http::Response import(const std::string& path, const std::string& format,
                        const std::string& content, bool overwrite = false,
                        const std::string& language = "") {
    json body = json::object({{"path", path},
                              {"format", format},
                              {"content", base64_encode(content)},
                              {"overwrite", overwrite}});
    if (!language.empty()) body["language"] = language;
    return probe.post("/api/2.0/workspace/import", body);
  }
  http::Response upload(const std::string& path, const std::string& bytes, bool overwrite = false) {
    auto request = probe.request(http::Method::post, "/api/2.0/workspace-files/import-file/" +
                                                         http::percent_encode(path.substr(1)));
    request.query.emplace_back("overwrite", overwrite ? "true" : "false");
    request.body = bytes;
    return probe.region().handle(request, probe.now_micros());
  }
  json status(const std::string& path) {
    return body_of(probe.get("/api/2.0/workspace/get-status?return_export_info=true&path=" +
                             http::percent_encode(path)));
  }
  http::Response download(const std::string& path, const std::string& format) {
    return probe.get("/api/2.0/workspace/export?direct_download=true&format=" + format +
                     "&path=" + http::percent_encode(path));
  }
  Probe probe;
};

TEST_F(TreeContentTest, ImportNeverMakesParents) {
  const auto answer = import("/Shared/new/x.txt", "RAW", "x");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(code_of(answer), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(message_of(answer), "The parent folder (/Shared/new) does not exist.");
  EXPECT_EQ(upload("/Shared/new/x.txt", "x").status, 404);
  import("/Shared/file", "RAW", "x");
  EXPECT_EQ(import("/Shared/file/x", "RAW", "x").status, 404) << "a file is no folder";
}

TEST_F(TreeContentTest, NothingIsPutBesideTheHomes) {
  EXPECT_EQ(code_of(import("/Users/x.txt", "RAW", "x")), "DIRECTORY_PROTECTED");
}

TEST_F(TreeContentTest, SourceNeedsALanguage) {
  const auto answer = import("/Shared/n", "SOURCE", python);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(code_of(answer), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(import("/Shared/n", "SOURCE", python, false, "PYTHON").status, 200);
  EXPECT_EQ(text_of(status("/Shared/n"), "object_type"), "NOTEBOOK");
  EXPECT_EQ(import("/Shared/n.sql", "SOURCE", "select 1").status, 200)
      << "guessed from the extension";
  EXPECT_EQ(text_of(status("/Shared/n.sql"), "language"), "SQL") << "and the extension stays";
  EXPECT_EQ(code_of(import("/Shared/m", "SOURCE", "x", false, "COBOL")), "INVALID_PARAMETER_VALUE");
}

TEST_F(TreeContentTest, SourceComesBackWithTheHeaderOnce) {
  import("/Shared/n", "SOURCE", "val x = 1\n", false, "SCALA");
  EXPECT_EQ(download("/Shared/n", "SOURCE").body, "// Databricks notebook source\nval x = 1\n");
  import("/Shared/m", "SOURCE", python, false, "PYTHON");
  EXPECT_EQ(download("/Shared/m", "SOURCE").body, python);
}

TEST_F(TreeContentTest, AutoDecidesByExtensionAndHeader) {
  import("/Shared/a.py", "AUTO", python);
  EXPECT_EQ(text_of(status("/Shared/a"), "object_type"), "NOTEBOOK");
  EXPECT_TRUE(status("/Shared/a.py").contains("error_code")) << "the extension is stripped";
  import("/Shared/b.py", "AUTO", "print(1)\n");
  EXPECT_EQ(text_of(status("/Shared/b.py"), "object_type"), "FILE");
  import("/Shared/c.txt", "AUTO", python);
  EXPECT_EQ(text_of(status("/Shared/c.txt"), "object_type"), "FILE");
  import("/Shared/d.ipynb", "AUTO", ipynb);
  EXPECT_EQ(text_of(status("/Shared/d"), "repos_export_format"), "JUPYTER");
  import("/Shared/e.py", "RAW", python);
  EXPECT_EQ(text_of(status("/Shared/e.py"), "object_type"), "FILE") << "RAW never makes notebooks";
  import("/Shared/f.sql", "AUTO", python);
  EXPECT_EQ(text_of(status("/Shared/f.sql"), "object_type"), "FILE")
      << "the header of another language";
}

TEST_F(TreeContentTest, JupyterComesBackByteForByte) {
  ASSERT_EQ(import("/Shared/j", "JUPYTER", ipynb).status, 200);
  EXPECT_EQ(text_of(status("/Shared/j"), "language"), "PYTHON");
  EXPECT_EQ(download("/Shared/j", "JUPYTER").body, ipynb);
  EXPECT_EQ(download("/Shared/j", "AUTO").body, ipynb);
  EXPECT_EQ(download("/Shared/j", "SOURCE").body, "# Databricks notebook source\nprint(2)\n");
  EXPECT_EQ(code_of(import("/Shared/k", "JUPYTER", "no json")), "INVALID_PARAMETER_VALUE");
  import("/Shared/s", "SOURCE", python + "\n# COMMAND ----------\n\nprint(3)\n", false, "PYTHON");
  EXPECT_EQ(text_of(status("/Shared/s"), "repos_export_format"), "SOURCE");
  const json converted = body_of(download("/Shared/s", "JUPYTER"));
  EXPECT_EQ(count_of(converted, "cells"), 2U);
}

TEST_F(TreeContentTest, ExistingFileIs409AndExistingNotebook400WithoutACode) {
  import("/Shared/f.txt", "RAW", "1");
  const auto file = import("/Shared/f.txt", "RAW", "2");
  EXPECT_EQ(file.status, 409);
  EXPECT_EQ(message_of(file), "File already exists at (/Shared/f.txt).");
  EXPECT_EQ(upload("/Shared/f.txt", "2").status, 409);
  import("/Shared/n", "SOURCE", python, false, "PYTHON");
  for (const auto& answer : {import("/Shared/n", "SOURCE", python, false, "PYTHON"),
                             upload("/Shared/n.py", python), upload("/Shared/n", "plain")}) {
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(code_of(answer), "");
    EXPECT_TRUE(message_of(answer).ends_with("already exists.")) << message_of(answer);
  }
}

TEST_F(TreeContentTest, OverwriteKeepsIdAndChangesOnlyTheSameType) {
  import("/Shared/n", "SOURCE", python, false, "PYTHON");
  const json before = status("/Shared/n");
  probe.wait_millis(1000);
  ASSERT_EQ(import("/Shared/n", "SOURCE", "select 1", true, "SQL").status, 200);
  const json after = status("/Shared/n");
  EXPECT_EQ(after.at("object_id"), before.at("object_id"));
  EXPECT_EQ(after.at("created_at"), before.at("created_at"));
  EXPECT_EQ(after.at("modified_at").get<std::int64_t>(),
            before.at("modified_at").get<std::int64_t>() + 1000);
  EXPECT_EQ(after.at("language"), "SQL");
  const auto other_type = import("/Shared/n", "RAW", "bytes", true);
  EXPECT_EQ(other_type.status, 400);
  EXPECT_EQ(code_of(other_type), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(message_of(other_type), "Node named 'n' already exists");
  probe.post("/api/2.0/workspace/mkdirs", json::object({{"path", "/Shared/dir"}}));
  EXPECT_EQ(code_of(import("/Shared/dir", "RAW", "x", true)), "RESOURCE_ALREADY_EXISTS");
}

TEST_F(TreeContentTest, JsonBodiesHoldTenMegabytes) {
  const std::string large(8 * 1024 * 1024, 'x');  // more than 10 MB in base64
  EXPECT_EQ(code_of(import("/Shared/large", "RAW", large)), "MAX_NOTEBOOK_SIZE_EXCEEDED");
  const std::string larger(11 * 1024 * 1024, 'x');
  ASSERT_EQ(upload("/Shared/large", larger).status, 200);
  const auto refused = probe.get("/api/2.0/workspace/export?format=AUTO&path=/Shared/large");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(code_of(refused), "MAX_NOTEBOOK_SIZE_EXCEEDED");
  EXPECT_EQ(download("/Shared/large", "AUTO").body, larger);
  EXPECT_EQ(probe.get("/api/2.0/workspace-files/Shared/large").body.size(), larger.size());
  EXPECT_EQ(code_of(upload("/Shared/n.py", python + larger)), "MAX_NOTEBOOK_SIZE_EXCEEDED");
}

TEST_F(TreeContentTest, RawFilesArePercentEncodedInOnePiece) {
  probe.post("/api/2.0/workspace/mkdirs", json::object({{"path", "/Shared/a b"}}));
  const std::string bytes("\0\xff#?", 4);
  ASSERT_EQ(upload("/Shared/a b/x#1?.bin", bytes).status, 200);
  EXPECT_EQ(download("/Shared/a b/x#1?.bin", "AUTO").body, bytes);
  EXPECT_EQ(probe.get("/api/2.0/workspace-files/Shared/a%20b/x%231%3F.bin").body, bytes);
  EXPECT_EQ(probe.get("/api/2.0/workspace-files/Shared/none").status, 404);
}

TEST_F(TreeContentTest, ExportsAsBase64WithoutDirectDownload) {
  import("/Shared/n", "SOURCE", python, false, "PYTHON");
  const json body = body_of(probe.get("/api/2.0/workspace/export?path=/Shared/n"));
  EXPECT_EQ(base64_decode(text_of(body, "content")), python);
  EXPECT_EQ(body.at("file_type"), "py");
}

TEST_F(TreeContentTest, RefusesFormatsThatDoNotFit) {
  import("/Shared/n", "SOURCE", python, false, "PYTHON");
  import("/Shared/f", "RAW", "x");
  EXPECT_EQ(download("/Shared/n", "HTML").status, 400);
  EXPECT_EQ(download("/Shared/f", "JUPYTER").status, 400);
  EXPECT_EQ(import("/Shared/h", "HTML", "<html>").status, 400);
  EXPECT_EQ(import("/Shared/h", "DBC", "PK").status, 400);
  EXPECT_EQ(
      probe
          .post("/api/2.0/workspace/import",
                json::object({{"path", "/Shared/b"}, {"format", "RAW"}, {"content", "no base64!"}}))
          .status,
      400);
  EXPECT_EQ(download("/Shared", "SOURCE").body.substr(0, 2), "PK")
      << "a directory silently is an archive";
}

TEST_F(TreeContentTest, MultipartNeedsNoBase64) {
  auto request = probe.request(http::Method::post, "/api/2.0/workspace/import");
  request.content_type = "multipart/form-data; boundary=line";
  request.headers.emplace_back("Content-Type", request.content_type);
  const auto part = [](const std::string& name, const std::string& value) {
    return "--line\r\nContent-Disposition: form-data; name=\"" + name + "\"" +
           (name == "content" ? "; filename=\"n\"" : "") + "\r\n\r\n" + value + "\r\n";
  };
  request.body = part("path", "/Shared/n") + part("format", "SOURCE") + part("language", "PYTHON") +
                 part("overwrite", "true") + part("content", python) + "--line--\r\n";
  EXPECT_EQ(probe.region().handle(request, probe.now_micros()).status, 200);
  EXPECT_EQ(download("/Shared/n", "SOURCE").body, python);
}

TEST_F(TreeContentTest, ListsOnlyNotebooksThatChangedSince) {
  import("/Shared/old", "SOURCE", python, false, "PYTHON");
  import("/Shared/file", "RAW", "x");
  const auto moment = status("/Shared/old").at("modified_at").dump();
  probe.wait_millis(5);
  import("/Shared/new", "SOURCE", python, false, "PYTHON");
  const json found =
      body_of(probe.get("/api/2.0/workspace/list?path=/Shared&notebooks_modified_after=" + moment));
  ASSERT_EQ(count_of(found, "objects"), 2U);
  EXPECT_EQ(found.at("objects")[0].at("path"), "/Shared/file");
  EXPECT_EQ(found.at("objects")[1].at("path"), "/Shared/new");
}

}  // namespace
}  // namespace twinlake::simulator
