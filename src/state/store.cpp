#include "state/store.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

#include "base/hash.h"
#include "state/key_file.h"
#include "state/store_impl.h"

namespace twinlake::state {

namespace {

Result<std::string> key_for(const std::string& folder, const std::string& group) {
  // The same for every store in memory, so that a seed replays a run exactly; it protects nothing,
  // because what it hashes is gone with the process.
  if (folder == memory_folder) return sha256_hex("a store in memory");
  return read_or_make_key(folder + "/" + group + ".key");
}

/// Fingerprints of another key would make every object look changed on both sides: better to know
/// nothing, and to compare by reading again.
void forget_fingerprints_of_another_key(SQLite::Database& database, Statements& sql,
                                        const std::string& key) {
  const std::string check = hmac_sha256_hex(key, "is this the same key");
  Use stored(sql.key_check);
  stored.next();
  if (stored.text(0) == check) return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  Use(sql.clear_known).run();
  Use(sql.clear_agreed).run();
  Use(sql.set_key_check, check).run();
  transaction.commit();
}

}  // namespace

std::string_view name_of(Origin origin) {
  return origin == Origin::created ? "created" : "adopted";
}

model::Side side_named(std::string_view name) {
  return name == model::name_of(model::Side::home) ? model::Side::home : model::Side::away;
}

StateFailure::StateFailure(Error error)
    : std::runtime_error(describe(error)), error_(std::move(error)) {}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::~Store() = default;

Result<std::unique_ptr<Store>> Store::open(const std::string& folder, const std::string& group) {
  CHECK(prepare_folder(folder, group));
  // Turning a new file to WAL, and the last one's closing, hold it alone for a moment, and not
  // every statement waits for that by itself.
  constexpr auto pause = std::chrono::milliseconds(20);
  constexpr auto longest = std::chrono::seconds(5);
  for (auto waited = std::chrono::milliseconds(0);; waited += pause) {
    auto store = open_once(folder, group);
    if (store || store.error().fault != Fault::refused || waited >= longest) return store;
    std::this_thread::sleep_for(pause);
  }
}

bool Store::exists(const std::string& folder, const std::string& group) {
  return access((folder + "/" + group + ".sqlite").c_str(), F_OK) == 0;
}

Result<std::unique_ptr<Store>> Store::open_once(const std::string& folder,
                                                const std::string& group) {
  const std::string path =
      folder == memory_folder ? std::string(":memory:") : folder + "/" + group + ".sqlite";
  TRY(auto database, open_database(path));
  TRY(const std::string key, key_for(folder, group));
  SQLite::Database* const connection = database.get();
  try {
    auto impl = std::make_unique<Impl>(std::move(database), path);
    impl->folder = folder;
    impl->group = group;
    impl->key = key;
    forget_fingerprints_of_another_key(*connection, impl->sql, key);
    return std::unique_ptr<Store>(new Store(std::move(impl)));
  } catch (const SQLite::Exception& exception) {
    return fail(error_from(exception, path, nullptr));
  }
}

const std::string& Store::fingerprint_key() const { return impl_->key; }
const std::string& Store::folder() const { return impl_->folder; }

// --- the group as a whole

std::optional<Identity> Store::identity() const {
  return impl_->guarded([&]() -> std::optional<Identity> {
    Use row(impl_->sql.identity);
    if (!row.next()) return std::nullopt;
    return Identity{.group = row.text(0),
                    .home_workspace_id = row.text(1),
                    .away_workspace_id = row.text(2),
                    .primary = side_named(row.text(3)),
                    .home_host = row.text(4),
                    .away_host = row.text(5)};
  });
}

void Store::Impl::write(const Identity& identity) {
  Use(sql.put_identity, identity.group, identity.home_workspace_id, identity.away_workspace_id,
      model::name_of(identity.primary), identity.home_host, identity.away_host)
      .run();
}

void Store::set_identity(const Identity& identity) {
  impl_->guarded([&] { impl_->write(identity); });
}

std::int64_t Store::generation() const {
  return impl_->guarded([&] {
    Use row(impl_->sql.standing);
    row.next();
    return row.number(0);
  });
}

std::int64_t Store::fencing() const {
  return impl_->guarded([&] {
    Use row(impl_->sql.standing);
    row.next();
    return row.number(1);
  });
}

std::optional<Time> Store::replication_point() const {
  return impl_->guarded([&]() -> std::optional<Time> {
    Use row(impl_->sql.standing);
    row.next();
    const auto micros = row.optional_number(2);
    return micros ? std::optional(to_time(*micros)) : std::nullopt;
  });
}

void Store::set_replication_point(Time moment) {
  impl_->guarded([&] { Use(impl_->sql.set_replication_point, to_number(moment)).run(); });
}

// --- objects

namespace {

std::optional<Origin> origin_named(const std::optional<std::string>& name) {
  if (!name) return std::nullopt;
  return *name == "created" ? Origin::created : Origin::adopted;
}

std::optional<std::string> text_of_origin(const std::optional<Origin>& origin) {
  if (!origin) return std::nullopt;
  return std::string(name_of(*origin));
}

}  // namespace

void Store::Impl::for_each_binding(const std::function<void(Binding binding)>& take) {
  Use row(sql.bindings);
  while (row.next()) {
    take({.uuid = row.text(0),
          .kind = row.text(1),
          .key = row.text(2),
          .parent = row.text(3),
          .home_id = row.optional_text(4),
          .away_id = row.optional_text(5),
          .home_origin = origin_named(row.optional_text(6)),
          .away_origin = origin_named(row.optional_text(7))});
  }
}

std::vector<Binding> Store::bindings() const {
  return impl_->guarded([&] {
    std::vector<Binding> all;
    impl_->for_each_binding([&](Binding binding) { all.push_back(std::move(binding)); });
    return all;
  });
}

void Store::Impl::write(const Binding& binding) {
  Use(sql.put_binding, binding.uuid, binding.kind, binding.key, binding.parent, binding.home_id,
      binding.away_id, text_of_origin(binding.home_origin), text_of_origin(binding.away_origin))
      .run();
}

void Store::put_binding(const Binding& binding) {
  impl_->guarded([&] { impl_->write(binding); });
}

void Store::remove_binding(const std::string& uuid) {
  impl_->guarded([&] { Use(impl_->sql.remove_binding, uuid).run(); });
}

std::optional<Agreed> Store::agreed(const std::string& uuid) const {
  return impl_->guarded([&]() -> std::optional<Agreed> {
    Use row(impl_->sql.agreed, uuid);
    if (!row.next()) return std::nullopt;
    return Agreed{
        .uuid = row.text(0), .parent = row.text(1), .home = row.text(2), .away = row.text(3)};
  });
}

void Store::put_agreed(std::span<const Agreed> agreed) {
  if (agreed.empty()) return;
  impl_->in_transaction([&] {
    for (const Agreed& one : agreed)
      Use(impl_->sql.put_agreed, one.uuid, one.parent, one.home, one.away).run();
  });
}

std::map<std::string, Known> Store::known() const {
  return impl_->guarded([&] {
    std::map<std::string, Known> all;
    Use row(impl_->sql.known);
    while (row.next()) {
      all.emplace_hint(all.end(), row.text(0),
                       Known{.home_indicator = row.text(1),
                             .away_indicator = row.text(2),
                             .fingerprint = row.text(3)});
    }
    return all;
  });
}

void Store::put_known(const std::string& uuid, const Known& known) {
  impl_->guarded([&] {
    Use(impl_->sql.put_known, uuid, known.home_indicator, known.away_indicator, known.fingerprint)
        .run();
  });
}

void Store::forget_known(const std::string& uuid) {
  impl_->guarded([&] { Use(impl_->sql.forget_known, uuid).run(); });
}

// --- holds

std::vector<HoldRecord> Store::holds() const {
  return impl_->guarded([&] {
    std::vector<HoldRecord> all;
    Use row(impl_->sql.holds);
    while (row.next()) {
      all.push_back({.uuid = row.text(0),
                     .place = row.text(1),
                     .live = row.text(2),
                     .seen = to_time(row.number(3))});
    }
    return all;
  });
}

void Store::Impl::write(const HoldRecord& hold) {
  Use(sql.put_hold, hold.uuid, hold.place, hold.live, to_number(hold.seen)).run();
}

void Store::put_holds(const std::string& uuid, const std::vector<HoldRecord>& holds) {
  impl_->in_transaction([&] {
    std::set<std::string> gone;
    for (Use row(impl_->sql.places_held, uuid); row.next();) gone.insert(row.text(0));
    for (HoldRecord hold : holds) {
      hold.uuid = uuid;
      impl_->write(hold);
      gone.erase(hold.place);
    }
    for (const std::string& place : gone) Use(impl_->sql.remove_hold, uuid, place).run();
  });
}

// --- originals

namespace {
OriginalRecord original_from(Use& row) {
  return {.uuid = row.text(0),
          .place = row.text(1),
          .is_name = row.number(2) != 0,
          .after = row.text(3),
          .mark = row.text(4),
          .pieces = row.text(5)};
}
}  // namespace

std::map<std::string, std::vector<OriginalRecord>> Store::originals() const {
  return impl_->guarded([&] {
    std::map<std::string, std::vector<OriginalRecord>> all;
    for (Use row(impl_->sql.originals); row.next();) all[row.text(0)].push_back(original_from(row));
    return all;
  });
}

void Store::Impl::write(const OriginalRecord& original) {
  Use(sql.put_original, original.uuid, original.place, std::int64_t{original.is_name},
      original.after, original.mark, original.pieces)
      .run();
}

void Store::put_originals(const std::string& uuid, std::vector<OriginalRecord> originals) {
  for (OriginalRecord& original : originals) original.uuid = uuid;
  std::sort(originals.begin(), originals.end());
  originals.erase(std::unique(originals.begin(), originals.end()), originals.end());
  impl_->in_transaction([&] {
    std::vector<OriginalRecord> before;
    for (Use row(impl_->sql.originals_of, uuid); row.next();) before.push_back(original_from(row));
    std::sort(before.begin(), before.end());
    if (before == originals) return;
    Use(impl_->sql.remove_originals, uuid).run();
    for (const OriginalRecord& original : originals) impl_->write(original);
  });
}

// --- observations

std::vector<Observed> Store::observations() const {
  return impl_->guarded([&] {
    std::vector<Observed> all;
    for (Use row(impl_->sql.observations); row.next();)
      all.push_back({.side = side_named(row.text(0)),
                     .kind = row.text(1),
                     .taken = to_time(row.number(2)),
                     .items = row.text(3)});
    return all;
  });
}

void Store::put_observation(const Observed& observed) {
  impl_->guarded([&] {
    Use(impl_->sql.put_observation, model::name_of(observed.side), observed.kind,
        to_number(observed.taken), observed.items)
        .run();
  });
}

// --- verdicts

void Store::put_verdicts(const std::map<std::string, std::int64_t>& counts, Time when) {
  impl_->in_transaction([&] {
    Use(impl_->sql.clear_verdicts).run();
    for (const auto& [state, count] : counts) Use(impl_->sql.put_verdict, state, count).run();
    Use(impl_->sql.set_verdicts_at, to_number(when)).run();
  });
}

std::map<std::string, std::int64_t> Store::verdicts() const {
  return impl_->guarded([&] {
    std::map<std::string, std::int64_t> all;
    for (Use row(impl_->sql.verdicts); row.next();) all[row.text(0)] = row.number(1);
    return all;
  });
}

}  // namespace twinlake::state
