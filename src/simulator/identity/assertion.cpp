#include "simulator/identity/assertion.h"

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <memory>

#include "base/hash.h"
#include "simulator/body.h"

namespace twinlake::simulator {

namespace {
template <auto free_it>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    free_it(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

const unsigned char* unsigned_bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Bio reader(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

Certificate certificate_of(const std::string& pem) {
  Certificate read(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();  // a PEM of another sort is no mistake
  return read;
}

Key key_of(const std::string& pem) {
  if (const Certificate certificate = certificate_of(pem))
    return Key(X509_get_pubkey(certificate.get()));
  Key key(PEM_read_bio_PUBKEY(reader(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return key;
}

/// A JSON web token holds the two numbers of an ECDSA signature side by side; OpenSSL wants them in
/// DER.
std::string der_of(std::string_view pair) {
  if (pair.size() != 64) return {};
  ECDSA_SIG* numbers = ECDSA_SIG_new();
  ECDSA_SIG_set0(numbers, BN_bin2bn(unsigned_bytes(pair), 32, nullptr),
                 BN_bin2bn(unsigned_bytes(pair) + 32, 32, nullptr));
  unsigned char* bytes = nullptr;
  const int size = i2d_ECDSA_SIG(numbers, &bytes);
  std::string out(reinterpret_cast<char*>(bytes), size > 0 ? static_cast<std::size_t>(size) : 0);
  OPENSSL_free(bytes);
  ECDSA_SIG_free(numbers);
  return out;
}

/// The algorithm must be one of the key's own: what the header says alone proves nothing.
bool fits(const std::string& algorithm, const EVP_PKEY* key) {
  const int kind = EVP_PKEY_get_base_id(key);
  if (algorithm == "RS256" || algorithm == "PS256") return kind == EVP_PKEY_RSA;
  return algorithm == "ES256" && kind == EVP_PKEY_EC;
}
}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string out = base64_encode(bytes);
  while (out.ends_with('=')) out.pop_back();
  for (char& letter : out) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  return out;
}

std::optional<std::string> base64url_decode(std::string_view text) {
  std::string plain(text);
  for (char& letter : plain) letter = letter == '-' ? '+' : letter == '_' ? '/' : letter;
  while (plain.size() % 4 != 0) plain += '=';
  const std::optional<std::string> decoded = simulator::base64_decode(std::string_view(plain));
  return decoded;
}

std::optional<Assertion> parse_assertion(std::string_view text) {
  const std::size_t first = text.find('.');
  const std::size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const auto header = base64url_decode(text.substr(0, first));
  const auto claims = base64url_decode(text.substr(first + 1, second - first - 1));
  auto signature = base64url_decode(text.substr(second + 1));
  if (!header || !claims || !signature) return std::nullopt;
  Assertion out;
  out.header = json::parse(*header, nullptr, false);
  out.claims = json::parse(*claims, nullptr, false);
  if (!out.header.is_object() || !out.claims.is_object()) return std::nullopt;
  out.signed_part = text.substr(0, second);
  out.signature = std::move(*signature);
  return out;
}

bool signed_by(const Assertion& assertion, const std::string& pem) {
  const Key key = key_of(pem);
  const std::string algorithm = text_of(assertion.header, "alg");
  if (!key || !fits(algorithm, key.get())) return false;
  const std::string signature =
      algorithm == "ES256" ? der_of(assertion.signature) : assertion.signature;
  const Digest digest(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestVerifyInit(digest.get(), &parameters, EVP_sha256(), nullptr, key.get()) != 1)
    return false;
  if (algorithm == "PS256") {
    EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
  }
  const bool good =
      EVP_DigestVerify(digest.get(), unsigned_bytes(signature), signature.size(),
                       unsigned_bytes(assertion.signed_part), assertion.signed_part.size()) == 1;
  ERR_clear_error();
  return good;
}

std::string thumbprint_of(const std::string& certificate, bool sha256) {
  const Certificate read = certificate_of(certificate);
  if (!read) return {};
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(read.get(), sha256 ? EVP_sha256() : EVP_sha1(), digest.data(), &size);
  return base64url_encode({reinterpret_cast<const char*>(digest.data()), size});
}

bool names_certificate(const Assertion& assertion, const std::string& certificate) {
  const std::string named_long = text_of(assertion.header, "x5t#S256");
  if (!named_long.empty()) return named_long == thumbprint_of(certificate, true);
  const std::string named = text_of(assertion.header, "kid", text_of(assertion.header, "x5t"));
  return !named.empty() && named == thumbprint_of(certificate, false);
}

}  // namespace twinlake::simulator
