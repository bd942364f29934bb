#include "simulator/files/blob.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace twinlake::simulator {
namespace {

TEST(Blob, IsWhatWasAppendedWhateverThePieces) {
  std::string whole;
  Blob blob;
  for (const std::size_t size : {1U, 0U, 40000U, 40000U, 200000U, 3U, 70000U}) {
    std::string piece(size, static_cast<char>('a' + size % 26));
    whole += piece;
    blob.append(std::move(piece));
  }
  ASSERT_EQ(blob.size(), whole.size());
  EXPECT_EQ(blob.text(), whole);
  EXPECT_EQ(blob.sha256(), sha256_hex(whole));
  for (const std::size_t offset : {0U, 1U, 39999U, 40001U, 80001U, 280000U, 350003U})
    for (const std::size_t length : {0U, 1U, 50000U, 1000000U})
      EXPECT_EQ(blob.slice(offset, length), whole.substr(std::min(offset, whole.size()), length))
          << offset << " " << length;
  EXPECT_EQ(blob.slice(whole.size() + 1, 5), "");
}

TEST(Blob, TakesOverAnotherOne) {
  Blob first("ab");
  Blob second(std::string(100000, 'c'));
  first.append(std::move(second));
  first.append(Blob());
  EXPECT_EQ(first.size(), 100002U);
  EXPECT_EQ(first.slice(1, 2), "bc");
  EXPECT_EQ(Blob().sha256(), sha256_hex(""));
}

}  // namespace
}  // namespace twinlake::simulator
