#include "pki/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/text.h"
#include "pki/x509.h"

namespace raykeep::pki {
namespace {

using AlternativeNames = std::unique_ptr<GENERAL_NAMES, Free<GENERAL_NAMES_free>>;

struct FreeExtensions {
  void operator()(STACK_OF(X509_EXTENSION) * all) const {
    sk_X509_EXTENSION_pop_free(all, X509_EXTENSION_free);
  }
};
using Extensions = std::unique_ptr<STACK_OF(X509_EXTENSION), FreeExtensions>;

std::string alternatives_of(const Names& names) {
  std::vector<std::string> all;
  for (const std::string& name : names.dns) all.push_back("DNS:" + name);
  for (const std::string& address : names.ip) all.push_back("IP:" + address);
  return join(all, ",");
}

Request request_of(const std::string& pem) {
  Bio in(must(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "BIO"));
  Request read(PEM_read_bio_X509_REQ(in.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return read;
}

std::string fault_of_key(EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (EVP_PKEY_is_a(key, "RSA")) {
    if (bits >= 2048 && bits <= 8192) return "";
    return fmt::format("its RSA key has {} bits, and 2048 to 8192 are taken", bits);
  }
  if (EVP_PKEY_is_a(key, "EC")) {
    std::array<char, 64> group{};
    EVP_PKEY_get_group_name(key, group.data(), group.size(), nullptr);
    const std::string_view name(group.data());
    if (name == "prime256v1" || name == "P-256" || name == "secp384r1" || name == "P-384")
      return "";
    return fmt::format("its key is of the curve {}, and P-256 and P-384 are taken", name);
  }
  return "its key is neither of P-256, P-384 nor RSA";
}

std::string text_of(const ASN1_STRING* string) {
  const unsigned char* data = ASN1_STRING_get0_data(string);
  return {reinterpret_cast<const char*>(data),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::optional<std::string> address_text(const ASN1_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int size = ASN1_STRING_length(bytes);
  if (size != 4 && size != 16) return std::nullopt;
  inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

Result<Names> names_of(const GENERAL_NAMES* all) {
  Names names;
  for (int i = 0; i < sk_GENERAL_NAME_num(all); ++i) {
    const GENERAL_NAME* each = sk_GENERAL_NAME_value(all, i);
    if (each->type == GEN_DNS) {
      names.dns.push_back(text_of(each->d.dNSName));
    } else if (auto address =
                   each->type == GEN_IPADD ? address_text(each->d.iPAddress) : std::nullopt) {
      names.ip.push_back(*address);
    } else {
      return error("it asks for a name that is neither a DNS name nor an IP address");
    }
  }
  return names;
}

/// Names are all that may be asked for: an extension that nobody looked at could be a CA's.
Result<Names> names_of(X509_REQ* request) {
  const Extensions extensions(X509_REQ_get_extensions(request));
  Names names;
  for (int i = 0; i < sk_X509_EXTENSION_num(extensions.get()); ++i) {
    X509_EXTENSION* each = sk_X509_EXTENSION_value(extensions.get(), i);
    if (OBJ_obj2nid(X509_EXTENSION_get_object(each)) != NID_subject_alt_name)
      return error("it asks for more than names");
    const AlternativeNames all(static_cast<GENERAL_NAMES*>(X509V3_EXT_d2i(each)));
    ERR_clear_error();
    if (!all) return error("its names cannot be read");
    Result<Names> read = names_of(all.get());
    if (!read) return read;
    names.dns.insert(names.dns.end(), read->dns.begin(), read->dns.end());
    names.ip.insert(names.ip.end(), read->ip.begin(), read->ip.end());
  }
  return names;
}

std::string common_name_of(X509_REQ* request) {
  X509_NAME* subject = X509_REQ_get_subject_name(request);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  return at < 0 ? "" : text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

bool is_self_signed(X509* certificate) {
  return X509_check_issued(certificate, certificate) == X509_V_OK;
}

}  // namespace

Authority make_authority(const std::string& name, std::chrono::seconds validity) {
  Holder made{begin_certificate(name, validity), make_key()};
  X509* top = made.certificate.get();
  must(X509_set_pubkey(top, made.key.get()), "public key");
  sign_certificate(top, made);  // names the issuer, which extensions speak of
  add_extension(top, top, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(top, top, NID_key_usage, "critical,keyCertSign");
  add_extension(top, top, NID_subject_key_identifier, "hash");
  sign_certificate(top, made);
  return {pem_of(top), pem_of(made.key.get())};
}

bool belongs(const std::string& certificate_pem, const Secret<std::string>& key_pem) {
  const Certificate certificate = certificate_of(certificate_pem);
  const Key key = key_of(key_pem);
  const bool good = certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  return good;
}

std::optional<std::string> fault_of(const Authority& authority) {
  const Certificate certificate = certificate_of(authority.certificate_pem);
  const Key key = key_of(authority.key_pem);
  if (!certificate) return "its certificate is no PEM text";
  if (!key) return "its key is no PEM text, or has a password";
  if (!belongs(authority.certificate_pem, authority.key_pem))
    return "its key is not that of its certificate";
  if (X509_check_ca(certificate.get()) != 1) return "its certificate may not sign others";
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0)
    return "its certificate is over";
  return std::nullopt;
}

KeyAndRequest make_request(const std::string& common_name, const Names& names,
                           const Secret<std::string>& key_pem) {
  Key key = key_of(key_pem);
  if (!key) key = make_key();
  const Request request(must(X509_REQ_new(), "X509_REQ_new"));
  must(X509_REQ_set_pubkey(request.get(), key.get()), "public key");
  set_common_name(X509_REQ_get_subject_name(request.get()), common_name);
  if (const std::string all = alternatives_of(names); !all.empty()) {
    const Extensions extensions(must(sk_X509_EXTENSION_new_null(), "extensions"));
    X509V3_CTX context;
    X509V3_set_ctx(&context, nullptr, nullptr, request.get(), nullptr, 0);
    X509_EXTENSION* names_extension =
        must(X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, all.c_str()), "names");
    must(sk_X509_EXTENSION_push(extensions.get(), names_extension), "names");
    must(X509_REQ_add_extensions(request.get(), extensions.get()), "names");
  }
  must(X509_REQ_sign(request.get(), key.get(), EVP_sha256()), "sign");
  return {pem_of(key.get()), pem_of(request.get())};
}

Result<Requested> read_request(const std::string& request_pem) {
  const Request request = request_of(request_pem);
  if (!request) return error("it is no certificate signing request in PEM");
  EVP_PKEY* key = X509_REQ_get0_pubkey(request.get());
  if (key == nullptr) {
    ERR_clear_error();
    return error("its key cannot be read");
  }
  if (std::string fault = fault_of_key(key); !fault.empty()) return error(fault);
  const bool own = X509_REQ_verify(request.get(), key) == 1;
  ERR_clear_error();
  if (!own) return error("it is not signed by the key that it names");
  Result<Names> names = names_of(request.get());
  if (!names) return error(names.error().text);
  return Requested{common_name_of(request.get()), *names};
}

std::string sign(const Authority& authority, const std::string& request_pem,
                 const std::string& common_name, const Names& names,
                 std::chrono::seconds validity) {
  const Holder issuer{certificate_of(authority.certificate_pem), key_of(authority.key_pem)};
  must(issuer.certificate && issuer.key, "the authority cannot be read");
  const Request request = request_of(request_pem);
  must(static_cast<bool>(request), "the request cannot be read");
  const Certificate made = begin_certificate(common_name, validity);
  X509* leaf = made.get();
  X509* top = issuer.certificate.get();
  const ASN1_TIME* end = X509_get0_notAfter(top);
  if (ASN1_TIME_compare(X509_get0_notAfter(leaf), end) > 0)
    must(X509_set1_notAfter(leaf, end), "end");
  finish_leaf(leaf, X509_REQ_get0_pubkey(request.get()),
              {"digitalSignature,keyEncipherment", "serverAuth,clientAuth", alternatives_of(names)},
              issuer);
  std::string chain = pem_of(leaf);
  if (!is_self_signed(top)) chain += authority.certificate_pem;
  return chain;
}

}  // namespace raykeep::pki
