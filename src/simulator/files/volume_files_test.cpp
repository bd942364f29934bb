#include "simulator/files/volume_files.h"

#include <gtest/gtest.h>

#include "simulator/commands/storage_accounts.h"
#include "simulator/files/unity_catalog.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string files = "/api/2.0/fs/files";
const std::string folders = "/api/2.0/fs/directories";
const std::string volume = "/Volumes/main/raw/files";

std::string header(const http::Response& response, const char* name) {
  const std::string* value = http::find_header(response.headers, name);
  return value == nullptr ? "" : *value;
}

class VolumeFilesTest : public testing::Test {
 protected:
  VolumeFilesTest() { probe.post("/sim/volumes", json::object({{"full_name", "main.raw.files"}})); }

  static std::string encoded(const std::string& path) {
    std::string out;
    for (const std::string& segment : split(path.substr(1), '/'))
      out += "/" + http::percent_encode(segment);
    return out;
  }
  http::Response put(const std::string& path, const std::string& bytes,
                     const std::string& query = "") {
    http::Request request = probe.request(http::Method::put, files + encoded(path) + query);
    request.body = bytes;
    request.content_type = "application/octet-stream";
    return probe.serve(request).response;
  }
  http::Response get(const std::string& path, http::Headers more = {}) {
    http::Request request = probe.request(http::Method::get, files + encoded(path));
    for (auto& [name, value] : more) request.headers.emplace_back(name, value);
    return probe.serve(request).response;
  }
  http::Response folder(http::Method method, const std::string& path) {
    return probe.send(method, folders + encoded(path));
  }
  std::vector<std::string> names(const std::string& path, const std::string& size = "0") {
    std::vector<std::string> found;
    std::string token;
    do {
      const json page = body_of(probe.get(folders + encoded(path) + "?page_size=" + size +
                                          "&page_token=" + http::percent_encode(token)));
      for (const json& item : list_of(page, "contents")) found.push_back(text_of(item, "name"));
      token = text_of(page, "next_page_token");
    } while (!token.empty());
    return found;
  }
  json post(const std::string& target, const json& body = json::object()) {
    return body_of(probe.post("/api/2.0/fs/" + target, body));
  }
  std::string initiate(const std::string& path, const std::string& overwrite = "true") {
    const json made =
        post("files" + encoded(path) + "?action=initiate-upload&overwrite=" + overwrite);
    return made.contains("multipart_upload") ? text_of(made.at("multipart_upload"), "session_token")
                                             : text_of(made, "error_code");
  }
  json part_links(const std::string& token, int first, int count, json more = json::object()) {
    more.update(json::object({{"path", volume + "/big"},
                              {"session_token", token},
                              {"start_part_number", first},
                              {"count", count}}));
    return post("create-upload-part-urls", more).value("upload_part_urls", json::array());
  }
  /// As a client of the storage does it: no token, but the headers that were given.
  http::Response use(http::Method method, const json& link, const std::string& bytes = "") {
    std::string target = text_of(link, "url");
    target.erase(0, std::string("http://localhost").size());
    probe.use_token("");
    http::Request request = probe.request(method, target);
    probe.use_token("dapi-simulated");
    for (const json& given : list_of(link, "headers"))
      request.headers.emplace_back(text_of(given, "name"), text_of(given, "value"));
    request.body = bytes;
    return probe.serve(request).response;
  }
  http::Response complete(const std::string& token, const json& parts) {
    return probe.post(
        "/api/2.0/fs/files" + volume +
            "/big?action=complete-upload&upload_type=multipart&session_token=" + token,
        json::object({{"parts", parts}}));
  }
  Probe probe;
};

using Names = std::vector<std::string>;

