#include "net/test_certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/openssl_handles.h"

namespace raykeep::net::testing {
namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  auto size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Bio reader(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

KeyAndCertificate make_certificate(const CertificateWish& wish, const KeyAndCertificate* issuer) {
  Key key(wish.rsa_bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(wish.rsa_bits));
  Certificate made(X509_new());
  X509_set_version(made.get(), 2);
  static long serial = 1;
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), wish.valid_from_days * 86400L);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), wish.valid_until_days * 86400L);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1,
                             -1, 0);
  X509_set_pubkey(made.get(), key.get());

  Certificate parent;
  Key parent_key;
  if (issuer) {
    auto certificate_bio = reader(issuer->certificate_pem);
    parent.reset(PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr));
    auto key_bio = reader(issuer->key_pem);
    parent_key.reset(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
  }
  auto signer = parent ? parent.get() : made.get();
  X509_set_issuer_name(made.get(), X509_get_subject_name(signer));
  if (wish.is_ca) add_extension(made.get(), signer, NID_basic_constraints, "critical,CA:TRUE");
  if (!wish.is_ca) {
    add_extension(made.get(), signer, NID_ext_key_usage,
                  wish.for_clients ? "clientAuth" : "serverAuth");
  }
  if (!wish.names.empty())
    add_extension(made.get(), signer, NID_subject_alt_name, join(wish.names, ","));
  X509_sign(made.get(), parent_key ? parent_key.get() : key.get(), EVP_sha256());

  Bio certificate_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_out.get(), made.get());
  Bio key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate_out.get()), text_of(key_out.get())};
}

}  // namespace raykeep::net::testing
