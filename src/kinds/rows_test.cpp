// What must hold for the row of any kind, whoever adds it.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_path.h"
#include "model/canonical.h"
#include "model/kind.h"

namespace twinlake::kinds {
namespace {

using model::Kind;
using model::Match;
using model::Support;
using nlohmann::json;

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  std::size_t start = 1;
  while (!path.empty()) {
    const std::size_t end = path.find('/', start);
    segments.emplace_back(path.substr(start, end - start));
    if (end == std::string_view::npos) break;
    start = end + 1;
  }
  return segments;
}

/// A document in which `path` leads to `value`: any element is the only one of an array.
json document_with(std::string_view path, json value) {
  const std::vector<std::string> segments = segments_of(path);
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    if (*segment == "**") continue;
    json around = *segment == "*" ? json::array() : json::object();
    if (*segment == "*") {
      around.push_back(std::move(value));
    } else {
      around[*segment] = std::move(value);
    }
    value = std::move(around);
  }
  return value;
}

/// The row without its own shape, so that bare documents can be tried on it.
Kind bare(const Kind& kind) {
  Kind row = kind;
  row.shape = nullptr;
  row.definition_at = "";
  return row;
}

class Rows : public ::testing::TestWithParam<const Kind*> {
 protected:
  const Kind& kind() const { return *GetParam(); }
};

TEST_P(Rows, SayWhatIsNeeded) {
  EXPECT_FALSE(kind().plural.empty());
  EXPECT_FALSE(kind().about.empty());
  const bool is_child = !kind().child_of.empty();
  if (!is_child) {
    EXPECT_TRUE(kind().list_verb != nullptr || kind().observe != nullptr ||
                kind().list.endpoint.exists());
    EXPECT_FALSE(kind().id_at.empty());
    EXPECT_FALSE(kind().key_at.empty());
  }
  EXPECT_EQ(kind().support == Support::unsupported, !kind().what_to_do.empty());
  if (kind().support != Support::replicated) return;
  // What every workspace has once is never created; what is fixed when it is made is never updated.
  const bool is_there = kind().is_built_in != nullptr && kind().never_removed;
  EXPECT_TRUE(is_there || kind().create_verb != nullptr ||
              (kind().create.exists() && !kind().created_id_at.empty()));
  EXPECT_TRUE(is_there || !kind().immutable.empty() || kind().update_verb != nullptr ||
              kind().update.exists());
  EXPECT_TRUE(kind().never_removed || kind().remove_verb != nullptr || kind().remove.exists());
  EXPECT_TRUE(kind().detail == model::Detail::none || kind().read_verb != nullptr ||
              kind().read.exists());
}

TEST_P(Rows, CallsAreWhatTheySay) {
  for (const model::Endpoint* call : {&kind().list.endpoint, &kind().read})
    EXPECT_EQ(call->effect, model::Effect::reads) << call->path;
  const bool runs = kind().observe != nullptr || kind().observed_in != model::Language::python;
  const auto writes = runs ? model::Effect::executes : model::Effect::writes;
  for (const model::Endpoint* call :
       {&kind().create, &kind().update, &kind().remove, &kind().follow_up.endpoint})
    if (call->exists()) EXPECT_EQ(call->effect, writes) << call->path;
  // A create that may be sent twice makes two objects.
  const bool makes_ids = !kind().created_id_at.empty();
  if (makes_ids) EXPECT_EQ(kind().create.repeat, model::Repeat::unsafe);
}

TEST_P(Rows, TextsAreJson) {
  for (const model::Hold& hold : kind().holds) {
    EXPECT_TRUE(json::accept(hold.held)) << hold.path;
    EXPECT_TRUE(json::accept(hold.absent)) << hold.path;
  }
  for (const model::Default& rule : kind().defaults)
    EXPECT_TRUE(json::accept(rule.value)) << rule.path;
}

TEST_P(Rows, ReferToKindsThatExist) {
  std::set<std::string_view> names;
  for (const Kind* known : all()) EXPECT_TRUE(names.insert(known->name).second) << known->name;
  for (const model::Reference& reference : kind().references) {
    EXPECT_FALSE(reference.kinds.empty()) << reference.path;
    for (const std::string_view target : reference.kinds)
      EXPECT_TRUE(names.contains(target)) << target;
  }
  if (!kind().child_of.empty() && kind().child_of != "*")
    EXPECT_TRUE(names.contains(kind().child_of));
}

TEST_P(Rows, SayWhichEventsTellOfThem) {
  // Grants have no listing: whoever has some says what tells of their change.
  EXPECT_EQ(kind().permission_type.empty() && kind().name != "secret_scope",
            kind().told_by.empty());
  for (const model::AuditEvent& event : kind().told_by) {
    EXPECT_FALSE(event.service.empty() || event.action.empty());
    EXPECT_NE(event.id_in.empty(), event.only.empty()) << event.action;
    for (const Kind* other : all())
      for (const model::AuditEvent& same : other->told_by)
        if (other != &kind() && same.service == event.service && same.action == event.action)
          EXPECT_NE(same.type, event.type) << other->name << ": whose event is it?";
  }
}

