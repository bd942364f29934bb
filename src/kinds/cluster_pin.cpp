#include "kinds/calls.h"

namespace twinlake::kinds::cluster_pin {

using namespace model;
using nlohmann::json;

namespace {

constexpr int pins_of_a_workspace = 100;

json child_item(const Kind&, const json& cluster) {
  json item = json::object();
  item["pinned"] = !text_at(cluster, "/pinned_by_user_name").empty();
  return item;
}

Task<Result<std::string>> write_pin(Write write) {
  const json* wish = find_at(*write.definition, "/pinned");
  const bool pin = wish != nullptr && wish->is_boolean() && wish->get<bool>();
  std::string id = owner_id(write);
  json body = json::object();
  body["cluster_id"] = id;
  auto done = co_await write.to->call(repeatable(
      http::Method::post, pin ? "/api/2.1/clusters/pin" : "/api/2.1/clusters/unpin", body));
  if (!done) {
    Error error = std::move(done).error();
    if (pin && error.fault == Fault::invalid)
      error.hint =
          "A workspace holds at most 100 pinned clusters: unpin one there. A terminated cluster "
          "without a pin vanishes after 30 days";
    co_return fail(std::move(error));
  }
  co_return id;
}

constexpr Hold holds[] = {{.path = "/pinned", .held = "true", .absent = "false", .starts = false}};

constexpr Kind kind{
    .name = "cluster_pin",
    .plural = "cluster pins",
    .about =
        "keeps a terminated cluster from vanishing after 30 days; all are pinned on the standby "
        "while there is room",
    .child_of = "cluster",
    .child_item = child_item,
    .holds = holds,
    .standby_capacity = pins_of_a_workspace,
    .create = {.method = Method::post,
               .path = "/api/2.1/clusters/pin",
               .effect = Effect::writes,
               .body_id = "/cluster_id"},
    .update = {.method = Method::post,
               .path = "/api/2.1/clusters/pin",
               .effect = Effect::writes,
               .body_id = "/cluster_id"},
    .create_verb = write_pin,
    .update_verb = write_pin,
    .never_removed = true,
};

}  // namespace

const Kind& cluster_pin_kind() { return kind; }

}  // namespace twinlake::kinds::cluster_pin