TEST_F(VolumeFilesTest, FilesArePutReadAndRemoved) {
  const std::string path = volume + "/a.bin";
  const std::string bytes("{not json\0\xff", 11);
  const auto made = put(path, bytes, "?overwrite=false");
  EXPECT_EQ(made.status, 204);
  EXPECT_EQ(made.body, "");
  const auto read = get(path);
  EXPECT_EQ(read.body, bytes);
  EXPECT_EQ(header(read, "Last-Modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
  const auto head = probe.send(http::Method::head, files + path);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(header(head, "Content-Length"), "11");
  const auto taken = put(path, "x", "?overwrite=false");
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(code_of(taken), "ALREADY_EXISTS");
  EXPECT_EQ(put(path, "2", "?overwrite=true").status, 204);
  EXPECT_EQ(put(path, "3").status, 204) << "what is not said replaces";
  EXPECT_EQ(get(path).body, "3");
  EXPECT_EQ(probe.del(files + path).status, 204);
  EXPECT_EQ(get(path).status, 404);
  EXPECT_EQ(probe.send(http::Method::head, files + path).status, 404);
  EXPECT_EQ(probe.del(files + path).status, 404);
}

TEST_F(VolumeFilesTest, AnyCharacterMayStandInAPath) {
  for (const char* name : {"a#b", "a?b=c&d", "50% off", "a%20b", "zażółć 湖", "a+b"}) {
    const std::string path = volume + "/" + name;
    ASSERT_EQ(put(path, name).status, 204) << name;
    EXPECT_EQ(get(path).body, name);
  }
  EXPECT_EQ(names(volume).size(), 6U);
}

TEST_F(VolumeFilesTest, RangesAndConditions) {
  const std::string path = volume + "/a";
  put(path, "0123456789");
  const auto range = [&](const char* wanted) { return get(path, {{"Range", wanted}}); };
  EXPECT_EQ(range("bytes=2-4").status, 206);
  EXPECT_EQ(range("bytes=2-4").body, "234");
  EXPECT_EQ(header(range("bytes=2-4"), "Content-Range"), "bytes 2-4/10");
  EXPECT_EQ(range("bytes=7-").body, "789");
  EXPECT_EQ(range("bytes=7-100").body, "789");
  EXPECT_EQ(range("bytes=-2").body, "89");
  EXPECT_EQ(range("bytes=0-9").status, 200) << "all of it";
  EXPECT_EQ(range("bytes=10-").status, 416);
  EXPECT_EQ(header(range("bytes=10-"), "Content-Range"), "bytes */10");
  EXPECT_EQ(range("lines=1-2").body, "0123456789");
  const http::Headers then = {{"If-Unmodified-Since", header(get(path), "Last-Modified")}};
  EXPECT_EQ(get(path, then).status, 200);
  probe.wait_millis(1000);
  put(path, "new");
  EXPECT_EQ(get(path, then).status, 412);
}

TEST_F(VolumeFilesTest, FoldersAreMadeListedInPagesAndRemovedWhenEmpty) {
  ASSERT_EQ(folder(http::Method::put, volume + "/a/b/c").status, 204);
  ASSERT_EQ(folder(http::Method::put, volume + "/a/b/c").status, 204) << "idempotent";
  for (const char* name : {"1", "2", "3", "4"}) put(volume + "/a/" + name, "x");
  EXPECT_EQ(names(volume + "/a"), (Names{"1", "2", "3", "4", "b"}));
  EXPECT_EQ(names(volume + "/a", "2"), (Names{"1", "2", "3", "4", "b"}));
  EXPECT_EQ(names(volume), Names{"a"});
  const json page = body_of(probe.get(folders + volume + "/a?page_size=5"));
  EXPECT_FALSE(page.contains("next_page_token"));
  EXPECT_EQ(page.at("contents")[0], json::object({{"path", volume + "/a/1"},
                                                  {"name", "1"},
                                                  {"is_directory", false},
                                                  {"file_size", 1},
                                                  {"last_modified", probe.now_micros() / 1000}}));
  EXPECT_EQ(page.at("contents")[4],
            json::object({{"path", volume + "/a/b/"}, {"name", "b"}, {"is_directory", true}}));
  EXPECT_EQ(probe.get(folders + volume + "?page_size=1001").status, 400);
  EXPECT_EQ(probe.get(folders + volume + "?page_token=x").status, 400);
  EXPECT_EQ(folder(http::Method::head, volume + "/a").status, 200);
  EXPECT_EQ(folder(http::Method::head, volume + "/none").status, 404);
  const auto full = folder(http::Method::del, volume + "/a/b");
  EXPECT_EQ(full.status, 400);
  EXPECT_EQ(code_of(full), "DIRECTORY_NOT_EMPTY");
  EXPECT_EQ(folder(http::Method::del, volume + "/a/b/c").status, 204);
  EXPECT_EQ(folder(http::Method::del, volume + "/a/b").status, 204);
  EXPECT_EQ(folder(http::Method::del, volume + "/a/b").status, 404);
  EXPECT_EQ(folder(http::Method::del, volume).status, 400);
}

TEST_F(VolumeFilesTest, APathIsOfOneKind) {
  put(volume + "/file", "x");
  folder(http::Method::put, volume + "/folder");
  EXPECT_EQ(get(volume + "/folder").status, 409);
  EXPECT_EQ(put(volume + "/folder", "x").status, 409);
  EXPECT_EQ(probe.del(files + volume + "/folder").status, 409);
  EXPECT_EQ(folder(http::Method::get, volume + "/file").status, 409);
  EXPECT_EQ(folder(http::Method::put, volume + "/file").status, 409);
  EXPECT_EQ(folder(http::Method::put, volume + "/file/below").status, 409);
  EXPECT_EQ(folder(http::Method::del, volume + "/file").status, 409);
  EXPECT_EQ(put(volume + "/none/x", "x").status, 404) << "folders come first";
  probe.post("/sim/volume-files", json::object({{"implicit_folders", true}}));
  EXPECT_EQ(put(volume + "/none/x", "x").status, 204) << "or by themselves: it is not said";
}

TEST_F(VolumeFilesTest, TheVolumeMustExistAndItsStorageMustAnswer) {
  EXPECT_EQ(put("/Volumes/main/raw/gone/x", "x").status, 404);
  EXPECT_EQ(folder(http::Method::get, "/Volumes/main/raw/gone").status, 404);
  EXPECT_EQ(folder(http::Method::get, "/Volumes/main/raw").status, 400);
  EXPECT_EQ(get("/dbfs/x").status, 400);
  const json external =
      json::object({{"full_name", "main.raw.ext"},
                    {"storage_location", "abfss://raw@stprimary.dfs.core.windows.net/files"}});
  ASSERT_EQ(probe.post("/sim/volumes", external).status, 200);
  const std::string path = "/Volumes/MAIN/Raw/ext/x";
  ASSERT_EQ(put(path, "x").status, 204);
  auto& accounts = probe.region().get<StorageAccounts>();
  accounts.set("stprimary", AccountState::denies);
  EXPECT_EQ(get(path).status, 403);
  EXPECT_EQ(code_of(get(path)), "PERMISSION_DENIED");
  accounts.set("stprimary", AccountState::dead);
  EXPECT_EQ(get(path).status, 503);
  accounts.set("stprimary", AccountState::alive);
  probe.del("/api/2.1/unity-catalog/volumes/main.raw.ext");
  EXPECT_EQ(get(path).status, 404);
  probe.post("/sim/volumes", external);
  EXPECT_EQ(get(path).body, "x") << "the files are the storage's";
  put(volume + "/x", "x");
  probe.del("/api/2.1/unity-catalog/volumes/main.raw.files");
  probe.post("/sim/volumes", json::object({{"full_name", "main.raw.files"}}));
  EXPECT_EQ(get(volume + "/x").status, 404) << "those of a managed volume go with it";
}

TEST_F(VolumeFilesTest, LargeFilesComeInParts) {
  const std::string token = initiate(volume + "/big");
  const json links = part_links(token, 1, 3);
  ASSERT_EQ(links.size(), 3U);
  const auto second = use(http::Method::put, links[1], "second ");
  const auto first = use(http::Method::put, links[0], "first ");
  EXPECT_EQ(first.status, 201);
  const auto part = [](int number, const http::Response& stored) {
    return json::object({{"part_number", number}, {"etag", header(stored, "ETag")}});
  };
  EXPECT_EQ(complete(token, json::array({part(1, first)})).status, 400) << "one is missing";
  EXPECT_EQ(complete(token, json::array({part(2, second), part(1, first)})).status, 400);
  EXPECT_EQ(complete(token, json::array({part(1, second), part(2, first)})).status, 400) << "etags";
  EXPECT_EQ(get(volume + "/big").status, 404) << "nothing before it is complete";
  ASSERT_EQ(complete(token, json::array({part(1, first), part(2, second)})).status, 200);
  EXPECT_EQ(get(volume + "/big").body, "first second ");
  EXPECT_EQ(complete(token, json::array()).status, 404) << "only once";
  EXPECT_EQ(use(http::Method::put, links[0], "late").status, 404);
  EXPECT_EQ(initiate(volume + "/big", "false"), "ALREADY_EXISTS");
  EXPECT_EQ(initiate(volume + "/none/big"), "NOT_FOUND");
}

TEST_F(VolumeFilesTest, PartsMayHaveNoEtag) {
  probe.post("/sim/volume-files", json::object({{"part_etags", false}}));
  const std::string token = initiate(volume + "/big");
  EXPECT_EQ(header(use(http::Method::put, part_links(token, 1, 1)[0], "x"), "ETag"), "");
  EXPECT_EQ(complete(token, json::array({json::object({{"part_number", 1}})})).status, 200);
}

TEST_F(VolumeFilesTest, LinksAreThePermission) {
  const std::string token = initiate(volume + "/big");
  json link = part_links(token, 1, 1)[0];
  json bare = link;
  bare.erase("headers");
  EXPECT_EQ(use(http::Method::put, bare, "x").status, 400) << "a header was asked for";
  json with_token = link;
  with_token["headers"].push_back(
      json::object({{"name", "Authorization"}, {"value", "Bearer dapi-simulated"}}));
  EXPECT_EQ(use(http::Method::put, with_token, "x").status, 400);
  json forged = link;
  forged["url"] = text_of(link, "url") + "0";
  EXPECT_EQ(use(http::Method::put, forged, "x").status, 403);
  const json brief =
      part_links(token, 1, 1, json::object({{"expire_time", "2026-01-01T00:01:00Z"}}))[0];
  probe.wait_millis(60'000);
  EXPECT_EQ(use(http::Method::put, brief, "x").status, 403) << "it has expired";
  EXPECT_EQ(use(http::Method::put, link, "x").status, 201);
  const json abort = post("create-abort-upload-url",
                          json::object({{"path", volume + "/big"}, {"session_token", token}}))
                         .value("abort_upload_url", json::object());
  EXPECT_EQ(use(http::Method::del, abort).status, 204);
  EXPECT_EQ(use(http::Method::put, link, "x").status, 404);
  EXPECT_TRUE(part_links(token, 1, 1).empty());
}

TEST_F(VolumeFilesTest, DownloadsByLink) {
  const std::string path = volume + "/50% off #1";
  put(path, "0123456789");
  json link = post("create-download-url", json::object({{"path", path}}));
  EXPECT_EQ(use(http::Method::get, link).body, "0123456789");
  link["headers"].push_back(json::object({{"name", "Range"}, {"value", "bytes=1-2"}}));
  EXPECT_EQ(use(http::Method::get, link).body, "12");
  EXPECT_EQ(text_of(post("create-download-url", json::object({{"path", volume + "/none"}})),
                    "error_code"),
            "NOT_FOUND");
  probe.wait_millis(3600 * 1000);
  EXPECT_EQ(use(http::Method::get, link).status, 403);
}

TEST_F(VolumeFilesTest, TheWorldShowsDigestsInsteadOfContent) {
  ASSERT_FALSE(probe.region().get<VolumeFiles>().plant(volume + "/in/a", "content"));
  EXPECT_NE(probe.region().get<VolumeFiles>().find(volume + "/in/a"), nullptr);
  const json all = probe.region().world().at("volume_files");
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(text_of(all[0], "path"), volume + "/in/");
  EXPECT_EQ(text_of(all[1], "sha256"), sha256_hex("content"));
}

}  // namespace
}  // namespace twinlake::simulator
