// What of an X.509 certificate a person wants to read when something is wrong with it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

struct x509_st;

namespace raykeep::net {

struct CertificateFacts {
  std::string subject;  // "CN=kube-apiserver"
  std::string issuer;
  std::chrono::system_clock::time_point not_before;
  std::chrono::system_clock::time_point not_after;
  std::vector<std::string> names;  // DNS names and IP addresses it is valid for
};

CertificateFacts facts_of(const x509_st* certificate);

/// The first certificate of a PEM text, or nothing if it has none.
std::optional<CertificateFacts> read_certificate(const std::string& pem);

/// "2025-03-01 12:00 UTC".
std::string to_date(std::chrono::system_clock::time_point time);

}  // namespace raykeep::net
