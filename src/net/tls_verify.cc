#include "net/tls_verify.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "net/certificate.h"
#include "net/url.h"

namespace raykeep::net {
namespace {

/// Where a Verification hangs on an SSL.
int slot() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string problem_text(const Verification& v, int code, const X509* certificate) {
  auto facts = facts_of(certificate);
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format(
          "the certificate of {} ({}) expired on {}; its administrator must renew it (or this "
          "machine's clock, {}, "
          "is wrong)",
          v.peer, quoted(facts.subject), to_date(facts.not_after),
          to_date(std::chrono::system_clock::now()));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format(
          "the certificate of {} ({}) is valid only from {}; this machine's clock says {}", v.peer,
          quoted(facts.subject), to_date(facts.not_before),
          to_date(std::chrono::system_clock::now()));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format(
          "the certificate of {} is not for {}, but for {}; use one of these in the server's URL, "
          "or set "
          "tls-server-name",
          v.peer, quoted(v.name),
          facts.names.empty() ? "no name at all" : quoted(join(facts.names, ", "), 400));
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return fmt::format(
          "the certificate of {} is signed by {}, which {} does not vouch for; check that file, or "
          "whether a proxy "
          "in between replaces certificates",
          v.peer, quoted(facts.issuer), v.authorities);
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
      return fmt::format("the certificate of {} ({}) is too weak: {}", v.peer,
                         quoted(facts.subject), X509_verify_cert_error_string(code));
    default:
      return fmt::format("the certificate of {} ({}) is refused: {}", v.peer, quoted(facts.subject),
                         X509_verify_cert_error_string(code));
  }
}

int on_verify(int good, X509_STORE_CTX* store) {
  if (good) return 1;
  auto ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto verification = static_cast<Verification*>(SSL_get_ex_data(ssl, slot()));
  auto certificate = X509_STORE_CTX_get_current_cert(store);
  if (verification && verification->problem.empty() && certificate) {
    verification->problem =
        problem_text(*verification, X509_STORE_CTX_get_error(store), certificate);
  }
  return 0;
}

}  // namespace

void expect_peer(SSL* ssl, Verification& verification) {
  SSL_set_ex_data(ssl, slot(), &verification);
  const auto& name = verification.name;
  bool is_address = is_ip_address(name);
  if (!is_address) SSL_set_tlsext_host_name(ssl, name.c_str());  // RFC 6066: no addresses in SNI
  if (!verification.verify) {
    SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    return;
  }
  auto parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  // A CA file may hold an intermediate only, and that is a root to whoever wrote it there; Go
  // accepts it too.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str());
  } else {
    X509_VERIFY_PARAM_set1_host(parameters, name.data(), name.size());
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, on_verify);
}

void expect_client(SSL* ssl, Verification& verification) {
  SSL_set_ex_data(ssl, slot(), &verification);
  X509_VERIFY_PARAM_set_flags(SSL_get0_param(ssl), X509_V_FLAG_PARTIAL_CHAIN);
  SSL_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, on_verify);
}

std::string describe_tls_error(unsigned long code) {
  ERR_clear_error();
  auto reason = ERR_reason_error_string(code);
  return reason ? reason : fmt::format("TLS error {:x}", code);
}

}  // namespace raykeep::net
