// jobs/get and jobs/list, with their pages.
#include "simulator/identity/identity.h"
#include "simulator/jobs/jobs.h"

namespace twinlake::simulator {

namespace {
/// These four come in pages of 100 elements, side by side.
constexpr const char* paged_arrays[] = {"tasks", "job_clusters", "environments", "parameters"};
constexpr std::int64_t list_page = 20;

json slice(const json& array, std::size_t from, std::size_t count) {
  json part = json::array();
  for (std::size_t at = from; at < array.size() && at < from + count; ++at)
    part.push_back(array[at]);
  return part;
}

/// Puts the elements from `from` on into `settings`; true when more follow.
bool put_page(json& settings, const json& all, std::size_t from) {
  bool more = false;
  for (const char* name : paged_arrays) {
    const json& array = list_of(all, name);
    settings.erase(name);
    if (from < array.size()) settings[name] = slice(array, from, job_page);
    more = more || array.size() > from + job_page;
  }
  return more;
}

/// A job that is asked for without a number in its id answers like one that is missing.
std::string asked_id(const Call& call) { return call.query("job_id"); }
}  // namespace

json Jobs::head(const Job& job) const {
  json out = json::object({{"job_id", job.id}, {"created_time", job.created_time}});
  if (!job.creator.empty()) out["creator_user_name"] = job.creator;
  return out;
}

http::Response Jobs::get(Call& call, Version version) const {
  const Job* job = jobs_.find(asked_id(call));
  if (job == nullptr) return no_job(asked_id(call));
  std::size_t from = 0;
  if (const std::string token = call.query("page_token");
      !token.empty() && version == Version::v22) {
    const auto position = position_of(token);
    if (!position || *position < 0) return invalid("Invalid page token: " + token);
    from = static_cast<std::size_t>(*position);
  }
  json body = head(*job);
  // Single values are on the first page only.
  json settings = from == 0 ? job->settings : json::object();
  const bool more = put_page(settings, job->settings, from);
  if (from == 0 && !job->run_as.is_null()) settings["run_as"] = job->run_as;
  body["settings"] = std::move(settings);
  std::string runs_as = job->creator;
  if (!job->run_as.is_null())
    runs_as = text_of(job->run_as, "user_name", text_of(job->run_as, "service_principal_name"));
  if (!runs_as.empty()) body["run_as_user_name"] = runs_as;  // a group has no such name
  // The older version has no pages: it cuts off what goes beyond the first hundred.
  if (more && version == Version::v22) {
    body["has_more"] = true;
    body["next_page_token"] = token_for(static_cast<std::int64_t>(from + job_page));
  }
  return answer(body);
}

http::Response Jobs::list(Call& call, Version version) const {
  Refusal refusal;
  const PageWish wish =
      page_wish(call, "limit", list_page, version == Version::v22 ? 100 : 25, refusal);
  if (refusal) return *refusal;
  const std::string name = lower(call.query("name"));
  auto skip = integer_of(json::object({{"offset", call.query("offset")}}), "offset").value_or(0);
  const auto page = jobs_.page(wish, Shelf<Job>::Order::newest_first, [&](const Job& job) {
    if (!name.empty() && lower(text_of(job.settings, "name")) != name) return false;
    return skip-- <= 0;
  });
  const bool expand = call.query("expand_tasks") == "true";
  json body = json::object({{"has_more", !page.next.empty()}});
  for (const Job* job : page.items) {
    json row = head(*job);  // without run_as: only jobs/get tells it
    json settings = job->settings;
    if (expand) {
      if (put_page(settings, job->settings, 0)) row["has_more"] = true;
    } else {
      for (const char* array : paged_arrays) settings.erase(array);
    }
    row["settings"] = std::move(settings);
    body["jobs"].push_back(std::move(row));
  }
  if (!page.next.empty()) body["next_page_token"] = page.next;
  return answer(body);
}

}  // namespace twinlake::simulator
