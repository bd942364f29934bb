#include "model/kind.h"
#include "workspace/tree.h"

namespace twinlake::kinds::unsupported_entry {

using namespace model;

namespace {

// The enum of types is open: whatever is none of these is named, never passed over.
constexpr std::string_view replicated_types[] = {"DIRECTORY", "NOTEBOOK", "FILE", "REPO"};

constexpr Kind kind{
    .name = "unsupported_entry",
    .plural = "other workspace entries",
    .about = "entries of the tree that are not copied: dashboards, queries, alerts, libraries",
    .support = Support::unsupported,
    .what_to_do =
        "Not copied. Dashboard, query or alert: export it on the primary and import it here; "
        "library: "
        "install it from a workspace file or a package index",
    .list = {.match_at = "/object_type", .match_any = replicated_types, .inverted = true},
    .list_verb = workspace::list_tree,
    .id_at = "/object_id",
    .id_is_number = true,
    .key_at = "/path",
    .key_is_path = true,
};

}  // namespace

const Kind& unsupported_entry_kind() { return kind; }

}  // namespace twinlake::kinds::unsupported_entry
