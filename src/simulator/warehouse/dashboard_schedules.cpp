// What hangs on a dashboard: its published copy, its schedules and their subscriptions.
#include "simulator/warehouse/dashboards.h"
#include "simulator/warehouse/lookups.h"

namespace twinlake::simulator {

namespace {
constexpr std::size_t schedule_limit = 10;
constexpr std::size_t subscription_limit = 100;

http::Response no_schedule() { return absent("The schedule does not exist."); }

template <class T, class Body>
http::Response listed(Call& call, const Shelf<T>& shelf, const char* key, const Body& body_of) {
  Refusal refusal;
  const PageWish wish = page_wish(call, "page_size", 20, 100, refusal);
  if (refusal) return *refusal;
  const auto page = shelf.page(wish, Shelf<T>::Order::oldest_first);
  json body = json::object();
  for (const T* item : page.items) body[key].push_back(body_of(*item));
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}
}  // namespace

void Dashboards::add_published_routes() {
  using http::Method;
  Router& router = region_.router();
  const std::string place = shape_.route + "/{id}/published";
  router.add(Method::post, place, [this](Call& call) { return publish(call); });
  router.add(Method::get, place, [this](Call& call) {
    const auto found = extras_.find(call.arguments.at("id"));
    if (found == extras_.end() || found->second.published.is_null())
      return absent("The dashboard is not published.");
    return answer(found->second.published);
  });
  router.add(Method::del, place, [this](Call& call) {
    extras_[call.arguments.at("id")].published = nullptr;
    return done();
  });
}

http::Response Dashboards::publish(Call& call) {
  const std::string& id = call.arguments.at("id");
  const json* dashboard = find(id);
  if (dashboard == nullptr) return missing(id);
  const std::string warehouse =
      text_of(call.body, "warehouse_id", text_of(*dashboard, "warehouse_id"));
  if (!region_.get<Lookups>().exists("warehouse", warehouse))
    return invalid("Warehouse " + warehouse + " does not exist.");
  json& published = extras_[id].published;
  published = json::object({{"display_name", dashboard->at("display_name")},
                            {"warehouse_id", warehouse},
                            {"embed_credentials", flag_of(call.body, "embed_credentials", true)},
                            {"revision_create_time", instant(region_.now_millis())}});
  return answer(published);
}

Dashboards::Schedule* Dashboards::find_schedule(Call& call) {
  const auto found = extras_.find(call.arguments.at("id"));
  return found == extras_.end() ? nullptr
                                : found->second.schedules.find(call.arguments.at("schedule"));
}

void Dashboards::add_schedule_routes() {
  using http::Method;
  Router& router = region_.router();
  const std::string all = shape_.route + "/{id}/schedules";
  const std::string one = all + "/{schedule}";
  const std::string people = one + "/subscriptions";
  router.add(Method::post, all, [this](Call& call) { return create_schedule(call); });
  router.add(Method::get, all, [this](Call& call) {
    const std::string& id = call.arguments.at("id");
    if (!exists(id)) return missing(id);
    return listed(call, extras_[id].schedules, "schedules",
                  [](const Schedule& schedule) { return schedule.body; });
  });
  router.add(Method::get, one, [this](Call& call) {
    const Schedule* schedule = find_schedule(call);
    return schedule == nullptr ? no_schedule() : answer(schedule->body);
  });
  router.add(Method::put, one, [this](Call& call) { return replace_schedule(call); });
  router.add(Method::del, one, [this](Call& call) {
    if (find_schedule(call) == nullptr) return no_schedule();
    extras_.at(call.arguments.at("id")).schedules.erase(call.arguments.at("schedule"));
    return done();
  });
  router.add(Method::post, people, [this](Call& call) { return create_subscription(call); });
  router.add(Method::get, people, [this](Call& call) {
    const Schedule* schedule = find_schedule(call);
    if (schedule == nullptr) return no_schedule();
    return listed(call, schedule->subscriptions, "subscriptions",
                  [](const json& body) { return body; });
  });
  router.add(Method::del, people + "/{subscription}", [this](Call& call) {
    Schedule* schedule = find_schedule(call);
    if (schedule == nullptr ||
        schedule->subscriptions.find(call.arguments.at("subscription")) == nullptr)
      return absent("The subscription does not exist.");
    schedule->subscriptions.erase(call.arguments.at("subscription"));
    return done();
  });
}

http::Response Dashboards::create_schedule(Call& call) {
  const std::string& id = call.arguments.at("id");
  if (!exists(id)) return missing(id);
  if (field(call.body, "cron_schedule") == nullptr)
    return invalid("Missing required field: cron_schedule");
  auto& schedules = extras_[id].schedules;
  if (schedules.size() >= schedule_limit)
    return error(400, "RESOURCE_LIMIT_EXCEEDED", "A dashboard has at most 10 schedules.");
  Schedule schedule;
  schedule.body = call.body;
  const std::string schedule_id = region_.ids().hex(32);
  schedule.body["schedule_id"] = schedule_id;
  schedule.body["dashboard_id"] = id;
  schedule.body["etag"] = "1";
  schedule.body["create_time"] = instant(region_.now_millis());
  schedule.body["update_time"] = instant(region_.now_millis());
  fill(schedule.body, json::object({{"pause_status", "UNPAUSED"}}));
  return answer(schedules.add(schedule_id, std::move(schedule)).body);
}

http::Response Dashboards::replace_schedule(Call& call) {
  Schedule* schedule = find_schedule(call);
  if (schedule == nullptr) return no_schedule();
  if (field(call.body, "cron_schedule") == nullptr)
    return invalid("Missing required field: cron_schedule");
  if (text_of(call.body, "etag") != text_of(schedule->body, "etag"))
    return error(409, "ABORTED", "The etag is not the one of the schedule.");
  json body = call.body;
  for (const char* key : {"schedule_id", "dashboard_id", "create_time"})
    body[key] = schedule->body.at(key);
  body["etag"] = std::to_string(integer_of(schedule->body, "etag").value_or(0) + 1);
  body["update_time"] = instant(region_.now_millis());
  fill(body, json::object({{"pause_status", "UNPAUSED"}}));
  schedule->body = std::move(body);
  return answer(schedule->body);
}

http::Response Dashboards::create_subscription(Call& call) {
  Schedule* schedule = find_schedule(call);
  if (schedule == nullptr) return no_schedule();
  const json* subscriber = field(call.body, "subscriber");
  if (subscriber == nullptr) return invalid("Missing required field: subscriber");
  if (const json* destination = field(*subscriber, "destination_subscriber"))
    if (const std::string id = text_of(*destination, "destination_id");
        !region_.get<Lookups>().exists("notification_destination", id))
      return invalid("Notification destination " + id + " does not exist.");
  if (schedule->subscriptions.size() >= subscription_limit)
    return error(400, "RESOURCE_LIMIT_EXCEEDED", "A schedule has at most 100 subscriptions.");
  json body = call.body;
  const std::string id = region_.ids().hex(32);
  body["subscription_id"] = id;
  body["schedule_id"] = call.arguments.at("schedule");
  body["dashboard_id"] = call.arguments.at("id");
  body["etag"] = "1";
  body["create_time"] = instant(region_.now_millis());
  return answer(schedule->subscriptions.add(id, std::move(body)));
}

}  // namespace twinlake::simulator
