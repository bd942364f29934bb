#include "workspace/entra_proof.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/hash.h"

namespace twinlake::workspace {

namespace {

using nlohmann::json;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Digesting = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;

std::string base64url(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

std::string_view as_text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

Bio reading(std::string_view pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

/// OpenSSL asks at the terminal when it is not told, which would stop an unattended run.
int give_password(char* buffer, int size, int, void* given) {
  const std::string_view password = static_cast<const Secret*>(given)->reveal();
  if (password.empty() || password.size() > static_cast<std::size_t>(size)) return -1;
  password.copy(buffer, password.size());
  return static_cast<int>(password.size());
}

Result<Key> key_in(std::string_view pem, const Secret& password) {
  const Bio bio = reading(pem);
  Secret copy = password;
  Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &give_password, &copy));
  ERR_clear_error();
  if (key) return key;
  if (pem.find("ENCRYPTED") != std::string_view::npos)
    return fail(Fault::config, "its private key cannot be opened",
                "Correct azure_client_certificate_password");
  return fail(Fault::config, "it holds no private key in PEM",
              "Put the key beside the certificate; a .pfx is turned into PEM by `openssl pkcs12 "
              "-in FILE.pfx -out FILE.pem -nodes`");
}

Result<Certificate> certificate_in(std::string_view pem, EVP_PKEY* key) {
  const Bio bio = reading(pem);
  bool any = false;
  // Among a chain, that of the key counts.
  for (;;) {
    Certificate one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (!one) break;
    any = true;
    if (X509_check_private_key(one.get(), key) == 1) {
      ERR_clear_error();
      return one;
    }
  }
  ERR_clear_error();
  return fail(
      Fault::config,
      any ? "its private key belongs to another certificate" : "it holds no certificate in PEM",
      "Put the certificate and its own key into one file");
}

Result<void> check_dates(const X509* certificate, Time now) {
  std::time_t seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  if (X509_cmp_time(X509_get0_notAfter(certificate), &seconds) < 0)
    return fail(Fault::config, "its certificate has ended",
                "Make a new one and add it to the application in Entra ID");
  return {};
}

std::string thumbprint(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(certificate, EVP_sha1(), digest.data(), &size);
  return base64url(as_text(digest.data(), size));
}

/// JWS has the two numbers side by side where OpenSSL has a structure (RFC 7518, 3.4).
std::string flat_signature(std::string_view encoded) {
  constexpr int half = 32;
  const auto* bytes = reinterpret_cast<const unsigned char*>(encoded.data());
  const Signature parts(d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(encoded.size())));
  std::array<unsigned char, 64> flat{};
  if (!parts) return {};
  BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), flat.data(), half);
  BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), flat.data() + half, half);
  return std::string(as_text(flat.data(), flat.size()));
}

Result<std::string> algorithm_of(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return std::string("RS256");
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == 256)
    return std::string("ES256");
  return fail(Fault::config, "its key is neither RSA nor elliptic on P-256",
              "Make a certificate with such a key");
}

Result<std::string> signature_of(EVP_PKEY* key, const std::string& text,
                                 const std::string& algorithm) {
  const Digesting context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  std::string signature;
  bool good = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  if (good) {
    signature.resize(size);
    good = EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                          bytes, text.size()) == 1;
    signature.resize(size);
  }
  ERR_clear_error();
  if (!good) return fail(Fault::config, "its key cannot sign", "Make a new certificate");
  return algorithm == "ES256" ? flat_signature(signature) : signature;
}

class SecretProof final : public EntraProof {
 public:
  explicit SecretProof(std::unique_ptr<SecretSource> source) : source_(std::move(source)) {}
  Task<Result<FormFields>> fields(std::string) override {
    CO_TRY(const Secret secret, co_await source_->get());
    FormFields fields;
    fields.emplace_back("client_secret", std::string(secret.reveal()));
    co_return fields;
  }

 private:
  std::unique_ptr<SecretSource> source_;
};

