#include "kinds/calls.h"
#include "workspace/settings.h"

namespace twinlake::kinds::guarded_setting {

using namespace model;

namespace {

constexpr Kind kind{
    .name = "guarded_setting",
    .plural = "settings that need a decision",
    .about =
        "settings that change what runs or who may do what, as far as somebody set them: "
        "cluster updates, security profiles, rights of workspace admins, legacy access and "
        "DBFS; and those that are newer than this program",
    .support = Support::unsupported,
    .what_to_do =
        "Decide whether the secondary should have it too, and set it there by hand "
        "(Settings > Workspace admin)",
    .list_verb = workspace::list_guarded_settings,
    .id_at = "/name",
    .key_at = "/name",
};

}  // namespace

const Kind& guarded_setting_kind() { return kind; }

}  // namespace twinlake::kinds::guarded_setting
