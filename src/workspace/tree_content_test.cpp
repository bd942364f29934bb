#include "workspace/tree_content.h"

#include <filesystem>

#include <gtest/gtest.h>

namespace twinlake::workspace {
namespace {

TEST(ContentBuilder, FewBytesStayInMemoryAndManyWaitInAFile) {
  const std::string folder = std::filesystem::temp_directory_path().string();
  ContentBuilder few(folder);
  few.append("one,");
  few.append("two");
  const auto small = std::move(few).finish();
  ASSERT_TRUE(small) << describe(small.error());
  EXPECT_EQ(small->file(), nullptr);
  EXPECT_EQ(small->all(), "one,two");

  ContentBuilder many(folder);
  std::string expected;
  for (int i = 0; i < 40; ++i) {
    const std::string piece(65537, static_cast<char>('a' + i % 26));
    many.append(piece);
    expected += piece;
  }
  const auto large = std::move(many).finish();
  ASSERT_TRUE(large) << describe(large.error());
  EXPECT_NE(large->file(), nullptr);
  EXPECT_EQ(large->all(), expected);
}

TEST(ContentBuilder, SaysWhereThereIsNoRoom) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / "twinlake-no-such-folder").string();
  ContentBuilder builder(folder);
  builder.append(std::string(std::size_t{3} << 20, 'x'));
  builder.append("more");
  const auto content = std::move(builder).finish();
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error().fault, Fault::io);
  EXPECT_NE(content.error().message.find(folder), std::string::npos) << content.error().message;
  EXPECT_NE(content.error().hint.find(folder), std::string::npos) << content.error().hint;
}

}  // namespace
}  // namespace twinlake::workspace
