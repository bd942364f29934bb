#include "app/group_access.h"

#include "app/history_access.h"
#include "app/output.h"
#include "app/rules.h"
#include "app/values.h"
#include "base/hash.h"
#include "engine/mirror.h"
#include "engine/restore.h"
#include "model/kind.h"
#include "workspace/profile.h"

namespace twinlake::app {

using model::Side;

namespace {

Task<void> probe_into(SideAccess* side, Result<void>* outcome) {
  *outcome = co_await side->probe();
}

Task<void> find_if_possible(SideAccess* side) { static_cast<void>(co_await side->find_host()); }

Task<void> find_each(Loop* loop, std::vector<SideAccess*> sides) {
  TaskGroup asking(*loop);
  for (SideAccess* side : sides) asking.start(find_if_possible(side));
  co_await asking.join();
}

Task<void> probe_both(Loop* loop, SideAccess* primary, SideAccess* secondary, Result<void>* first,
                      Result<void>* second) {
  TaskGroup sides(*loop);
  sides.start(probe_into(primary, first));
  sides.start(probe_into(secondary, second));
  co_await sides.join();
}

}  // namespace

Result<Side> primary_side(const std::optional<state::Identity>& identity,
                          const std::string& primary_workspace,
                          const std::string& secondary_workspace) {
  if (!identity) return Side::home;
  const bool same = primary_workspace == identity->home_workspace_id &&
                    secondary_workspace == identity->away_workspace_id;
  const bool turned = primary_workspace == identity->away_workspace_id &&
                      secondary_workspace == identity->home_workspace_id;
  if (!same && !turned)
    return fail(
        Fault::refused,
        "the group `" + identity->group + "` is of the workspaces " + identity->home_workspace_id +
            " (" + identity->home_host + ") and " + identity->away_workspace_id + " (" +
            identity->away_host + "), but the profiles lead to " + primary_workspace + " and " +
            secondary_workspace,
        "Use the profiles of that group, or give this pair a group of its own with --group NAME");
  const Side side = same ? Side::home : Side::away;
  if (side != identity->primary) {
    const std::string& primary_host =
        identity->primary == Side::home ? identity->home_host : identity->away_host;
    return fail(Fault::refused,
                "the primary of the group `" + identity->group + "` is " + primary_host +
                    ", and it must not be written to",
                "Swap --primary and --secondary");
  }
  return side;
}

bool only_reads(Purpose purpose) { return purpose == Purpose::read || purpose == Purpose::look; }

GroupAccess::GroupAccess(const Settings& settings)
    : settings_(settings),
      engine_(loop_),
      primary_(loop_, engine_, "primary"),
      secondary_(loop_, engine_, "secondary") {}

std::optional<state::Identity> seen_for(Purpose purpose, const state::Store& store) {
  std::optional<state::Identity> identity = store.identity();
  const auto last = store.last_failover();
  // One that turns the role back and was killed is gone on with, too.
  const bool goes_back = purpose == Purpose::back && last && failover::is_turn_back(store, last->id);
  const bool turns = purpose == Purpose::turn || purpose == Purpose::force || goes_back;
  if (identity && turns && failover::is_unfinished(last))
    identity->primary = model::other(last->to);
  // What a drill made is removed where it was made, also when the roles have turned since.
  const auto drill = store.last_drill();
  if (identity && purpose == Purpose::drill && drill && !drill->cleaned)
    identity->primary = model::other(drill->side);
  return identity;
}

namespace {
/// Is the primary left alone, be it there or not?
bool asks_secondary_alone(Purpose purpose) {
  return purpose == Purpose::force || purpose == Purpose::back || purpose == Purpose::drill ||
         purpose == Purpose::look || purpose == Purpose::restore;
}
}  // namespace

Result<std::unique_ptr<GroupAccess>> GroupAccess::resolve(const Settings& settings) {
  std::unique_ptr<GroupAccess> group(new GroupAccess(settings));
  CHECK(group->primary_.resolve(settings.group.primary));
  CHECK(group->secondary_.resolve(settings.group.secondary));
  return group;
}

Result<void> GroupAccess::find_hosts() {
  std::unique_ptr<state::Store> store;
  if (state::Store::exists(settings_.state_folder, settings_.group.name)) {
    TRY(store, state::Store::open(settings_.state_folder, settings_.group.name));
  }
  std::vector<SideAccess*> to_ask;
  for (SideAccess* side : {&primary_, &secondary_}) {
    if (!side->host().empty()) continue;
    const auto known = store ? store->known_host(side->profile().azure_resource_id) : std::nullopt;
    if (known)
      side->take_host(*known);
    else
      to_ask.push_back(side);
  }
  loop_.run(find_each(&loop_, std::move(to_ask)));
  return {};
}

void GroupAccess::keep_hosts(Purpose purpose) {
  if (only_reads(purpose)) return;
  for (const SideAccess* side : {&primary_, &secondary_}) {
    const std::string& id = side->profile().azure_resource_id;
    if (id.empty() || side->host().empty() || store_->known_host(id) == side->host()) continue;
    store_->put_known_host(id, side->host());
  }
}

void GroupAccess::take_host_of_lost_primary() {
  const auto identity = store_->identity();
  if (!identity || !primary_.host().empty()) return;
  primary_.take_host(primary_side_ == Side::home ? identity->home_host : identity->away_host);
}

/// By the names of the hosts, so that a lost region need not be asked.
Result<bool> GroupAccess::are_swapped(Purpose purpose) const {
  if (!settings_.profiles_are_sides) return false;
  if (!state::Store::exists(settings_.state_folder, settings_.group.name)) return false;
  TRY(const auto store, state::Store::open(settings_.state_folder, settings_.group.name));
  const auto identity = seen_for(purpose, *store);
  if (!identity) return false;
  const bool home_first = identity->primary == Side::home;
  const std::string& of_primary = home_first ? identity->home_host : identity->away_host;
  const std::string& of_secondary = home_first ? identity->away_host : identity->home_host;
  // One of them may be unknown: the host of a workspace that Azure does not tell any more.
  const bool first = primary_.host().empty() || primary_.host() == of_secondary;
  const bool second = secondary_.host().empty() || secondary_.host() == of_primary;
  return first && second && !(primary_.host().empty() && secondary_.host().empty());
}

Result<std::unique_ptr<GroupAccess>> GroupAccess::open(const Settings& settings, Purpose purpose) {
  // Everything that can be wrong with the profiles is found before anything is made on this
  // machine.
  TRY(auto group, resolve(settings));
  CHECK(group->find_hosts());
  TRY(const bool swapped, group->are_swapped(purpose));
  if (swapped) {
    Settings turned = settings;
    std::swap(turned.group.primary, turned.group.secondary);
    TRY(group, resolve(turned));
    CHECK(group->find_hosts());
  }
  CHECK(group->reach(purpose));
  CHECK(group->check_managed(purpose));
  CHECK(group->read_given());
  CHECK(group->open_state(purpose));
  group->keep_hosts(purpose);
  group->take_host_of_lost_primary();
  CHECK(group->connect(purpose));
  CHECK(group->read_mirror(purpose));
  CHECK(group->check_cover());
  group->warn_of_rights();
  return group;
}

Result<void> GroupAccess::reach(Purpose purpose) {
  if (asks_secondary_alone(purpose)) {
    Result<void> only;
    loop_.run(probe_into(&secondary_, &only));
    return only;
  }
  Result<void> first;
  Result<void> second;
  loop_.run(probe_both(&loop_, &primary_, &secondary_, &first, &second));
  CHECK(std::move(first));
  CHECK(std::move(second));
  if (primary_.self().workspace_id == secondary_.self().workspace_id)
    return fail(Fault::config, "both profiles lead to the same workspace, " + primary_.host(),
                "Name the profile of the other region's workspace as the secondary one");
  return {};
}

Result<void> GroupAccess::read_given() {
  if (!settings_.group.values.empty()) {
    TRY(given_, read_values(settings_.group.values));
  }
  given_.own_addresses = settings_.group.own_addresses;
  given_.dbfs_roots = settings_.group.dbfs_roots;
  return {};
}

Result<void> GroupAccess::open_state(Purpose purpose) {
  if (!only_reads(purpose)) {
    // Runs of a group may go on beside its drill, which writes nothing that they know.
    const std::string name = settings_.group.name + (purpose == Purpose::drill ? ".drill" : "");
    auto lock = state::LocalLock::take(settings_.state_folder, name);
    if (!lock) return fail(std::move(lock).error());
    lock_.emplace(std::move(*lock));
  }
  TRY(store_, state::Store::open(settings_.state_folder, settings_.group.name));
  TRY(primary_side_, find_primary_side(purpose));
  return {};
}

Result<Side> GroupAccess::find_primary_side(Purpose purpose) const {
  const auto identity = seen_for(purpose, *store_);
  std::string primary = primary_.self().workspace_id;
  // Who cannot be asked is taken to be the other one of the group.
  if (asks_secondary_alone(purpose) && identity)
    primary = secondary_.self().workspace_id == identity->home_workspace_id
                  ? identity->away_workspace_id
                  : identity->home_workspace_id;
  return primary_side(identity, primary, secondary_.self().workspace_id);
}

SideAccess::May GroupAccess::within_limits(SideAccess::May may) {
  may.most_of_published = settings_.group.limits.most;
  may.budget_folder = budget_folder(settings_.group.limits, settings_.state_folder);
  may.on_budget_trouble = [this](const std::string& why) {
    if (std::exchange(warned_of_budget_, true) || settings_.is_repeated) return;
    warn(settings_.err, "limits are kept without regard to other processes: the budget file " + why,
         "Give `limits: budget` a folder that can be written, or `none`");
  };
  return may;
}

Result<void> GroupAccess::connect(Purpose purpose) {
  const bool writes = !only_reads(purpose) && purpose != Purpose::drill;
  engine::ObserveRules observe;
  engine::AuditRules audit;
  if (!covers_) {
    audit = settings_.group.audit;
    observe = observe_rules(settings_.group.helper_clusters, settings_.group.mounts);
    add_metastore(observe, settings_.group.metastore);
  }
  SideAccess::May may{
      .execute = writes && (observe.primary || observe.primary_sql || audit.primary),
      .why_not_more = "this workspace has the primary role"};
  CHECK(primary_.connect(primary_side_, within_limits(may), settings_.state_folder));
  if (writes)
    may = {.effect = http::Effect::writes,
           .execute = observe.secondary || observe.secondary_sql || audit.secondary,
           .why_not_more = "nothing may run there"};
  if (purpose == Purpose::drill) may = {.effect = http::Effect::executes, .why_not_more = ""};
  CHECK(secondary_.connect(model::other(primary_side_),
                           within_limits(only_reads(purpose) ? SideAccess::May{} : may),
                           settings_.state_folder));
  for (SideAccess* side : {&primary_, &secondary_}) side->workspace().give(given_);
  return {};
}

/// Who is behind believes the newest mirror about the roles, on whichever side it lies. A forced
/// failover tells the side that was lost nothing: what lies there is of before. And with swapped
/// profiles the mirror lies on what is called the primary here.
Result<void> GroupAccess::look_at_primary_too(std::optional<nlohmann::json>* mirror) {
  auto there = loop_.run(engine::read_mirror(primary_.workspace(), settings_.group.name));
  if (!there && store_->identity() && there.error().fault == Fault::bad_answer) return {};
  if (!there) return fail(primary_.explained(std::move(there).error()));
  if (!engine::is_newer(*there, *mirror)) return {};
  TRY(const auto told, state::Store::open("memory", settings_.group.name));
  CHECK(told->load_mirror(**there));
  TRY([[maybe_unused]] const Side side,
      primary_side(told->identity(), primary_.self().workspace_id, secondary_.self().workspace_id));
  *mirror = std::move(*there);
  return {};
}

Result<void> GroupAccess::read_mirror(Purpose purpose) {
  auto read = loop_.run(engine::read_mirror(secondary_.workspace(), settings_.group.name));
  const bool is_known = store_->identity().has_value();
  // The state is here; a mirror that cannot be read is written anew.
  if (!read && is_known && read.error().fault == Fault::bad_answer) return {};
  if (!read) return fail(secondary_.explained(std::move(read).error()));
  std::optional<nlohmann::json> mirror = std::move(*read);
  if (mirror) mirrored_ = engine::generation_of(*mirror);
  const bool is_behind = !is_known || (mirror && *mirrored_ > store_->generation());
  if (is_behind && !asks_secondary_alone(purpose)) CHECK(look_at_primary_too(&mirror));
  TRY(const bool taken, engine::catch_up(*store_, mirror));
  if (!taken) return {};
  TRY(const Side side, find_primary_side(purpose));
  if (side != primary_side_) {
    primary_side_ = side;
    CHECK(connect(purpose));
  }
  warn(settings_.err, "the state on this machine was behind its mirror, and was taken from there",
       "");
  return {};
}

void GroupAccess::warn_of_rights() const {
  if (settings_.is_repeated) return;
  for (const SideAccess* side : {&primary_, &secondary_})
    if (!side->self().is_admin && !side->self().name.empty())
      warn(settings_.err,
           side->self().name + " is no workspace admin of " + side->host() +
               ": it may not see everything",
           "Add it to the group `admins` of that workspace");
}

namespace {
const std::vector<const model::Kind*>& all_kinds() {
  static const std::vector<const model::Kind*> kinds = kinds::all();
  return kinds;
}
}  // namespace

failover::Turnover GroupAccess::turnover(events::Sink& sink, const engine::Rules& rules,
                                         failover::TurnoverOptions options) {
  options.group = rules.group;
  options.in_scope = rules.in_scope;
  options.program = "Twinlake " TWINLAKE_VERSION;
  options.rewrite = rules.rewrite;
  options.literals = rules.literals;
  options.open_old_primary = [this](bool open) {
    primary_.allow(open ? http::Effect::writes : http::Effect::reads,
                   "this workspace has the primary role");
  };
  options.recovery.environment = workspace::process_environment();
  options.recovery.open_webhook = [this](const std::string& base_url, Millis limit) {
    http::CurlOptions how(base_url);
    how.ca_file = ca_file_of_environment();
    how.user_agent = "twinlake/" TWINLAKE_VERSION;
    how.total_timeout = limit;
    return http::make_curl_transport(engine_, std::move(how));
  };
  options.always_on = always_on_of(settings_.group);
  options.let_run = [this](bool open) {
    secondary_.allow(open ? http::Effect::executes : http::Effect::writes,
                     "only a canary and what `always_on` names is run there");
  };
  return failover::Turnover(loop_, all_kinds(), primary_.workspace(), secondary_.workspace(),
                            *store_, sink, std::move(options));
}

failover::Turnover GroupAccess::debt(events::Sink& sink, const engine::Rules& rules) {
  failover::TurnoverOptions options;
  options.group = rules.group;
  options.in_scope = rules.in_scope;
  options.literals = rules.literals;
  options.open_old_primary = [](bool) {};
  return failover::Turnover(loop_, all_kinds(), secondary_.workspace(), primary_.workspace(),
                            *store_, sink, std::move(options));
}

failover::Drill GroupAccess::drill(events::Sink& sink, const engine::Rules& rules,
                                   failover::DrillOptions options) {
  options.group = rules.group;
  options.in_scope = rules.in_scope;
  options.literals = rules.literals;
  return failover::Drill(loop_, all_kinds(), secondary_.workspace(), *store_, sink,
                         std::move(options));
}

engine::Session GroupAccess::session(events::Sink& sink, engine::Rules rules) {
  rules.digest += fingerprint_of_given();
  if (managed_ || !catalog_keepers_.empty())
    rules.kept_by_others = [this](const model::Kind& kind, const std::string& key) {
      return kept_by_managed(kind, key);
    };
  // What looks at mounts and tables runs a cluster there, or a warehouse; so do questions to the
  // audit log.
  if (covers_) {
    rules.observe = {};
    rules.audit = {};
  }
  return engine::Session(loop_, all_kinds(), primary_.workspace(), secondary_.workspace(), *store_,
                         sink, std::move(rules));
}

Result<void> GroupAccess::record(engine::Session& session, const engine::Rules& rules) {
  if (!settings_.group.history.is_kept) return {};
  auto opened = open_history(settings_);
  // The sync goes on: it is done in part, not refused.
  if (!opened)
    return fail(Fault::io, "this run leaves no recovery point: " + opened.error().message,
                opened.error().hint);
  history_ = std::move(*opened);
  engine::RecorderOptions options;
  options.literals = rules.literals;
  options.max_file = settings_.group.history.max_file;
  options.keep = settings_.group.history.keep;
  session.record_with(recorder_.emplace(*history_, std::move(options)));
  return {};
}

engine::Restore GroupAccess::restore(events::Sink& sink, engine::Rules rules,
                                     history::History& history, engine::RestoreOptions options) {
  workspace::Workspace& target =
      options.to == engine::RestoreTo::primary ? primary_.workspace() : secondary_.workspace();
  return engine::Restore(loop_, all_kinds(), target, *store_, history, sink, std::move(rules),
                         std::move(options), given_);
}

/// Other values, and what was found equal is looked at again.
std::string GroupAccess::fingerprint_of_given() const {
  std::string all;
  for (const auto* values : {&given_.secrets, &given_.destinations})
    for (const auto& [name, value] : *values)
      all += name + "=" + hmac_sha256_hex(store_->fingerprint_key(), value.reveal()) + "\n";
  return all.empty() ? std::string()
                     : "-" + hmac_sha256_hex(store_->fingerprint_key(), all).substr(0, 16);
}

void GroupAccess::remember_identity() {
  if (store_->identity()) return;
  state::Identity identity;
  identity.group = settings_.group.name;
  identity.home_workspace_id = primary_.self().workspace_id;
  identity.away_workspace_id = secondary_.self().workspace_id;
  identity.home_host = primary_.host();
  identity.away_host = secondary_.host();
  store_->set_identity(identity);
}

}  // namespace twinlake::app