class CertificateProof final : public EntraProof {
 public:
  CertificateProof(Loop& loop, const Profile& profile, FileReader read_file)
      : loop_(loop),
        file_(profile.certificate_file),
        password_(profile.certificate_password),
        client_id_(profile.client_id),
        read_file_(std::move(read_file)) {}

  Task<Result<FormFields>> fields(std::string token_url) override {
    CO_TRY(std::optional<std::string> pem, read_file_(file_));
    if (!pem)
      co_return fail(Fault::config, "there is no certificate " + file_,
                     "azure_client_certificate_path names a PEM file with certificate and key");
    auto assertion = signed_assertion(*pem, password_, client_id_, token_url,
                                      uuid_from(std::to_string(loop_.random()())), loop_.now());
    wipe(*pem);
    if (!assertion) {
      assertion.error().message = "the certificate " + file_ + ": " + assertion.error().message;
      co_return fail(std::move(assertion).error());
    }
    co_return assertion_fields(*assertion);
  }

 private:
  Loop& loop_;
  std::string file_;
  Secret password_;
  std::string client_id_;
  FileReader read_file_;
};

class FederatedProof final : public EntraProof {
 public:
  FederatedProof(const Profile& profile, FileReader read_file)
      : file_(profile.federated_token_file), read_file_(std::move(read_file)) {}

  Task<Result<FormFields>> fields(std::string) override {
    CO_TRY(std::optional<std::string> text, read_file_(file_));
    std::string_view written = text ? std::string_view(*text) : std::string_view();
    // The end of a line may be that of Windows.
    written = written.substr(0, written.find_last_not_of(" \t\r\n") + 1);
    const Secret token(written);
    if (text) wipe(*text);
    if (token.reveal().empty())
      co_return fail(Fault::config, "there is no token in " + file_,
                     "azure_federated_token_file (AZURE_FEDERATED_TOKEN_FILE) names the file that "
                     "the platform keeps fresh");
    co_return assertion_fields(token);
  }

 private:
  std::string file_;
  FileReader read_file_;
};

}  // namespace

FormFields assertion_fields(const Secret& assertion) {
  FormFields fields;
  fields.emplace_back("client_assertion_type",
                      "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  fields.emplace_back("client_assertion", std::string(assertion.reveal()));
  return fields;
}

Result<Secret> signed_assertion(std::string_view pem, const Secret& password,
                                const std::string& client_id, const std::string& token_url,
                                const std::string& id, Time now) {
  TRY(const Key key, key_in(pem, password));
  TRY(const Certificate certificate, certificate_in(pem, key.get()));
  CHECK(check_dates(certificate.get(), now));
  TRY(const std::string algorithm, algorithm_of(key.get()));
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  constexpr int lifetime = 600;
  json header = json::object();
  header["alg"] = algorithm;
  header["typ"] = "JWT";
  header["kid"] = thumbprint(certificate.get());
  header["x5t"] = header["kid"];
  json claims = json::object();
  claims["aud"] = token_url;
  claims["iss"] = client_id;
  claims["sub"] = client_id;
  claims["jti"] = id;
  claims["nbf"] = seconds;
  claims["exp"] = seconds + lifetime;
  std::string text = base64url(header.dump()) + "." + base64url(claims.dump());
  TRY(const std::string signature, signature_of(key.get(), text, algorithm));
  text += "." + base64url(signature);
  return Secret(std::move(text));
}

std::unique_ptr<EntraProof> make_secret_proof(std::unique_ptr<SecretSource> source) {
  return std::make_unique<SecretProof>(std::move(source));
}
std::unique_ptr<EntraProof> make_certificate_proof(Loop& loop, const Profile& profile,
                                                   FileReader read_file) {
  return std::make_unique<CertificateProof>(loop, profile, std::move(read_file));
}
std::unique_ptr<EntraProof> make_federated_proof(const Profile& profile, FileReader read_file) {
  return std::make_unique<FederatedProof>(profile, std::move(read_file));
}

}  // namespace twinlake::workspace
