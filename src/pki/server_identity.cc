#include "pki/server_identity.h"

#include <memory>

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/text.h"

namespace raykeep::pki {
namespace {

template <auto free>
struct Free {
  void operator()(auto* pointer) const { free(pointer); }
};
using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

/// OpenSSL's functions give 0 or nullptr when they cannot.
template <class T>
T must(T result, const char* doing) {
  if (result) return result;
  ERR_clear_error();
  throw Failure(Failure::Kind::bug, std::string("make a certificate: ") + doing);
}

struct Holder {
  Certificate certificate;
  Key key;
};

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(
      must(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), "extension"));
  must(X509_add_ext(certificate, extension.get(), -1), "add an extension");
}

void set_serial(X509* certificate) {
  Number number(must(BN_new(), "serial"));
  must(BN_rand(number.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY), "random serial");
  must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "set the serial");
}

/// Key and certificate, with everything but extensions and signature.
Holder begin(const std::string& common_name, std::chrono::days validity) {
  Holder made{Certificate(must(X509_new(), "X509_new")), Key(must(EVP_EC_gen("P-256"), "key"))};
  X509* certificate = made.certificate.get();
  must(X509_set_version(certificate, X509_VERSION_3), "version");
  set_serial(certificate);
  must(X509_gmtime_adj(X509_getm_notBefore(certificate), -300), "begin");
  must(X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(validity.count()), 0,
                        nullptr),
       "end");
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                  -1, 0),
       "name");
  must(X509_set_pubkey(certificate, made.key.get()), "public key");
  return made;
}

void sign(X509* certificate, const Holder& issuer) {
  must(X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get())),
       "issuer");
  must(X509_sign(certificate, issuer.key.get(), EVP_sha256()), "sign");
}

std::string pem_of(X509* certificate) {
  Bio out(must(BIO_new(BIO_s_mem()), "BIO"));
  must(PEM_write_bio_X509(out.get(), certificate), "write");
  char* data = nullptr;
  long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

Secret<std::string> pem_of(EVP_PKEY* key) {
  Bio out(must(BIO_new(BIO_s_secmem()), "BIO"));
  must(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr), "write");
  char* data = nullptr;
  long size = BIO_get_mem_data(out.get(), &data);
  return Secret(std::string(data, static_cast<std::size_t>(size)));
}

}  // namespace

ServerIdentity make_server_identity(const std::vector<std::string>& names,
                                    std::chrono::days validity) {
  // A common name has at most 64 characters, and nobody reads it.
  Holder authority = begin("raykeep", validity);
  X509* top = authority.certificate.get();
  sign(top, authority);  // names the issuer, which extensions speak of
  add_extension(top, top, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(top, top, NID_key_usage, "critical,keyCertSign");
  add_extension(top, top, NID_subject_key_identifier, "hash");
  sign(top, authority);

  Holder server = begin("server", validity);
  X509* leaf = server.certificate.get();
  std::vector<std::string> alternatives;
  for (const std::string& name : names) alternatives.push_back("DNS:" + name);
  add_extension(leaf, top, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(leaf, top, NID_key_usage, "critical,digitalSignature");
  add_extension(leaf, top, NID_ext_key_usage, "serverAuth");
  add_extension(leaf, top, NID_authority_key_identifier, "keyid");
  add_extension(leaf, top, NID_subject_alt_name, join(alternatives, ","));
  sign(leaf, authority);
  return {pem_of(top), pem_of(leaf), pem_of(server.key.get())};
}

}  // namespace raykeep::pki
