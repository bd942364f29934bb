// What can be wrong with the folder, the files and the disk.
#include <SQLiteCpp/SQLiteCpp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <csignal>

#include "state/schema.h"
#include "state/store.h"
#include "state/testing.h"

namespace twinlake::state {
namespace {

class OpenTest : public testing::Test {
 protected:
  TemporaryFolder folder;

  Error error_of(const std::string& path, const std::string& group = "prod") const {
    const auto store = Store::open(path, group);
    return store ? Error(Fault::bug, "it opened") : store.error();
  }
  void write_file(const std::string& name, const std::string& content) const {
    std::ofstream(folder.file(name), std::ios::binary) << content;
  }
  void change_database(const char* sql) const {
    SQLite::Database(folder.file("prod.sqlite"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
        .exec(sql);
  }
};

bool says(const Error& error, const std::string& part) {
  const bool found = describe(error).find(part) != std::string::npos;
  if (!found) std::fprintf(stderr, "not in `%s`: %s\n", describe(error).c_str(), part.c_str());
  return found;
}

TEST_F(OpenTest, MakesTheFolderForItsOwnerOnly) {
  const std::string deep = folder.file("a/b");
  ASSERT_TRUE(Store::open(deep, "prod"));
  EXPECT_EQ(std::filesystem::status(deep).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(OpenTest, AReadOnlyFolderIsNamedWithARemedy) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
  EXPECT_TRUE(in_child([&] {
    become_ordinary_user();
    const Error error = error_of(folder.path());
    return error.fault == Fault::io && says(error, folder.file("prod.sqlite")) &&
           says(error, "--state");
  }));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path())) << "nothing half written";
}

TEST_F(OpenTest, AReadOnlyDatabaseIsFoundBeforeTheFirstWrite) {
  {
    opened(folder.path());
  }
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0777));
  std::filesystem::permissions(folder.file("prod.sqlite"), std::filesystem::perms(0444));
  EXPECT_TRUE(in_child([&] {
    become_ordinary_user();
    const Error error = error_of(folder.path());
    return error.fault == Fault::io && says(error, "cannot write " + folder.file("prod.sqlite"));
  }));
}

TEST_F(OpenTest, AFileInPlaceOfTheFolderIsSaidSo) {
  write_file("state", "a file");
  const Error error = error_of(folder.file("state"));
  EXPECT_EQ(error.fault, Fault::io);
  EXPECT_TRUE(says(error, folder.file("state")));
}

TEST_F(OpenTest, AFileThatIsNoDatabaseIsLeftAsItIs) {
  const std::string text(5000, 'x');
  write_file("prod.sqlite", text);
  const Error error = error_of(folder.path());
  EXPECT_EQ(error.fault, Fault::io);
  EXPECT_TRUE(says(error, "damaged or is not a database"));
  EXPECT_TRUE(says(error, "state rebuild"));
  EXPECT_EQ(content_of(folder.file("prod.sqlite")), text);
}

TEST_F(OpenTest, ADamagedPageIsFoundAtTheStart) {
  {
    const auto store = opened(folder.path());
    for (int i = 0; i < 500; ++i) store->put_binding(binding("u" + std::to_string(i)));
  }
  std::fstream file(folder.file("prod.sqlite"), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(0, std::ios::end);
  const auto size = file.tellp();
  for (auto page = std::streamoff{4096}; page < size; page += 4096) {
    file.seekp(page);
    file << std::string(200, '\xff');
  }
  file.close();
  const Error error = error_of(folder.path());
  EXPECT_EQ(error.fault, Fault::io);
  EXPECT_TRUE(says(error, "damaged"));
}

TEST_F(OpenTest, ATruncatedFileIsFoundAtTheStart) {
  {
    const auto store = opened(folder.path());
    for (int i = 0; i < 500; ++i) store->put_binding(binding("u" + std::to_string(i)));
  }
  std::filesystem::resize_file(folder.file("prod.sqlite"), 8192);
  EXPECT_TRUE(says(error_of(folder.path()), "damaged"));
}

TEST_F(OpenTest, ADatabaseOfAnotherProgramIsNotTouched) {
  change_database("CREATE TABLE mine (x)");
  const std::string before = content_of(folder.file("prod.sqlite"));
  EXPECT_TRUE(says(error_of(folder.path()), "another program"));
  EXPECT_EQ(content_of(folder.file("prod.sqlite")), before);
}

TEST_F(OpenTest, ANewerSchemaIsRefused) {
  {
    opened(folder.path());
  }
  change_database("PRAGMA user_version = 99");
  const Error error = error_of(folder.path());
  EXPECT_EQ(error.fault, Fault::io);
  EXPECT_TRUE(says(error, "newer Twinlake (schema 99"));
}

TEST_F(OpenTest, AnOlderSchemaIsBroughtUpToDateAndKeepsWhatItHad) {
  {
    SQLite::Database database(folder.file("prod.sqlite"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (const SchemaStep& step : schema_steps().first(2)) database.exec(step.sql);
    database.exec("INSERT INTO binding VALUES ('u1', 'thing', 'key', '', '1', '2', 'created')");
  }
  const auto store = opened(folder.path());
  ASSERT_EQ(store->bindings().size(), 1U);
  EXPECT_TRUE(store->originals().empty());
  store->put_originals("u1", {{"u1", "/a", false, "st", "", "[]"}});
  EXPECT_EQ(store->originals().size(), 1U);
}

TEST_F(OpenTest, AnOlderIdMapKeepsWhatWasMadeOnWhichSide) {
  {
    SQLite::Database database(folder.file("prod.sqlite"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    for (const SchemaStep& step : schema_steps().first(12)) database.exec(step.sql);
    database.exec("INSERT INTO binding VALUES ('u1', 'thing', 'a', '', '1', '2', 'created', 'away'), "
                  "('u2', 'thing', 'b', '', '3', '4', 'created', 'home'), ('u3', 'thing', 'c', '', '5', '6', 'adopted', 'home')");
  }
  const auto all = opened(folder.path())->bindings();
  ASSERT_EQ(all.size(), 3U);
  const auto origins = [&](std::size_t at) { return std::pair(all[at].origin_on(model::Side::home), all[at].origin_on(model::Side::away)); };
  EXPECT_EQ(origins(0), std::pair(Origin::adopted, Origin::created));
  EXPECT_EQ(origins(1), std::pair(Origin::created, Origin::adopted));
  EXPECT_EQ(origins(2), std::pair(Origin::adopted, Origin::adopted));
  EXPECT_EQ(all[1].key, "b");
}

TEST_F(OpenTest, TheSchemaFilesCarryTheirOwnNumber) {
  {
    opened(folder.path());
  }
  SQLite::Database database(folder.file("prod.sqlite"));
  EXPECT_EQ(database.execAndGet("PRAGMA user_version").getInt(), schema_steps().back().version);
  int expected = 0;
  for (const SchemaStep& step : schema_steps()) EXPECT_EQ(step.version, ++expected) << step.name;
}

TEST_F(OpenTest, AGroupNameThatIsNoFileNameIsRefused) {
  for (const char* name : {"", ".", "..", ".hidden", "a/b", "../x", "a\nb"}) {
    EXPECT_EQ(error_of(folder.path(), name).fault, Fault::config) << name;
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(OpenTest, TwoProcessesMakeANewStoreAtOnce) {
  EXPECT_TRUE(in_child([&] {
    const pid_t other = fork();
    const std::string key = opened(folder.path())->fingerprint_key();
    if (other == 0) _exit(content_of(folder.file("prod.key")) == key + "\n" ? 0 : 1);
    int status = 1;
    waitpid(other, &status, 0);
    return status == 0 && content_of(folder.file("prod.key")) == key + "\n";
  }));
}

TEST_F(OpenTest, AnotherProcessMayReadWhileThisOneWrites) {
  const auto store = opened(folder.path());
  store->put_binding(binding("u1"));
  EXPECT_TRUE(in_child([&] { return opened(folder.path())->bindings().size() == 1; }));
}

// --- the key of the fingerprints

TEST_F(OpenTest, TheKeyIsRandomPrivateAndKept) {
  const mode_t mask = umask(0);
  const std::string key = opened(folder.path())->fingerprint_key();
  umask(mask);
  EXPECT_EQ(key.size(), 64U);
  EXPECT_EQ(content_of(folder.file("prod.key")), key + "\n");
  struct stat facts{};
  ASSERT_EQ(stat(folder.file("prod.key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777U, 0600U);
  EXPECT_EQ(opened(folder.path())->fingerprint_key(), key);
  const TemporaryFolder other;
  EXPECT_NE(opened(other.path())->fingerprint_key(), key);
  EXPECT_EQ(content_of(folder.file("prod.sqlite")).find(key), std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    EXPECT_EQ(entry.path().filename().string().find("prod.key."), std::string::npos)
        << "a draft was left";
  }
}

TEST_F(OpenTest, AKeyThatOthersCanReadIsRefused) {
  {
    opened(folder.path());
  }
  std::filesystem::permissions(folder.file("prod.key"), std::filesystem::perms(0640));
  EXPECT_TRUE(says(error_of(folder.path()), "chmod 600"));
}

TEST_F(OpenTest, ADamagedKeyIsRefused) {
  for (const std::string text : {"", "short\n"}) {
    write_file("prod.key", text);
    std::filesystem::permissions(folder.file("prod.key"), std::filesystem::perms(0600));
    EXPECT_TRUE(says(error_of(folder.path()), "not a fingerprint key")) << text;
  }
}

TEST_F(OpenTest, WithANewKeyWhatWasKnownIsForgotten) {
  {
    const auto store = opened(folder.path());
    store->put_binding(binding("u1"));
    store->put_known("u1", {"h", "a", "f"});
  }
  EXPECT_EQ(opened(folder.path())->known().size(), 1U);
  std::filesystem::remove(folder.file("prod.key"));
  const auto store = opened(folder.path());
  EXPECT_TRUE(store->known().empty());
  EXPECT_EQ(store->bindings().size(), 1U);
}

// --- a full disk

/// Fills the state until it fails. True when it failed as it should and what was settled is still
/// there.
bool ends_in_state_failure(const std::string& folder) {
  std::size_t settled = 0;
  const auto store = opened(folder);
  try {
    for (; settled < 100'000; ++settled) {
      const std::string uuid = "u" + std::to_string(settled);
      store->settle(store->intend(intent(uuid)), "done", binding(uuid, std::string(500, 'k')));
    }
  } catch (const StateFailure& failure) {
    return failure.error().fault == Fault::io && says(failure.error(), "quota is used up") &&
           says(failure.error(), "prod.sqlite") && store->bindings().size() == settled &&
           settled > 0;
  }
  return false;
}

TEST_F(OpenTest, AFileThatMayNotGrowEndsTheRunAndLosesNothing) {
  EXPECT_TRUE(in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{.rlim_cur = 600'000, .rlim_max = 600'000};
    return setrlimit(RLIMIT_FSIZE, &small) == 0 && ends_in_state_failure(folder.path());
  }));
  EXPECT_FALSE(opened(folder.path())->bindings().empty());
}

TEST_F(OpenTest, AFileThatMayNotEvenBeginIsAnError) {
  EXPECT_TRUE(in_child([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (setrlimit(RLIMIT_FSIZE, &none) != 0) return false;
    const Error error = error_of(folder.path());
    return error.fault == Fault::io && says(error, "disk is full");
  }));
  EXPECT_TRUE(Store::open(folder.path(), "prod")) << "and it works once there is room";
}

TEST_F(OpenTest, AFullDiskEndsTheRunAndLosesNothing) {
  const bool may_mount = in_child([&] {
    return unshare(CLONE_NEWNS) == 0 &&
           mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m") == 0;
  });
  if (!may_mount) GTEST_SKIP() << "a small disk of its own needs the right to mount";
  EXPECT_TRUE(in_child([&] {
    if (unshare(CLONE_NEWNS) != 0) return false;
    mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=1m");
    return ends_in_state_failure(folder.path());
  }));
}

}  // namespace
}  // namespace twinlake::state
