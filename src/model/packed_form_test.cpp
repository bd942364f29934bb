#include "model/packed_form.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace twinlake::model {
namespace {

using nlohmann::json;

TEST(PackedForm, GivesTheSameDocument) {
  for (const char* text : {"{}", "[]", "null", R"("")", R"({"a":[1,-1,0.1,1e300,true,null,"ключ"],"b":{"":{}}})",
                           R"([9223372036854775807,-9223372036854775808,18446744073709551615,1.0,-0.0])"}) {
    const json document = json::parse(text);
    const json unpacked = PackedForm(document).unpack();
    EXPECT_EQ(unpacked, document) << text;
    EXPECT_EQ(unpacked.dump(), document.dump()) << text;
  }
}

TEST(PackedForm, IsThereOrNot) {
  EXPECT_FALSE(PackedForm());
  EXPECT_TRUE(PackedForm(json::object()));
  EXPECT_TRUE(PackedForm(json()));
}

TEST(PackedForm, KeepsBytesThatAreNoText) {
  const json document = json{{"a", std::string("\xff\x00z", 3)}};
  EXPECT_EQ(PackedForm(document).unpack(), document);
}

}  // namespace
}  // namespace twinlake::model
