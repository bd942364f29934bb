#include "model/canonical.h"

#include "model/own_words.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/json_path.h"

namespace twinlake::model {
namespace {

using nlohmann::json;

constexpr std::string_view widget_kinds[] = {"widget"};
constexpr std::string_view part_kinds[] = {"part"};
constexpr std::string_view person_kinds[] = {"person"};
constexpr std::string_view vault_kinds[] = {"vault"};
constexpr std::string_view widget_strip[] = {"/created", "/parts/*/made_at"};
constexpr std::string_view widget_json_text[] = {"/rules"};
constexpr Default widget_defaults[] = {{"/limit", "1"}, {"/idle", "0"}, {"/parts/*/mode", "\"PLAIN\""}};
constexpr Unordered widget_unordered[] = {{"/parts", "/name"}, {"/friends", ""}};
constexpr Reference widget_references[] = {
    {"/parts/*/part_id", part_kinds, Match::id, IfMissing::block},
    {"/friends/*", widget_kinds, Match::id, IfMissing::block},
    {"/people/*/name", person_kinds, Match::key, IfMissing::drop, 1},
    {"/conf/*", vault_kinds, Match::inside_text, IfMissing::block},
};
constexpr Hold widget_holds[] = {{"/timer/state", "\"OFF\"", "\"ON\""},
                                 {"/timers/*/state", "\"OFF\"", "\"ON\""},
                                 {"/idle", "0", "0"}};
constexpr std::string_view widget_self[] = {"/people/*/name"};
constexpr std::string_view widget_sensitive[] = {"/conf/*"};

Kind widget() {
  Kind kind;
  kind.name = "widget";
  kind.plural = "widgets";
  kind.strip = widget_strip;
  kind.json_text = widget_json_text;
  kind.defaults = widget_defaults;
  kind.unordered = widget_unordered;
  kind.references = widget_references;
  kind.holds = widget_holds;
  kind.leave_out_self = widget_self;
  kind.sensitive = widget_sensitive;
  kind.tags_at = "/tags";
  kind.id_is_number = true;
  return kind;
}

CanonicalContext context() {
  CanonicalContext context;
  context.uuid_of = [](std::string_view kind, const std::string& id) -> std::optional<std::string> {
    if (id == "404") return std::nullopt;
    return std::string(kind) + "-" + id;
  };
  context.uuid_by_key = [](std::string_view kind, const std::string& key) -> std::optional<std::string> {
    if (key == "nobody" || key == "vault2/b") return std::nullopt;
    return std::string(kind) + "=" + key;
  };
  context.self = {"robot"};
  return context;
}

json form_of(const json& item) { return *canonical(widget(), item, context()).form; }

TEST(Canonical, ServerMadeFieldsDefaultsAndEmptyThingsAreGone) {
  const json item = json::parse(R"({"created":1,"limit":1,"name":"a","notes":{},"list":[],"none":null,
                                    "parts":[{"name":"p","made_at":2,"mode":"PLAIN"}]})");
  EXPECT_EQ(form_of(item), json::parse(R"({"name":"a","parts":[{"name":"p"}]})"));
}

TEST(Canonical, IdsBecomeUuidsAndUnknownOnesKeepTheirText) {
  const json form = form_of(json::parse(R"({"parts":[{"part_id":7},{"part_id":404}]})"));
  EXPECT_EQ(form["parts"][0]["part_id"], json::parse(R"({"$ref":"part-7"})"));
  EXPECT_EQ(form["parts"][1]["part_id"], json::parse(R"({"$unresolved":"404"})"));
}

TEST(Canonical, OrderThatMeansNothingDoesNotCount) {
  EXPECT_EQ(form_of(json::parse(R"({"parts":[{"name":"b"},{"name":"a"}],"friends":["2","1"]})")),
            form_of(json::parse(R"({"parts":[{"name":"a"},{"name":"b"}],"friends":["1","2"]})")));
}

TEST(Canonical, JsonInAStringIsComparedAsJson) {
  EXPECT_EQ(form_of(json::parse(R"({"rules":"{\"a\": 1,  \"b\":2}"})")),
            form_of(json::parse(R"({"rules":"{\"b\":2,\"a\":1}"})")));
  EXPECT_EQ(form_of(json::parse(R"({"rules":"{broken"})"))["rules"], "{broken");
}

TEST(Canonical, OurMarkersAndOurOwnPrincipalAreLeftOut) {
  const json form = form_of(json::parse(
      R"({"tags":{"team":"x","twinlake_uuid":"u"},"people":[{"name":"robot","may":"all"},{"name":"ann","may":"see"}]})"));
  EXPECT_EQ(form, json::parse(R"({"tags":{"team":"x"},"people":[{"name":"ann","may":"see"}]})"));
}

TEST(Canonical, UsesTellWhatIsNamedAndWhere) {
  const Canonical result = canonical(
      widget(), json::parse(R"({"people":[{"name":"nobody"}],"conf":{"k":"x{{secrets/vault1/a}}{{secrets/vault2/b}}"}})"),
      context());
  ASSERT_EQ(result.uses.size(), 3U);
  EXPECT_EQ(result.uses[0].place, "/people/0/name");
  EXPECT_FALSE(result.uses[0].uuid);
  EXPECT_EQ(*result.uses[1].uuid, "vault=vault1/a");
  EXPECT_EQ(*result.uses[2].uuid, "vault=vault2") << "its scope, where the secret itself is not known";
}

TEST(Canonical, PathsNameFilesOfTheTreeOfDbfsAndOfVolumes) {
  EXPECT_EQ(path_key("/Workspace/Shared//lib/"), "/Shared/lib");
  EXPECT_EQ(path_key("-r /Shared/requirements.txt"), "/Shared/requirements.txt");
  EXPECT_EQ(path_key("dbfs:/FileStore/jars/a b.jar"), "dbfs:/FileStore/jars/a b.jar");
  EXPECT_EQ(path_key("/dbfs/FileStore/a.sh"), "dbfs:/FileStore/a.sh");
  EXPECT_EQ(path_key("/Volumes/main/libs/w/a.whl"), "/Volumes/main/libs/w/a.whl");
  for (const char* other : {"dbfs:/mnt/raw/x", "/dbfs/mnt/raw/x", "abfss://c@a.dfs.core.windows.net/x", "pandas==2.0", ""})
    EXPECT_EQ(path_key(other), "") << other;
}

TEST(Canonical, IsIdempotent) {
  json form = form_of(json::parse(R"({"limit":1,"rules":"{\"x\":{}}","parts":[{"name":"b","part_id":3},{"name":"a"}],
                                      "tags":{"twinlake_group":"g"},"timer":{"state":"ON"}})"));
  json again = form;
  normalise(widget(), again);
  EXPECT_EQ(again, form);
}

TEST(Hold, EveryTriggerIsHeldAndWhatItWasIsTold) {
  json form = json::parse(R"({"timer":{"every":"day"},"timers":[{"at":1,"state":"OFF"},{"at":2,"state":"ON"}],"idle":5})");
  const auto live = hold(widget(), form);
  EXPECT_EQ(form["timer"]["state"], "OFF");
  EXPECT_EQ(form["timers"][1]["state"], "OFF");
  EXPECT_FALSE(form.contains("idle")) << "zero is the default";
  ASSERT_EQ(live.size(), 4U);
  EXPECT_EQ(live[0].live, "\"ON\"") << "a missing state means live";
  EXPECT_EQ(live[1].place, R"(/timers {"at":1})") << "in an array the content names the trigger";
  EXPECT_EQ(live[1].live, "\"OFF\"");
  EXPECT_EQ(live[3].live, "5");
  EXPECT_TRUE(live_triggers(widget(), form).empty());
}

TEST(Hold, ALiveTriggerIsFound) {
  EXPECT_EQ(live_triggers(widget(), json::parse(R"({"timers":[{"state":"OFF"},{"at":1}]})")).size(), 1U);
}

TEST(Release, GivesEachTriggerExactlyWhatItWas) {
  const json live = json::parse(R"({"timer":{"every":"day"},"timers":[{"at":1,"state":"OFF"},{"at":2,"state":"ON"}],"idle":5})");
  json form = live;
  const auto records = hold(widget(), form);
  json named = form;
  release(widget(), form, named, records);
  EXPECT_EQ(form["timer"]["state"], "ON");
  EXPECT_EQ(form["timers"], live["timers"]) << "one was paused, and stays so";
  EXPECT_EQ(form["idle"], 5);
}

TEST(Release, WhatHasNoRecordStaysHeldAndWhatIsGoneIsNoTrouble) {
  json form = json::parse(R"({"timers":[{"at":3,"state":"OFF"}]})");
  const json before = form;
  release(widget(), form, before, {{"/timer/state", "\"ON\""}, {R"(/timers {"at":4})", "\"ON\""}});
  EXPECT_EQ(form, before);
}

TEST(Release, WhatOtherObjectsAreCalledDoesNotNameATrigger) {
  json there = json::parse(R"({"timers":[{"of":{"$ref":"u1"},"state":"ON"},{"of":null,"at":1,"state":"OFF"}]})");
  json here = json::parse(R"({"timers":[{"of":{"$ref":"id:7"},"state":"OFF"},{"of":null,"at":1,"state":"OFF"}]})");
  const auto records = hold(widget(), there);
  const json named = here;
  release(widget(), here, named, records);
  EXPECT_EQ(here["timers"][0]["state"], "ON");
}

TEST(Release, OfTwoTriggersThatNothingTellsApartNeitherIsStarted) {
  json there = json::parse(R"({"timers":[{"of":{"$ref":"u1"},"state":"ON"},{"of":{"$ref":"u2"},"state":"OFF"}]})");
  const auto records = hold(widget(), there);
  ASSERT_EQ(records.size(), 2U) << "one for both, and one for the idle machines";
  const json held = there;
  release(widget(), there, held, records);
  EXPECT_EQ(there, held);
}

TEST(Release, PlacesMayBeNamedInOtherWords) {
  json form = json::parse(R"({"timers":[{"at":"primary","state":"OFF"}]})");
  json named = json::parse(R"({"timers":[{"at":"secondary","state":"OFF"}]})");
  release(widget(), form, named, {{R"(/timers {"at":"secondary"})", "\"ON\""}});
  EXPECT_EQ(form["timers"][0]["state"], "ON");
  EXPECT_EQ(form["timers"][0]["at"], "primary");
}

TEST(OwnWords, ADefinitionGoesBackToItsSideAsItCame) {
  const json item = json::parse(R"({"parts":[{"name":"a","part_id":7}],"friends":[12]})");
  const json form = *canonical(widget(), item, own_words({"widget"})).form;
  TargetContext target;
  target.id_of = [](const std::string& uuid, bool& is_number) { return id_in_own_word(uuid, is_number); };
  const auto back = target_form(widget(), form, target);
  ASSERT_TRUE(back) << describe(back.error());
  EXPECT_EQ((*back)["friends"][0], 12) << "a number stays one";
  EXPECT_EQ((*back)["parts"][0]["part_id"], "7") << "and a text";
}

TEST(TargetForm, UuidsBecomeIdsOfTheOtherSideAndMarkersAreAdded) {
  TargetContext target;
  target.group = "main";
  target.uuid = "u1";
  target.id_of = [](const std::string& uuid, bool& is_number) -> std::optional<std::string> {
    is_number = true;
    if (uuid == "part-7") return "8805553062219703830";
    return std::nullopt;
  };
  const auto body = target_form(widget(), json::parse(R"({"parts":[{"part_id":{"$ref":"part-7"}}],"rules":{"a":1}})"), target);
  ASSERT_TRUE(body);
  EXPECT_EQ((*body)["parts"][0]["part_id"], 8805553062219703830) << "no double on the way";
  EXPECT_EQ((*body)["rules"], R"({"a":1})");
  EXPECT_EQ((*body)["tags"], json::parse(R"({"twinlake_group":"main","twinlake_uuid":"u1"})"));
  EXPECT_EQ((*body)["idle"], 0) << "a held default is written out";
  const auto blocked = target_form(widget(), json::parse(R"({"x":{"$ref":"part-9"}})"), target);
  ASSERT_FALSE(blocked);
  EXPECT_EQ(blocked.error().fault, Fault::blocked);
}

TEST(Differences, AreToldFieldByFieldAndSecretsAreHidden) {
  const auto changes = differences(widget(), json::parse(R"({"a":1,"b":{"c":2},"conf":{"k":"old"}})"),
                                   json::parse(R"({"b":{"c":3},"conf":{"k":"new"},"d":[1]})"));
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(changes[0].pointer, "/a");
  EXPECT_EQ(changes[0].after, "");
  EXPECT_EQ(changes[1].pointer, "/b/c");
  EXPECT_EQ(changes[1].before + ">" + changes[1].after, "2>3");
  EXPECT_EQ(changes[2].before + changes[2].after, "(hidden)(hidden)");
  EXPECT_EQ(changes[3].pointer, "/d");
}

TEST(Markers, OnlyOursOfThisGroupCount) {
  const Kind kind = widget();
  EXPECT_EQ(marker_of(kind, json::parse(R"({"tags":{"twinlake_group":"g","twinlake_uuid":"u"}})"), "g"), "u");
  EXPECT_EQ(marker_of(kind, json::parse(R"({"tags":{"twinlake_group":"h","twinlake_uuid":"u"}})"), "g"), "");
  EXPECT_EQ(marker_of(kind, json::parse(R"({})"), "g"), "");
}

TEST(Paths, AreComparedAsTheServiceDoes) {
  EXPECT_EQ(normal_path("/Workspace/Shared//a/"), "/Shared/a");
  EXPECT_EQ(normal_path("/Workspace"), "/");
  EXPECT_EQ(normal_path("/"), "/");
  EXPECT_EQ(normal_path("/Workspaces/a"), "/Workspaces/a");
}

}  // namespace
}  // namespace twinlake::model
