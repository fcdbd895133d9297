// An authority of our own: it signs certificates with which Ray's nodes know each other. Who may
// have which names is decided by the caller; here is the mathematics.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace raykeep::pki {

struct Authority {
  std::string certificate_pem;  // its own; of an intermediate one with the chain that follows
  Secret<std::string> key_pem;
};

/// The names that a certificate is valid for.
struct Names {
  std::vector<std::string> dns = {};
  std::vector<std::string> ip = {};  // "10.0.0.1", "fd00::1"
  bool operator==(const Names&) const = default;
};

/// A self-signed authority with a key of P-256, which may sign no other authority. Throws
/// Failure::bug when OpenSSL cannot; as do all that follow.
Authority make_authority(const std::string& name, std::chrono::seconds validity);

/// Why this cannot sign: the texts are not PEM, do not belong together, it is no authority, or it
/// is over. Nothing: it can.
std::optional<std::string> fault_of(const Authority& authority);

/// Is this the key of the first certificate in the text?
bool belongs(const std::string& certificate_pem, const Secret<std::string>& key_pem);

/// A key and a certificate signing request (PKCS #10) for it.
struct KeyAndRequest {
  Secret<std::string> key_pem;
  std::string request_pem;
};

/// With the key that is given, or a new one of P-256 when it is none.
KeyAndRequest make_request(const std::string& common_name, const Names& names,
                           const Secret<std::string>& key_pem = {});

/// What a request asks for.
struct Requested {
  std::string common_name;
  Names names;
};

/// Reads a request from whoever sent it. An error when it is not one, is not signed by the key that
/// it names (its sender does not have that key), the key is weak (other than P-256, P-384 or RSA of
/// 2048 to 8192 bits), or it asks for anything but names.
Result<Requested> read_request(const std::string& request_pem);

/// A certificate for the request's key, for server and client, with these names and not those that
/// were asked for; followed by the authority's chain where that is not self-signed. It never
/// outlives the authority. Requires: read_request() took the request, fault_of() is silent.
std::string sign(const Authority& authority, const std::string& request_pem,
                 const std::string& common_name, const Names& names, std::chrono::seconds validity);

}  // namespace raykeep::pki