TEST_P(Rows, ReferencesAreHit) {
  const Kind row = bare(kind());
  model::CanonicalContext context;
  context.uuid_of = [](std::string_view target, const std::string& id) {
    return std::optional("uuid " + std::string(target) + id);
  };
  context.uuid_by_key = context.uuid_of;
  for (const model::Reference& reference : row.references) {
    std::string text = "77";
    if (reference.match == Match::path) text = "/Shared/x";
    if (reference.match == Match::inside_text) text = "see {{secrets/scope/key}}";
    const std::string place = reference.path == "/**" ? "/x" : std::string(reference.path);
    const model::Canonical form = model::canonical(row, document_with(place, text), context);
    const auto use = std::find_if(form.uses.begin(), form.uses.end(), [&](const model::Use& found) {
      return found.reference->path == reference.path;
    });
    ASSERT_NE(use, form.uses.end()) << reference.path;
    EXPECT_TRUE(use->uuid.has_value()) << reference.path;
    const json* value = find_at(*form.form, use->place);
    ASSERT_NE(value, nullptr) << reference.path;
    EXPECT_EQ(value->is_object(), reference.match == Match::id) << reference.path;
  }
}

TEST_P(Rows, IdsComeBackAsTheyWere) {
  const Kind row = bare(kind());
  model::CanonicalContext context;
  context.uuid_of = [](std::string_view, const std::string& id) {
    return std::optional("uuid-" + id);
  };
  model::TargetContext target;
  target.id_of = [](const std::string& uuid, bool& is_number) {
    is_number = true;
    return std::optional(uuid.substr(std::string("uuid-").size()));
  };
  const std::int64_t large = 8'812'345'678'901'234'567;  // a double would lose its last digits
  for (const model::Reference& reference : row.references) {
    if (reference.match != Match::id) continue;
    Kind only = row;
    only.holds = {};
    only.json_text = {};
    const json source = document_with(reference.path, large);
    const auto body =
        model::target_form(only, *model::canonical(only, source, context).form, target);
    ASSERT_TRUE(body) << reference.path;
    EXPECT_EQ(*body, source) << reference.path;
  }
}

TEST_P(Rows, StrippedFieldsAreGone) {
  const Kind row = bare(kind());
  for (const std::string_view path : row.strip) {
    json source = document_with(path, "server");
    const json form = *model::canonical(row, source, {}).form;
    bool found = false;
    JsonPath(path).visit(form, [&](const json&, const std::string&) { found = true; });
    EXPECT_FALSE(found) << path;
  }
}

TEST_P(Rows, DefaultsAreLeftOut) {
  const Kind row = bare(kind());
  for (const model::Default& rule : row.defaults) {
    const json form =
        *model::canonical(row, document_with(rule.path, json::parse(rule.value)), {}).form;
    bool found = false;
    JsonPath(rule.path).visit(form, [&](const json&, const std::string&) { found = true; });
    EXPECT_FALSE(found) << rule.path;
  }
}

TEST_P(Rows, HoldsAreHeldInTheBody) {
  const Kind row = bare(kind());
  for (const model::Hold& rule : row.holds) {
    const std::string_view key = rule.path.substr(rule.path.rfind('/') + 1);
    json parent = json::object();
    parent["other"] = "kept";
    json form = document_with(rule.path.substr(0, rule.path.rfind('/')), parent);
    const auto live = model::hold(row, form);
    EXPECT_EQ(live.size(), 1U) << rule.path;
    EXPECT_EQ(live.front().live, rule.absent) << rule.path;
    EXPECT_TRUE(model::live_triggers(row, form).empty()) << rule.path;
    const auto body = model::target_form(row, form, {});
    ASSERT_TRUE(body);
    bool held = false;
    JsonPath(rule.path).visit(*body, [&](const json& value, const std::string&) {
      held = value == json::parse(rule.held);
    });
    EXPECT_TRUE(held) << rule.path
                      << " must stand in the body, not only in the comparison: " << key;
  }
}

TEST_P(Rows, SensitivePlacesAreMasked) {
  const Kind row = bare(kind());
  for (const std::string_view path : row.sensitive) {
    const json before = document_with(path, "secret-1");
    const json after = document_with(path, "secret-2");
    for (const model::Change& change : model::differences(row, before, after)) {
      EXPECT_EQ(change.before.find("secret"), std::string::npos) << path;
      EXPECT_EQ(change.after.find("secret"), std::string::npos) << path;
    }
  }
}

TEST_P(Rows, SettingsAreMaskedWhereTheirNameSaysSecret) {
  const Kind row = bare(kind());
  for (const std::string_view path : row.settings) {
    // Members that people name; elements of arrays are named by what stands before them.
    const bool is_list = path.ends_with("/parameters/*") || path.ends_with("commands/*") ||
                         path.ends_with("python_params/*") || path.ends_with("jar_params/*");
    if (!path.ends_with("/*") || is_list) continue;
    const std::string named = std::string(path.substr(0, path.size() - 1)) + "password";
    const auto changes =
        model::differences(row, document_with(named, "secret-1"), document_with(named, "secret-2"));
    EXPECT_FALSE(changes.empty()) << path;
    for (const model::Change& change : changes)
      EXPECT_EQ((change.before + change.after).find("secret-"), std::string::npos) << path;
  }
}

INSTANTIATE_TEST_SUITE_P(All, Rows, ::testing::ValuesIn(all()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace twinlake::kinds
