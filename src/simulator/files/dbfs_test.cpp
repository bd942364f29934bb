#include "simulator/files/dbfs.h"

#include <gtest/gtest.h>

#include "simulator/commands/mounts.h"
#include "simulator/commands/storage_accounts.h"
#include "simulator/probe.h"

namespace twinlake::simulator {
namespace {

const std::string dbfs = "/api/2.0/dbfs/";
constexpr std::size_t megabyte = 1048576;

class DbfsTest : public testing::Test {
 protected:
  http::Response put(const std::string& path, const std::string& bytes, bool overwrite = false) {
    return probe.post(dbfs + "put", json::object({{"path", path},
                                                  {"contents", base64_encode(bytes)},
                                                  {"overwrite", overwrite}}));
  }
  http::Response act(const std::string& verb, const std::string& path) {
    return probe.post(dbfs + verb, json::object({{"path", path}}));
  }
  http::Response get(const std::string& verb, const std::string& path,
                     const std::string& more = "") {
    return probe.get(dbfs + verb + "?path=" + http::percent_encode(path) + more);
  }
  http::Response remove(const std::string& path, bool recursive) {
    return probe.post(dbfs + "delete", json::object({{"path", path}, {"recursive", recursive}}));
  }
  http::Response move(const std::string& from, const std::string& to) {
    return probe.post(dbfs + "move",
                      json::object({{"source_path", from}, {"destination_path", to}}));
  }
  std::int64_t open(const std::string& path, bool overwrite = false) {
    const auto made =
        probe.post(dbfs + "create", json::object({{"path", path}, {"overwrite", overwrite}}));
    return integer_of(body_of(made), "handle").value_or(0);
  }
  http::Response add(std::int64_t handle, const std::string& bytes) {
    return probe.post(dbfs + "add-block",
                      json::object({{"handle", handle}, {"data", base64_encode(bytes)}}));
  }
  http::Response close(std::int64_t handle) {
    return probe.post(dbfs + "close", json::object({{"handle", handle}}));
  }
  std::string content(const std::string& path) {
    const json read = body_of(get("read", path));
    return base64_decode(text_of(read, "data")).value_or("not base64");
  }
  std::vector<std::string> names(const std::string& path) {
    std::vector<std::string> found;
    const json body = body_of(get("list", path));
    for (const json& file : list_of(body, "files")) found.push_back(text_of(file, "path"));
    return found;
  }
  void mount(const std::string& point, const std::string& source) {
    ASSERT_EQ(probe.post("/sim/mounts", json::object({{"mount_point", point}, {"source", source}}))
                  .status,
              200);
  }
  Probe probe;
};

using Names = std::vector<std::string>;

TEST_F(DbfsTest, FilesAreListedReadAndShown) {
  ASSERT_EQ(put("dbfs:/FileStore/jars/a.jar", "abc").status, 200);
  const json status = body_of(get("get-status", "/FileStore/jars/a.jar"));
  EXPECT_EQ(status, json::object({{"path", "/FileStore/jars/a.jar"},
                                  {"is_dir", false},
                                  {"file_size", 3},
                                  {"modification_time", probe.now_micros() / 1000}}));
  EXPECT_EQ(content("/FileStore//jars/a.jar"), "abc");
  EXPECT_EQ(names("/FileStore"), Names{"/FileStore/jars"});
  EXPECT_EQ(names("/FileStore/jars/"), Names{"/FileStore/jars/a.jar"});
  EXPECT_EQ(names("dbfs:/FileStore/jars/a.jar"), Names{"/FileStore/jars/a.jar"})
      << "a file lists itself";
  EXPECT_TRUE(body_of(get("get-status", "/FileStore/jars")).at("is_dir").get<bool>());
  ASSERT_EQ(act("mkdirs", "/FileStore/empty").status, 200);
  EXPECT_EQ(body_of(get("list", "/FileStore/empty")), json::object()) << "no key when empty";
  EXPECT_EQ(get("list", "").status, 400);
  EXPECT_EQ(get("list", "relative").status, 400);
  for (const char* verb : {"list", "get-status", "read"}) {
    const auto gone = get(verb, "/FileStore/gone");
    EXPECT_EQ(gone.status, 404) << verb;
    EXPECT_EQ(code_of(gone), "RESOURCE_DOES_NOT_EXIST") << verb;
  }
}

TEST_F(DbfsTest, AnyCharacterMayStandInAPath) {
  for (const std::string& name :
       {std::string("a#b"), std::string("a?b=c&d"), std::string("50% off"), std::string("a%20b"),
        std::string("zażółć 湖"), std::string("a+b")}) {
    const std::string path = "/FileStore/" + name + "/" + name;
    ASSERT_EQ(put(path, name).status, 200) << name;
    EXPECT_EQ(content(path), name);
    EXPECT_EQ(names("/FileStore/" + name), Names{path});
  }
}

TEST_F(DbfsTest, ReadsComeInPartsOfAtMostOneMegabyte) {
  std::string bytes(2 * megabyte, 'x');
  bytes[megabyte] = 'y';
  bytes.back() = 'z';
  const std::int64_t handle = open("/tmp/big");
  ASSERT_EQ(add(handle, bytes.substr(0, megabyte)).status, 200);
  ASSERT_EQ(add(handle, bytes.substr(megabyte)).status, 200);
  ASSERT_EQ(close(handle).status, 200);
  EXPECT_EQ(body_of(get("read", "/tmp/big")).at("bytes_read"), megabyte / 2) << "unless told";
  const auto part = [&](std::size_t offset, std::size_t length) {
    const auto read =
        get("read", "/tmp/big",
            "&offset=" + std::to_string(offset) + "&length=" + std::to_string(length));
    const json body = body_of(read);
    EXPECT_EQ(read.status, 200);
    return base64_decode(text_of(body, "data")).value_or("not base64");
  };
  EXPECT_EQ(part(0, megabyte) + part(megabyte, megabyte), bytes);
  EXPECT_EQ(part(2 * megabyte - 1, 100), "z") << "fewer at the end";
  EXPECT_EQ(part(2 * megabyte, 100), "");
  EXPECT_EQ(code_of(get("read", "/tmp/big", "&length=1048577")), "MAX_READ_SIZE_EXCEEDED");
  EXPECT_EQ(code_of(get("read", "/tmp/big", "&offset=-1")), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(code_of(get("read", "/tmp/big", "&length=x")), "INVALID_PARAMETER_VALUE");
  EXPECT_EQ(code_of(get("read", "/tmp")), "INVALID_PARAMETER_VALUE");
}

TEST_F(DbfsTest, PutRefusesWhatIsThereAndWhatIsTooLarge) {
  ASSERT_EQ(put("/tmp/a", "1").status, 200);
  const auto again = put("/tmp/a", "2");
  EXPECT_EQ(again.status, 400);
  EXPECT_EQ(code_of(again), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(content("/tmp/a"), "1");
  ASSERT_EQ(put("/tmp/a", "2", true).status, 200);
  EXPECT_EQ(content("/tmp/a"), "2");
  EXPECT_EQ(code_of(put("/tmp", "x", true)), "RESOURCE_ALREADY_EXISTS") << "a folder stays one";
  EXPECT_EQ(code_of(put("/tmp/a/b", "x")), "RESOURCE_ALREADY_EXISTS") << "a file is no folder";
  EXPECT_EQ(code_of(act("mkdirs", "/tmp/a/b")), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(act("mkdirs", "/tmp").status, 200) << "idempotent";
  EXPECT_EQ(put("/tmp/fits", std::string(megabyte / 4 * 3, 'x')).status, 200);
  EXPECT_EQ(code_of(put("/tmp/b", std::string(megabyte / 4 * 3 + 1, 'x'))),
            "MAX_BLOCK_SIZE_EXCEEDED");
  EXPECT_EQ(code_of(probe.post(dbfs + "put",
                               json::object({{"path", "/tmp/c"}, {"contents", "not base64"}}))),
            "INVALID_PARAMETER_VALUE");
}

TEST_F(DbfsTest, FormsCarryLargerFiles) {
  const std::string bytes(3 * megabyte, '\xff');
  http::Request request = probe.request(http::Method::post, dbfs + "put");
  request.content_type = "multipart/form-data; boundary=b1";
  request.body =
      "--b1\r\nContent-Disposition: form-data; name=\"path\"\r\n\r\n/tmp/form\r\n"
      "--b1\r\nContent-Disposition: form-data; name=\"overwrite\"\r\n\r\ntrue\r\n"
      "--b1\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" +
      bytes + "\r\n--b1--\r\n";
  ASSERT_EQ(probe.serve(request).response.status, 200);
  ASSERT_EQ(probe.serve(request).response.status, 200) << "overwrite";
  EXPECT_EQ(body_of(get("get-status", "/tmp/form")).at("file_size"), bytes.size());
  request.body = "nonsense";
  EXPECT_EQ(code_of(probe.serve(request).response), "MALFORMED_REQUEST");
}

TEST_F(DbfsTest, BlocksAreSeenWhenTheHandleIsClosed) {
  ASSERT_EQ(put("/tmp/a", "old").status, 200);
  EXPECT_EQ(open("/tmp/a"), 0) << "it exists";
  const std::int64_t handle = open("/tmp/a", true);
  ASSERT_NE(handle, 0);
  EXPECT_EQ(content("/tmp/a"), "") << "what it held is gone at once";
  ASSERT_EQ(add(handle, "new ").status, 200);
  ASSERT_EQ(add(handle, "content").status, 200);
  EXPECT_EQ(content("/tmp/a"), "");
  probe.wait_millis(1000);
  ASSERT_EQ(close(handle).status, 200);
  EXPECT_EQ(content("/tmp/a"), "new content");
  EXPECT_EQ(integer_of(body_of(get("get-status", "/tmp/a")), "modification_time"),
            probe.now_micros() / 1000);
  EXPECT_EQ(code_of(close(handle)), "RESOURCE_DOES_NOT_EXIST") << "only once";
  EXPECT_EQ(code_of(add(handle, "x")), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(code_of(act("close", "/tmp/a")), "INVALID_PARAMETER_VALUE") << "no handle given";
}

TEST_F(DbfsTest, BlocksAreLimitedAndHandlesGoStale) {
  const std::int64_t handle = open("/tmp/a");
  EXPECT_EQ(code_of(add(handle, std::string(megabyte + 1, 'x'))), "MAX_BLOCK_SIZE_EXCEEDED");
  EXPECT_EQ(add(handle, std::string(megabyte, 'x')).status, 200);
  probe.wait_millis(dbfs_handle_idle_millis);
  EXPECT_EQ(add(handle, "still").status, 200);
  probe.wait_millis(dbfs_handle_idle_millis + 1);
  EXPECT_EQ(code_of(add(handle, "late")), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(content("/tmp/a"), "") << "what had been sent is lost";
}

TEST_F(DbfsTest, DeleteIsRecursiveOnlyWhenToldAndMayBePartial) {
  for (int i = 0; i < 5; ++i) put("/tmp/d/" + std::to_string(i % 2) + "/" + std::to_string(i), "x");
  const auto refused = remove("/tmp/d", false);
  EXPECT_EQ(refused.status, 500);
  EXPECT_EQ(code_of(refused), "IO_ERROR");
  EXPECT_EQ(remove("/tmp/d/0/0", false).status, 200);
  probe.post("/sim/dbfs", json::object({{"files_per_delete", 3}}));
  const auto partial = remove("/tmp/d", true);
  EXPECT_EQ(partial.status, 503);
  EXPECT_EQ(code_of(partial), "PARTIAL_DELETE");
  EXPECT_EQ(get("list", "/tmp/d").status, 200) << "the rest is there";
  EXPECT_EQ(remove("/tmp/d", true).status, 200);
  EXPECT_EQ(get("list", "/tmp/d").status, 404);
  EXPECT_EQ(code_of(remove("/tmp/d", true)), "RESOURCE_DOES_NOT_EXIST");
  put("/tmp/e/a", "");
  put("/tmp/e/b", "");
  probe.post("/sim/dbfs", json::object({{"files_per_delete", 1}, {"partial_delete_status", 500}}));
  EXPECT_EQ(remove("/tmp/e", true).status, 500) << "the other status that is documented";
  EXPECT_EQ(remove("/tmp/e", true).status, 200);
  EXPECT_EQ(remove("/", true).status, 400);
}

TEST_F(DbfsTest, MoveTakesWholeFolders) {
  put("/tmp/a/b/c", "1");
  put("/tmp/a-b", "2");
  ASSERT_EQ(move("/tmp/a", "/tmp/z").status, 200);
  EXPECT_EQ(content("/tmp/z/b/c"), "1");
  EXPECT_EQ(get("list", "/tmp/a").status, 404);
  EXPECT_EQ(content("/tmp/a-b"), "2") << "a name that only begins alike";
  EXPECT_EQ(code_of(move("/tmp/gone", "/tmp/y")), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(code_of(move("/tmp/a-b", "/tmp/z")), "RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(code_of(move("/tmp/a-b", "/tmp/none/y")), "RESOURCE_DOES_NOT_EXIST");
  EXPECT_EQ(move("/tmp/z", "/tmp/z/inside").status, 400);
}

TEST_F(DbfsTest, MountsAnswerOnlyWhereSomethingIsMounted) {
  EXPECT_EQ(get("list", "/mnt/raw").status, 404);
  EXPECT_EQ(put("/mnt/raw/a", "x").status, 404);
  mount("/mnt/raw", "abfss://raw@stprimary.dfs.core.windows.net/in/");
  mount("/mnt/deep/er", "wasbs://old@stprimary.blob.core.windows.net");
  EXPECT_EQ(names("/mnt"), (Names{"/mnt/deep", "/mnt/raw"}));
  EXPECT_EQ(names("/mnt/deep"), Names{"/mnt/deep/er"});
  ASSERT_EQ(put("/mnt/raw/day/a", "x").status, 200);
  EXPECT_EQ(names("/mnt/raw/day"), Names{"/mnt/raw/day/a"});
  EXPECT_EQ(get("list", "/mnt/other").status, 404);
  mount("/mnt/same", "abfss://raw@stprimary.dfs.core.windows.net/in");
  EXPECT_EQ(content("/mnt/same/day/a"), "x") << "the content is the storage's, not the mount's";
  EXPECT_EQ(remove("/mnt/raw", true).status, 400);
  EXPECT_EQ(remove("/mnt", true).status, 400);
  const json world = probe.region().world();
  for (const json& entry : world.at("dbfs"))
    EXPECT_EQ(text_of(entry, "path").find("day"), std::string::npos);
  EXPECT_EQ(count_of(world, "mounted_files"), 2U) << "a folder and a file";
}

TEST_F(DbfsTest, StorageThatIsGoneOrDeniesIsSeenThroughItsMount) {
  mount("/mnt/raw", "abfss://raw@stprimary.dfs.core.windows.net/");
  auto& accounts = probe.region().get<StorageAccounts>();
  accounts.set("stprimary", AccountState::dead);
  EXPECT_EQ(code_of(get("list", "/mnt/raw")), "IO_ERROR");
  EXPECT_EQ(get("list", "/mnt").status, 200);
  accounts.set("stprimary", AccountState::denies);
  EXPECT_EQ(get("list", "/mnt/raw").status, 403);
  EXPECT_EQ(probe
                .post("/sim/storage-accounts",
                      json::object({{"account", "stprimary"}, {"state", "alive"}}))
                .status,
            200);
  EXPECT_EQ(get("list", "/mnt/raw").status, 200);
  EXPECT_EQ(
      probe
          .post("/sim/storage-accounts", json::object({{"account", "stprimary"}, {"state", "ill"}}))
          .status,
      400);
}

TEST_F(DbfsTest, SomePlacesAreNotForUse) {
  EXPECT_EQ(get("list", "/Volumes/main/a/b").status, 400);
  EXPECT_EQ(put("/Volumes/main/a/b/c", "x").status, 400);
  EXPECT_EQ(put("/Volumes2", "x").status, 200);
  EXPECT_EQ(get("list", "/databricks-datasets").status, 200);
  EXPECT_EQ(code_of(put("/databricks-datasets/x", "x")), "PERMISSION_DENIED");
}

TEST_F(DbfsTest, MayBeDisabledWhileRunning) {
  put("/tmp/a", "x");
  ASSERT_EQ(probe.post("/sim/options", json::object({{"legacy_dbfs_disabled", true}})).status, 200);
  for (const char* verb : {"list", "get-status", "read"}) {
    EXPECT_EQ(get(verb, "/tmp/a").status, 403) << verb;
    EXPECT_EQ(code_of(get(verb, "/tmp/a")), "FEATURE_DISABLED") << verb;
  }
  for (const char* verb : {"put", "create", "mkdirs", "delete", "add-block", "close"})
    EXPECT_EQ(code_of(act(verb, "/tmp/a")), "FEATURE_DISABLED") << verb;
  EXPECT_EQ(code_of(move("/tmp/a", "/tmp/b")), "FEATURE_DISABLED");
  probe.region().set_legacy_dbfs_disabled(false);
  EXPECT_EQ(content("/tmp/a"), "x");
}

TEST_F(DbfsTest, SettingsThatDifferBetweenWorkspaces) {
  probe.wait_millis(1234);
  probe.post("/sim/dbfs", json::object({{"files_per_list", 2}, {"whole_seconds", true}}));
  for (const char* name : {"/tmp/a/1", "/tmp/a/2"}) put(name, "x");
  EXPECT_EQ(
      body_of(get("get-status", "/tmp/a/1")).at("modification_time").get<std::int64_t>() % 1000, 0);
  EXPECT_EQ(get("list", "/tmp/a").status, 200);
  put("/tmp/a/3", "x");
  EXPECT_EQ(code_of(get("list", "/tmp/a")), "MAX_LIST_SIZE_EXCEEDED");
}

TEST_F(DbfsTest, TheWorldShowsDigestsInsteadOfContent) {
  put("/tmp/a", "secret stuff");
  const json world = probe.region().world();
  json found;
  for (const json& entry : world.at("dbfs"))
    if (entry.at("path") == "/tmp/a") found = entry;
  EXPECT_EQ(text_of(found, "sha256"), sha256_hex("secret stuff"));
  EXPECT_EQ(found.at("file_size"), 12);
  EXPECT_EQ(world.dump().find("secret stuff"), std::string::npos);
  mount("/mnt/raw", "abfss://raw@stprimary.dfs.core.windows.net/");
  EXPECT_EQ(probe.region().world().at("mounts")[0],
            json::object({{"mount_point", "/mnt/raw"},
                          {"source", "abfss://raw@stprimary.dfs.core.windows.net/"},
                          {"encryption_type", ""},
                          {"configs", json::array()}}));
}

}  // namespace
}  // namespace twinlake::simulator
