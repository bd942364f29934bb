#include "kinds/sql_lookup.h"

namespace twinlake::kinds::legacy_alert {

namespace {
constexpr model::Kind kind = sql_lookup("legacy_alert", "SQL alerts of the older kind", "/api/2.0/sql/alerts", "/results");
}  // namespace

const model::Kind& legacy_alert_kind() { return kind; }

}  // namespace twinlake::kinds::legacy_alert
