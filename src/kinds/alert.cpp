#include "kinds/sql_lookup.h"

namespace twinlake::kinds::alert {

namespace {
constexpr model::Kind kind = sql_lookup("alert", "alerts", "/api/2.0/alerts", "/alerts");
}  // namespace

const model::Kind& alert_kind() { return kind; }

}  // namespace twinlake::kinds::alert
