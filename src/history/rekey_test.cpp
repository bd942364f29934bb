// With a key, without one, and from one to another.
#include <gtest/gtest.h>

#include <array>
#include <filesystem>

#include "history/testing.h"

namespace twinlake::history {
namespace {

constexpr const char* confidential = "margin = revenue - cost  # nobody outside may see how";

std::string all_bytes(const TemporaryFolder& folder) {
  std::string all;
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    all += state::content_of(file.path());
  return all;
}

TEST(HistoryKey, WithAKeyNoContentIsReadableAndWithoutItIs) {
  for (const bool encrypts : {false, true}) {
    const TemporaryFolder folder;
    const auto history = opened(folder, encrypts ? key_of('k') : no_key);
    history->observe(notebook(*history, "/a", confidential));
    Observed waits = job("w", std::string("{\"n\":\"") + confidential + "\"}");
    waits.waits_for = "9";
    history->observe(waits);
    history->flush();
    EXPECT_EQ(all_bytes(folder).find("nobody outside") == std::string::npos, encrypts);
    history->commit(at(0), all_there);
    EXPECT_EQ(all_bytes(folder).find("nobody outside") == std::string::npos, encrypts);
    EXPECT_EQ(read(*history, history->entries(1)[0].content), confidential);
    EXPECT_EQ(joined_damage(history->check()), "");
  }
}

Error error_with(const TemporaryFolder& folder, const Secret& key) {
  const auto history = History::open(folder.path(), "prod", key);
  return history ? Error() : history.error();
}

TEST(HistoryKey, AnotherKeyOrNoneIsRefusedWithTheRemedy) {
  const TemporaryFolder folder;
  const TemporaryFolder plain;
  opened(folder, key_of('k'))->commit(at(0), all_there);
  opened(plain)->commit(at(0), all_there);
  EXPECT_NE(error_with(folder, key_of('x')).message.find("encrypted with another key"),
            std::string::npos);
  EXPECT_NE(error_with(folder, no_key).message.find("is encrypted, and there is no key"),
            std::string::npos);
  EXPECT_NE(error_with(plain, key_of('k')).message.find("is not encrypted"), std::string::npos);
  for (const Error& error : {error_with(folder, key_of('x')), error_with(folder, no_key),
                             error_with(plain, key_of('k'))}) {
    EXPECT_EQ(error.fault, Fault::refused);
    EXPECT_NE(error.hint.find("history rekey"), std::string::npos);
  }
  EXPECT_EQ(opened(folder, key_of('k'))->points().size(), 1U);
}

TEST(HistoryKey, TheKeyIsAddedChangedAndRemovedWithNothingLost) {
  const TemporaryFolder folder;
  std::string large(std::size_t{2} << 20U, 'x');
  large += confidential;
  {
    const auto history = opened(folder);
    history->observe(notebook(*history, "/a", confidential));
    history->observe(notebook(*history, "/large", large));
    history->commit(at(0), all_there);
    history->observe(notebook(*history, "/a", "changed"));
    history->commit(at(1), all_there);
    history->prune(Retention{1, 0, 0}, History::Prune::now);
    history->observe(notebook(*history, "/a", std::string(confidential) + " again"));
    history->commit(at(2), all_there);
  }
  const std::array<std::pair<Secret, Secret>, 3> changes{
      {{no_key, key_of('1')}, {key_of('1'), key_of('2')}, {key_of('2'), no_key}}};
  for (const auto& [from, to] : changes) {
    const auto done = History::change_key(folder.path(), "prod", from, to);
    ASSERT_TRUE(done) << describe(done.error());
    const auto history = opened(folder, to);
    EXPECT_EQ(joined_damage(history->check()), "");
    EXPECT_EQ(history->points().size(), 2U);
    EXPECT_EQ(read(*history, history->entries(3)[0].content), std::string(confidential) + " again");
    EXPECT_EQ(read(*history, history->entries(3)[1].content), large);
    EXPECT_EQ(read(*history, history->entries(2)[0].content), "changed");
    EXPECT_EQ(all_bytes(folder).find("nobody outside") == std::string::npos, !to.empty());
    EXPECT_FALSE(std::filesystem::exists(folder.file("prod.new.history.db")));
  }
  EXPECT_EQ(History::change_key(folder.path(), "prod", key_of('2'), no_key).error().fault,
            Fault::refused);
}

}  // namespace
}  // namespace twinlake::history
