// Content, each once, under the name that its hash gives it.
#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "history/impl.h"

namespace twinlake::history {

using state::Bytes;
using state::Use;

std::optional<std::int64_t> History::Impl::blob_named(std::string_view name) {
  Use row(sql.blob_named, Bytes{name});
  if (!row.next()) return std::nullopt;
  return row.number(0);
}

std::int64_t History::Impl::put_blob(std::string_view name, const Packed& packed) {
  Use(sql.put_blob, Bytes{name}, static_cast<std::int64_t>(packed.packing),
      static_cast<std::int64_t>(packed.size), Bytes{packed.bytes})
      .run();
  return database->getLastInsertRowid();
}

std::int64_t History::Impl::put_bytes(std::string_view bytes) {
  const std::string name = codec.name_of(sha256_hex(bytes));
  if (const auto known = blob_named(name)) return *known;
  return put_blob(name, codec.pack(bytes, name));
}

std::string History::Impl::name_of_blob(std::int64_t blob) {
  if (blob == 0) return {};
  Use row(sql.hash_of_blob, blob);
  return row.next() ? row.bytes(0) : std::string("lost");
}

namespace {

/// Cuts what comes in pieces of any size into those that are packed.
class Cutter {
 public:
  explicit Cutter(std::function<void(std::string_view)> take) : take_(std::move(take)) {}
  void add(std::string_view bytes) {
    while (!bytes.empty()) {
      const std::size_t room = piece_size - piece_.size();
      piece_.append(bytes.substr(0, room));
      bytes.remove_prefix(std::min(room, bytes.size()));
      if (piece_.size() == piece_size) finish();
    }
  }
  void finish() {
    if (!piece_.empty()) take_(piece_);
    piece_.clear();
  }

 private:
  std::function<void(std::string_view)> take_;
  std::string piece_;
};

}  // namespace

void History::put_content(const std::string& sha256, std::uint64_t size,
                          const std::function<void(const Take&)>& feed) {
  if (has_content(sha256)) return;
  const std::string name = impl_->codec.name_of(sha256);
  if (size <= piece_size) {
    std::string bytes;
    feed([&](std::string_view piece) { bytes += piece; });
    const Packed packed = impl_->codec.pack(bytes, name);
    impl_->in_writing(packed.bytes.size(), [&] { impl_->put_blob(name, packed); });
    return;
  }
  std::vector<std::int64_t> parts;
  Cutter cutter([&](std::string_view piece) {
    parts.push_back(impl_->in_writing(piece.size(), [&] { return impl_->put_bytes(piece); }));
  });
  feed([&](std::string_view piece) { cutter.add(piece); });
  cutter.finish();
  impl_->in_writing(0, [&] {
    const std::int64_t whole =
        impl_->put_blob(name, Packed{Packing::pieces, static_cast<std::size_t>(size), {}});
    std::int64_t position = 0;
    for (const std::int64_t part : parts) Use(impl_->sql.put_part, whole, position++, part).run();
  });
}

std::optional<std::int64_t> History::content_named(const std::string& sha256) {
  return impl_->guarded([&] { return impl_->blob_named(impl_->codec.name_of(sha256)); });
}

namespace {

struct Stored {
  std::string name;
  Packed packed;
};

std::optional<Stored> read_blob(Statements& sql, std::int64_t id) {
  Use row(sql.blob, id);
  if (!row.next()) return std::nullopt;
  return Stored{row.bytes(0), Packed{static_cast<Packing>(row.number(1)),
                                     static_cast<std::size_t>(row.number(2)), row.bytes(3)}};
}

tl::unexpected<Error> damaged_blob(const std::string& path, const std::string& what) {
  return fail(Fault::io, path + ": content that a recovery point needs " + what,
              "`twinlake history check` says which; other points may have it whole");
}

/// One that is packed by itself, verified by the caller.
Result<std::string> unpacked(Codec& codec, const std::string& path,
                             const std::optional<Stored>& blob) {
  if (!blob) return damaged_blob(path, "is not there");
  auto bytes = codec.unpack(blob->packed, blob->name);
  if (!bytes) return damaged_blob(path, "cannot be read: " + bytes.error().message);
  return bytes;
}

Result<void> verify(const Codec& codec, const std::string& path, const std::string& name,
                    const std::string& sha256) {
  if (codec.name_of(sha256) == name) return {};
  return damaged_blob(path, "is not what was written");
}

}  // namespace

Result<void> History::read_content(std::int64_t content, const Take& take) {
  return impl_->guarded([&]() -> Result<void> {
    Codec& codec = impl_->codec;
    const auto whole = read_blob(impl_->sql, content);
    if (!whole || whole->packed.packing != Packing::pieces) {
      TRY(const std::string bytes, unpacked(codec, impl_->path, whole));
      CHECK(verify(codec, impl_->path, whole->name, sha256_hex(bytes)));
      take(bytes);
      return {};
    }
    std::vector<std::int64_t> parts;
    {
      Use row(impl_->sql.parts, content);
      while (row.next()) parts.push_back(row.number(0));
    }
    Sha256 all;
    for (const std::int64_t part : parts) {
      const auto piece = read_blob(impl_->sql, part);
      TRY(const std::string bytes, unpacked(codec, impl_->path, piece));
      CHECK(verify(codec, impl_->path, piece->name, sha256_hex(bytes)));
      all.update(bytes);
      take(bytes);
    }
    return verify(codec, impl_->path, whole->name, all.finish_hex());
  });
}

Result<std::string> History::form(const Entry& entry) {
  std::string text;
  CHECK(read_content(entry.form, [&](std::string_view piece) { text += piece; }));
  return text;
}

}  // namespace twinlake::history
