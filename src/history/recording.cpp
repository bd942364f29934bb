// What a run sees becomes a point: staged object by object, then turned into entries at once.
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "history/impl.h"

namespace twinlake::history {

using state::Bytes;
using state::Use;

std::optional<std::string> History::mark_of(const std::string& uuid) {
  return impl_->guarded([&]() -> std::optional<std::string> {
    Use row(impl_->sql.mark, uuid);
    if (!row.next()) return std::nullopt;
    return row.text(0);
  });
}

std::optional<Entry> History::Impl::open_entry(const std::string& uuid) {
  Use row(sql.open_entry, uuid);
  if (!row.next()) return std::nullopt;
  return entry_of(row);
}

namespace {

bool says_the_same(const Entry& a, const Entry& b) {
  return a.kind == b.kind && a.parent_kind == b.parent_kind && a.parent == b.parent &&
         a.key == b.key && a.form == b.form && a.content == b.content &&
         a.lacks_content == b.lacks_content;
}

std::string name_of_pending(const std::string& uuid) { return "pending " + uuid; }

Entry entry_without_content(const Observed& object) {
  Entry entry;
  entry.uuid = object.uuid;
  entry.kind = object.kind;
  entry.parent_kind = object.parent_kind;
  entry.parent = object.parent;
  entry.key = object.key;
  entry.lacks_content = object.lacks_content;
  return entry;
}

}  // namespace

std::string History::Impl::seal_of_staged(const Entry& entry, const std::string& mark,
                                          const std::string& item, std::string_view pending) const {
  return codec
      .seal_of(joined({entry.uuid, entry.kind, entry.parent_kind, entry.parent, entry.key,
                       std::to_string(entry.form), std::to_string(entry.content),
                       entry.lacks_content ? "1" : "0", mark, item, pending}))
      .substr(0, 8);
}

void History::Impl::put_seen(const std::string& uuid, const std::string& mark) {
  Use(sql.put_seen, uuid, mark, Bytes{seal_of_seen(uuid, mark)}).run();
}

void History::Impl::put_staged(const Entry& entry, const Observed& object) {
  const std::string pending = object.waits_for.empty()
                                  ? std::string()
                                  : codec.protect(object.form, name_of_pending(object.uuid));
  Use(sql.put_staged, entry.uuid, entry.kind, entry.parent_kind, entry.parent, entry.key,
      id_or_null(entry.form), id_or_null(entry.content),
      static_cast<std::int64_t>(entry.lacks_content), object.mark, object.waits_for, Bytes{pending},
      Bytes{seal_of_staged(entry, object.mark, object.waits_for, pending)})
      .run();
}

void History::observe(const Observed& object) {
  Entry entry = entry_without_content(object);
  const bool is_whole = object.waits_for.empty();
  if (is_whole && !object.form.empty()) {
    const std::string sha256 = sha256_hex(object.form);
    put_content(sha256, object.form.size(), [&](const Take& take) { take(object.form); });
    entry.form =
        impl_->guarded([&] { return impl_->blob_named(impl_->codec.name_of(sha256)).value_or(0); });
  }
  impl_->in_writing(256, [&] {
    Impl& all = *impl_;
    if (!object.content.empty())
      entry.content = all.blob_named(all.codec.name_of(object.content)).value_or(0);
    const auto now = is_whole ? all.open_entry(object.uuid) : std::nullopt;
    if (!now || !says_the_same(*now, entry)) return all.put_staged(entry, object);
    Use(all.sql.forget_staged, object.uuid).run();
    all.put_seen(object.uuid, object.mark);
  });
}

Observed History::Impl::waiting_of(Use& row) const {
  Observed object;
  object.uuid = row.text(0);
  object.kind = row.text(1);
  object.parent_kind = row.text(2);
  object.parent = row.text(3);
  object.key = row.text(4);
  object.mark = row.text(5);
  // One that is damaged is read again by the next run.
  object.form = codec.unprotect(row.bytes(6), name_of_pending(object.uuid)).value_or(std::string());
  object.waits_for = row.text(7);
  return object;
}

std::optional<Observed> History::waiting_for(const std::string& item_id) {
  return impl_->guarded([&]() -> std::optional<Observed> {
    Use row(impl_->sql.waiting, item_id);
    if (item_id.empty() || !row.next()) return std::nullopt;
    return impl_->waiting_of(row);
  });
}

std::vector<Observed> History::waiting() {
  return impl_->guarded([&] {
    std::vector<Observed> all;
    Use row(impl_->sql.all_waiting);
    while (row.next()) all.push_back(impl_->waiting_of(row));
    return all;
  });
}

void History::flush() {
  impl_->guarded([&] { impl_->flush(); });
}

void History::Impl::put_entry(const Entry& entry, std::int64_t point) {
  Use(sql.put_entry, entry.uuid, entry.kind, entry.parent_kind, entry.parent, entry.key,
      id_or_null(entry.form), id_or_null(entry.content),
      static_cast<std::int64_t>(entry.lacks_content), point)
      .run();
}

namespace {

/// The newest point while the next one is being made from it.
struct Newest {
  std::int64_t id = 0;
  Digest digest;
  std::int64_t objects = 0;
};

Newest newest_of(Statements& sql) {
  Use row(sql.newest);
  if (!row.next()) return {};
  return {row.number(0), Digest(row.bytes(1)), row.number(2)};
}

}  // namespace

/// What is gone ends with the newest point.
void History::Impl::close_gone(Drawn& next, const std::function<Fate(const Entry&)>& fate) {
  std::vector<Entry> gone;
  {
    Use row(sql.open_entries);
    while (row.next())
      if (Entry entry = entry_of(row); fate(entry) == Fate::gone) gone.push_back(std::move(entry));
  }
  for (const Entry& entry : gone) {
    close_entry(next, entry);
    Use(sql.forget_seen, entry.uuid).run();
    next.point.objects -= counts(entry);
    next.point.changed += counts(entry);
  }
}

void History::Impl::close_entry(Drawn& next, const Entry& entry) {
  Use(sql.close_entry, next.before, entry.id).run();
  next.digest.remove(hash_of(entry));
}

void History::Impl::open_staged(Drawn& next, const std::function<Fate(const Entry&)>& fate) {
  Use row(sql.staged);
  while (row.next()) {
    const Entry entry = entry_of(row);
    // Read by a run that died, and deleted since.
    if (fate(entry) == Fate::gone) continue;
    if (const auto now = open_entry(entry.uuid)) {
      close_entry(next, *now);
    } else {
      next.point.objects += counts(entry);
    }
    put_entry(entry, next.point.id);
    put_seen(entry.uuid, row.text(9));
    next.digest.add(hash_of(entry));
    next.point.changed += counts(entry);
  }
}

std::string History::Impl::put_point(const Point& point, const Digest& digest) {
  std::string seal = seal_of(point, digest.bytes());
  Use(sql.put_point, point.id, point.moment.time_since_epoch().count(), point.run,
      model::name_of(point.side), point.workspace_id, point.objects, point.changed,
      gaps_text(point), Bytes{digest.bytes()}, Bytes{seal})
      .run();
  return seal;
}

Point History::commit(Point point, const std::function<Fate(const Entry&)>& fate) {
  Impl& all = *impl_;
  all.in_writing(0, [&] {
    const Newest newest = newest_of(all.sql);
    Impl::Drawn next{std::move(point), newest.digest, newest.id};
    next.point.id = newest.id + 1;
    next.point.objects = newest.objects;
    next.point.changed = 0;
    all.close_gone(next, fate);
    all.open_staged(next, fate);
    Use(all.sql.clear_staged).run();
    Digest ledger = all.fact_sum(ledger_fact);
    ledger.add(all.put_point(next.point, next.digest));
    all.put_fact(ledger_fact, ledger.bytes());
    next.point.digest = next.digest.bytes();
    point = std::move(next.point);
  });
  flush();
  // Where much was staged, much is free now.
  constexpr int many_pages = 256;
  all.guarded([&] {
    if (all.database->execAndGet("PRAGMA freelist_count").getInt() > many_pages)
      all.give_space_back();
  });
  return point;
}

}  // namespace twinlake::history
