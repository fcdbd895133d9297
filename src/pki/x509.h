// OpenSSL's objects for this module: owned, and with failures as Failure.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/secret.h"
#include "net/openssl_handles.h"

namespace raykeep::pki {

using net::Bio;
using net::Certificate;
using net::Free;
using net::Key;
using Request = std::unique_ptr<X509_REQ, Free<X509_REQ_free>>;

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

/// A key of P-256.
Key make_key();

/// At most 64 characters of it, which is all that a common name has.
void set_common_name(X509_NAME* name, const std::string& text);

/// A certificate with name, serial number and times, without key, extensions and signature. Valid
/// from five minutes ago, since clocks differ.
Certificate begin_certificate(const std::string& common_name, std::chrono::seconds validity);

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value);

/// Names the issuer and signs.
void sign_certificate(X509* certificate, const Holder& issuer);

/// What a certificate that signs no others is for: "digitalSignature", "serverAuth,clientAuth",
/// "DNS:a,IP:10.0.0.1". Without alternatives it has no names.
struct Uses {
  const char* key;
  const char* extended;
  std::string alternatives;
};

/// Gives it its key and its extensions, and signs it.
void finish_leaf(X509* certificate, EVP_PKEY* key, const Uses& uses, const Holder& issuer);

std::string pem_of(X509* certificate);
std::string pem_of(X509_REQ* request);
Secret<std::string> pem_of(EVP_PKEY* key);

/// What the PEM text begins with; empty pointers when it is none.
Certificate certificate_of(const std::string& pem);
Key key_of(const Secret<std::string>& pem);

}  // namespace raykeep::pki
