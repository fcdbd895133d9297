#include "pki/x509.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>

namespace raykeep::pki {
namespace {

using Number = std::unique_ptr<BIGNUM, Free<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Free<X509_EXTENSION_free>>;

void set_serial(X509* certificate) {
  Number number(must(BN_new(), "serial"));
  must(BN_rand(number.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY), "random serial");
  must(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)), "set the serial");
}

std::string text_in(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// OpenSSL must never ask a terminal.
int no_password(char*, int, int, void*) { return -1; }

}  // namespace

Key make_key() { return Key(must(EVP_EC_gen("P-256"), "key")); }

void set_common_name(X509_NAME* name, const std::string& text) {
  const std::string shown = text.substr(0, 64);
  must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(shown.c_str()), -1, -1, 0),
       "name");
}

Certificate begin_certificate(const std::string& common_name, std::chrono::seconds validity) {
  Certificate made(must(X509_new(), "X509_new"));
  X509* certificate = made.get();
  must(X509_set_version(certificate, X509_VERSION_3), "version");
  set_serial(certificate);
  must(X509_gmtime_adj(X509_getm_notBefore(certificate), -300), "begin");
  constexpr long day = 24 * 60 * 60;
  must(X509_time_adj_ex(X509_getm_notAfter(certificate), static_cast<int>(validity.count() / day),
                        static_cast<long>(validity.count() % day), nullptr),
       "end");
  set_common_name(X509_get_subject_name(certificate), common_name);
  return made;
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  Extension extension(
      must(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), "extension"));
  must(X509_add_ext(certificate, extension.get(), -1), "add an extension");
}

void sign_certificate(X509* certificate, const Holder& issuer) {
  must(X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate.get())),
       "issuer");
  must(X509_sign(certificate, issuer.key.get(), EVP_sha256()), "sign");
}

void finish_leaf(X509* certificate, EVP_PKEY* key, const Uses& uses, const Holder& issuer) {
  X509* top = issuer.certificate.get();
  must(X509_set_pubkey(certificate, key), "public key");
  add_extension(certificate, top, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, top, NID_key_usage, std::string("critical,") + uses.key);
  add_extension(certificate, top, NID_ext_key_usage, uses.extended);
  add_extension(certificate, top, NID_authority_key_identifier, "keyid");
  if (!uses.alternatives.empty())
    add_extension(certificate, top, NID_subject_alt_name, uses.alternatives);
  sign_certificate(certificate, issuer);
}

std::string pem_of(X509_REQ* request) {
  Bio out(must(BIO_new(BIO_s_mem()), "BIO"));
  must(PEM_write_bio_X509_REQ(out.get(), request), "write");
  return text_in(out.get());
}

std::string pem_of(X509* certificate) {
  Bio out(must(BIO_new(BIO_s_mem()), "BIO"));
  must(PEM_write_bio_X509(out.get(), certificate), "write");
  return text_in(out.get());
}

Secret<std::string> pem_of(EVP_PKEY* key) {
  Bio out(must(BIO_new(BIO_s_secmem()), "BIO"));
  must(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr), "write");
  return Secret(text_in(out.get()));
}

Certificate certificate_of(const std::string& pem) {
  Bio in(must(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "BIO"));
  Certificate read(PEM_read_bio_X509(in.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  return read;
}

Key key_of(const Secret<std::string>& pem) {
  const std::string& text = pem.reveal();
  Bio in(must(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), "BIO"));
  Key read(PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr));
  ERR_clear_error();
  return read;
}

}  // namespace raykeep::pki
