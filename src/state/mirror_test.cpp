#include <nlohmann/json.hpp>

#include "base/json_path.h"
#include "state/store.h"
#include "state/testing.h"

namespace twinlake::state {
namespace {

using nlohmann::json;

std::unique_ptr<Store> filled() {
  auto store = opened("memory");
  store->set_identity({"prod", "111", "222", model::Side::away, "https://h", "https://a"});
  store->finish_run(store->begin_run("sync", at(0)), at(1), "complete", "{}");
  store->put_binding(binding("u1"));
  Binding half = binding("u2", "ключ \"x\"");
  half.away_id.reset();
  half.away_origin = Origin::adopted;
  half.parent = "u1";
  store->put_binding(half);
  store->put_known("u1", {"home indicator", "away indicator", "the fingerprint"});
  store->put_holds("u1",
                   {{"u1", "/schedule", R"({"pause_status":"UNPAUSED"})", at(3) + Millis(7)}});
  store->put_originals("u1", {{"u1", "/lake", false, "st here", "", R"([[0,2,"stweu"]])"},
                              {"u1", "/conf/x", false, "", "keyed hash", R"([[0,2,"stweu"]])"}});
  store->set_replication_point(at(2) + Millis(345));
  return store;
}

TEST(Mirror, AnotherMachineKnowsTheSame) {
  const auto here = filled();
  const auto there = opened("memory");
  const json mirror = json::parse(here->to_mirror().dump());
  const auto loaded = there->load_mirror(mirror);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(there->to_mirror(), mirror);
  EXPECT_EQ(there->generation(), here->generation());
  EXPECT_EQ(there->identity()->primary, model::Side::away);
  ASSERT_EQ(there->bindings().size(), 2U);
  EXPECT_EQ(there->bindings()[1].key, "ключ \"x\"");
  EXPECT_FALSE(there->bindings()[1].away_id);
  EXPECT_EQ(there->bindings()[1].origin_on(model::Side::away), Origin::adopted);
  EXPECT_EQ(there->holds().at(0).seen, at(3) + Millis(7));
  EXPECT_EQ(there->replication_point(), at(2) + Millis(345));
  const auto originals = there->originals().at("u1");
  ASSERT_EQ(originals.size(), 2U);
  EXPECT_EQ(originals[0].place, "/conf/x");
  EXPECT_EQ(originals[0].mark, "") << "worth nothing without the key";
  EXPECT_EQ(originals[1].after, "st here");
  EXPECT_EQ(originals[1].pieces, R"([[0,2,"stweu"]])");
}

TEST(Mirror, OfTheFirstVersionHasNoOriginals) {
  json mirror = filled()->to_mirror();
  mirror["version"] = 1;
  mirror.erase("originals");
  const auto there = opened("memory");
  const auto loaded = there->load_mirror(mirror);
  ASSERT_TRUE(loaded) << describe(loaded.error());
  EXPECT_EQ(there->bindings().size(), 2U);
  EXPECT_TRUE(there->originals().empty());
}

TEST(Mirror, HasNoFingerprintNoKeyNoIndicator) {
  const auto store = filled();
  const std::string text = store->to_mirror().dump();
  EXPECT_EQ(text.find("fingerprint"), std::string::npos);
  EXPECT_EQ(text.find("indicator"), std::string::npos);
  EXPECT_EQ(text.find("keyed hash"), std::string::npos);
  EXPECT_EQ(text.find(store->fingerprint_key()), std::string::npos);
}

TEST(Mirror, IsTheSameTextForTheSameState) {
  const auto store = filled();
  const std::string before = store->to_mirror().dump();
  store->put_binding(binding("u1"));
  store->put_holds("u1", {{"u1", "/schedule", R"({"pause_status":"UNPAUSED"})", at(99)}});
  EXPECT_EQ(store->to_mirror().dump(), before);
}

TEST(Mirror, ItsTextIsThatOfTheDocument) {
  for (const auto& store : {filled(), opened("memory")}) {
    std::string text;
    store->give_mirror_text([&](std::string_view piece) { text += piece; });
    EXPECT_EQ(text, to_text(store->to_mirror()));
    EXPECT_EQ(store->fencing(), store->to_mirror().at("fencing"));
  }
}

TEST(Mirror, OfAnEmptyStoreCanBeLoaded) {
  EXPECT_TRUE(opened("memory")->load_mirror(opened("memory")->to_mirror()));
}

TEST(Mirror, ReplacesWhatWasThereAndMakesOldPlansStale) {
  const auto store = filled();
  const json mirror = store->to_mirror();
  store->put_binding(binding("u3"));
  store->put_holds("u3", {{"u3", "/trigger", "1", at(1)}});
  const auto generation = store->generation();
  ASSERT_TRUE(store->load_mirror(mirror));
  EXPECT_EQ(store->bindings().size(), 2U);
  EXPECT_EQ(store->holds().size(), 1U);
  EXPECT_TRUE(store->known().empty()) << "what was known may belong to other objects";
  EXPECT_GT(store->generation(), generation);
}

TEST(Mirror, TheFencingNumberNeverGoesBack) {
  const auto here = filled();
  const auto first = here->to_mirror().at("fencing").get<std::int64_t>();
  const auto there = opened("memory");
  ASSERT_TRUE(there->load_mirror(here->to_mirror()));
  there->begin_run("sync", at(5));
  EXPECT_EQ(there->to_mirror().at("fencing"), first + 1);
  ASSERT_TRUE(there->load_mirror(here->to_mirror()));
  EXPECT_EQ(there->to_mirror().at("fencing"), first + 1);
}

// --- malformed mirrors

struct MalformedCase {
  const char* name;
  void (*spoil)(json&);
  const char* said;  ///< part of the message
};

class MalformedMirror : public testing::TestWithParam<MalformedCase> {};

TEST_P(MalformedMirror, ChangesNothing) {
  const auto store = filled();
  const json before = store->to_mirror();
  json mirror = before;
  mirror["bindings"].push_back(mirror["bindings"][0]);
  mirror["bindings"][2]["uuid"] = "u9";
  GetParam().spoil(mirror);
  const auto loaded = store->load_mirror(mirror);
  ASSERT_FALSE(loaded);
  EXPECT_NE(loaded.error().message.find(GetParam().said), std::string::npos)
      << loaded.error().message;
  EXPECT_EQ(store->to_mirror(), before);
  EXPECT_EQ(store->known().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    Ways, MalformedMirror,
    testing::Values(
        MalformedCase{"no_object", [](json& m) { m = json::array(); }, "version is missing"},
        MalformedCase{"null", [](json& m) { m = nullptr; }, "version is missing"},
        MalformedCase{"other_format", [](json& m) { m["format"] = "x"; }, "another kind"},
        MalformedCase{"newer", [](json& m) { m["version"] = 99; }, "newer Twinlake"},
        MalformedCase{"other_group", [](json& m) { m["identity"]["failover_group"] = "dev"; },
                      "`dev`"},
        MalformedCase{"no_bindings", [](json& m) { m.erase("bindings"); }, "bindings is missing"},
        MalformedCase{"bindings_no_list", [](json& m) { m["bindings"] = json::object(); },
                      "no list"},
        MalformedCase{"uuid_empty", [](json& m) { m["bindings"][1]["uuid"] = ""; },
                      "bindings/1: uuid is empty"},
        MalformedCase{"uuid_twice", [](json& m) { m["bindings"][2]["uuid"] = "u1"; },
                      "bindings/2: it is there twice"},
        MalformedCase{"id_a_number", [](json& m) { m["bindings"][0]["home_id"] = 11; },
                      "home_id is no text"},
        MalformedCase{"origin", [](json& m) { m["bindings"][0]["origin"] = "found"; },
                      "origin is `found`"},
        MalformedCase{"side", [](json& m) { m["identity"]["primary"] = "left"; },
                      "primary is `left`"},
        MalformedCase{"generation_negative", [](json& m) { m["generation"] = -1; },
                      "generation is no count"},
        MalformedCase{"generation_huge", [](json& m) { m["generation"] = 0xffffffffffffffffULL; },
                      "no count"},
        MalformedCase{"generation_text", [](json& m) { m["generation"] = "5"; },
                      "generation is no count"},
        MalformedCase{"time", [](json& m) { m["replication_point"] = "yesterday"; }, "no time"},
        MalformedCase{"hold_no_json", [](json& m) { m["holds"][0]["live"] = "{"; },
                      "live is no JSON"},
        MalformedCase{"hold_twice", [](json& m) { m["holds"].push_back(m["holds"][0]); },
                      "holds/1: it is there twice"},
        MalformedCase{"hold_text", [](json& m) { m["holds"][0] = "x"; },
                      "holds/0: uuid is missing"},
        MalformedCase{"no_originals", [](json& m) { m.erase("originals"); },
                      "originals is missing"},
        MalformedCase{"original_twice",
                      [](json& m) { m["originals"].push_back(m["originals"][0]); },
                      "originals/2: it is there twice"},
        MalformedCase{"pieces_negative", [](json& m) { m["originals"][0]["pieces"][0][0] = -1; },
                      "originals/0: pieces hold something else"},
        MalformedCase{"pieces_short", [](json& m) { m["originals"][0]["pieces"][0].erase(2); },
                      "pieces hold something else"},
        MalformedCase{"is_name", [](json& m) { m["originals"][0]["is_name"] = 1; },
                      "neither true nor false"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace twinlake::state
