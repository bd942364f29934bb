#include "history/codec.h"

#include <sodium.h>
#include <zstd.h>

#include <stdexcept>

namespace twinlake::history {

namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t subkey_size = 32;
constexpr int level = 3;  // 9 makes sources 5 % smaller and takes four times as long

using Subkey = std::array<unsigned char, subkey_size>;

const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

tl::unexpected<Error> not_what_was_packed() {
  return fail(Fault::io, "its bytes are not those that were written");
}

}  // namespace

Digest::Digest(std::string_view bytes) {
  if (bytes.size() == size) {
    std::copy(bytes.begin(), bytes.end(), sum_.begin());
  } else {
    sum_.fill(0xff);
  }
}

void Digest::add(std::string_view hash) { sodium_add(sum_.data(), raw(hash), size); }
void Digest::remove(std::string_view hash) { sodium_sub(sum_.data(), raw(hash), size); }

struct Codec::Impl {
  bool encrypts = false;
  Subkey encryption{};
  Subkey naming{};
  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  ZSTD_DCtx* decompressor = ZSTD_createDCtx();

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    sodium_memzero(encryption.data(), encryption.size());
    sodium_memzero(naming.data(), naming.size());
    ZSTD_freeCCtx(compressor);
    ZSTD_freeDCtx(decompressor);
  }

  [[nodiscard]] std::string hash(std::string_view what, std::string_view bytes) const {
    std::string out(Digest::size, '\0');
    crypto_generichash_state state;
    crypto_generichash_init(&state, encrypts ? naming.data() : nullptr, encrypts ? subkey_size : 0,
                            Digest::size);
    crypto_generichash_update(&state, raw(what), what.size());
    crypto_generichash_update(&state, raw(bytes), bytes.size());
    crypto_generichash_final(&state, raw(out), Digest::size);
    return out;
  }

  [[nodiscard]] std::string encrypted(std::string_view bytes, std::string_view name) const {
    std::string out(nonce_size + bytes.size() + tag_size, '\0');
    randombytes_buf(out.data(), nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(raw(out) + nonce_size, nullptr, raw(bytes),
                                               bytes.size(), raw(name), name.size(), nullptr,
                                               raw(out), encryption.data());
    return out;
  }

  [[nodiscard]] Result<std::string> decrypted(std::string_view bytes, std::string_view name) const {
    if (bytes.size() < nonce_size + tag_size) return not_what_was_packed();
    std::string out(bytes.size() - nonce_size - tag_size, '\0');
    const int wrong = crypto_aead_xchacha20poly1305_ietf_decrypt(
        raw(out), nullptr, nullptr, raw(bytes) + nonce_size, bytes.size() - nonce_size, raw(name),
        name.size(), raw(bytes), encryption.data());
    if (wrong != 0) return not_what_was_packed();
    return out;
  }
};

Codec::Codec(const Secret& key) : impl_(std::make_unique<Impl>()) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
  if (key.empty()) return;
  static_assert(crypto_kdf_KEYBYTES == subkey_size);
  if (key.reveal().size() != crypto_kdf_KEYBYTES)
    throw std::invalid_argument("a key of the history has 32 bytes");
  impl_->encrypts = true;
  // One key for each use, so that neither weakens the other.
  crypto_kdf_derive_from_key(impl_->encryption.data(), subkey_size, 1, "twinlake",
                             raw(key.reveal()));
  crypto_kdf_derive_from_key(impl_->naming.data(), subkey_size, 2, "twinlake", raw(key.reveal()));
}

Codec::~Codec() = default;

bool Codec::encrypts() const { return impl_->encrypts; }

std::string Codec::key_proof() const {
  return impl_->encrypts ? impl_->hash("key", "is this the same key") : std::string();
}

std::string Codec::name_of(std::string_view sha256) const { return impl_->hash("name", sha256); }
std::string Codec::seal_of(std::string_view row) const { return impl_->hash("row", row); }

Packed Codec::pack(std::string_view bytes, std::string_view name) {
  Packed packed{Packing::zstd, bytes.size(), std::string(ZSTD_compressBound(bytes.size()), '\0')};
  const std::size_t length =
      ZSTD_compressCCtx(impl_->compressor, packed.bytes.data(), packed.bytes.size(), bytes.data(),
                        bytes.size(), level);
  if (ZSTD_isError(length) != 0 || length >= bytes.size()) {
    packed.packing = Packing::plain;
    packed.bytes = bytes;
  } else {
    packed.bytes.resize(length);
  }
  if (impl_->encrypts) packed.bytes = impl_->encrypted(packed.bytes, name);
  return packed;
}

Result<std::string> Codec::unpack(const Packed& packed, std::string_view name) {
  // A size that was altered must not make us take all the memory.
  if (packed.size > piece_size) return not_what_was_packed();
  std::string bytes = packed.bytes;
  if (impl_->encrypts) {
    TRY(bytes, impl_->decrypted(packed.bytes, name));
  }
  if (packed.packing == Packing::plain) {
    if (bytes.size() != packed.size) return not_what_was_packed();
    return bytes;
  }
  std::string out(packed.size, '\0');
  const std::size_t length =
      ZSTD_decompressDCtx(impl_->decompressor, out.data(), out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(length) != 0 || length != packed.size) return not_what_was_packed();
  return out;
}

std::string Codec::protect(std::string_view bytes, std::string_view name) const {
  return impl_->encrypts ? impl_->encrypted(bytes, name) : std::string(bytes);
}

Result<std::string> Codec::unprotect(std::string_view bytes, std::string_view name) const {
  if (!impl_->encrypts) return std::string(bytes);
  return impl_->decrypted(bytes, name);
}

std::string joined(std::initializer_list<std::string_view> fields) {
  std::string text;
  for (const std::string_view field : fields)
    text.append(std::to_string(field.size())).append(":").append(field);
  return text;
}

}  // namespace twinlake::history
