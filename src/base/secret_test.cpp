#include "base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace twinlake {
namespace {

template <class T>
concept Printable = requires(std::ostream& stream, const T& value) { stream << value; };

static_assert(!Printable<Secret>, "a secret must not be printable");
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string, Secret>, "becoming a secret is said aloud");
static_assert(std::is_nothrow_move_constructible_v<Secret>);

TEST(Secret, WipesWhatItIsTakenFrom) {
  std::string text = "dapi-short";
  const char* const place = text.data();
  const Secret secret(std::move(text));
  EXPECT_EQ(secret.reveal(), "dapi-short");
  EXPECT_EQ(place[0], '\0');
}

TEST(Secret, MovesAndCopies) {
  Secret one(std::string_view("value"));
  Secret two = one;
  Secret three = std::move(one);
  EXPECT_EQ(two.reveal(), "value");
  EXPECT_EQ(three.reveal(), "value");
  two = Secret(std::string_view("other"));
  EXPECT_EQ(two.reveal(), "other");
  three = two;
  EXPECT_EQ(three.reveal(), "other");
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace twinlake
