// Where a document wants its head to keep the GCS' state: gcsFaultToleranceOptions, or the older
// annotations and variables, which say the same. What the document leaves open the Site completes
// (storage.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "doc/json.h"
#include "spec/credential.h"
#include "spec/redis_address.h"

namespace raykeep::spec {

class Cursor;

/// PERSISTED. The Secret into which `up` puts a Redis password that a document writes out, and its
/// key; stored documents refer to it in place of the password.
std::string document_redis_secret(const std::string& cluster);  // <c>-gcs-redis
inline constexpr std::string_view redis_password_key = "password";

/// Files of the Ray container, as RAY_REDIS_CA_CERT and its like name them. Empty: not said.
struct RedisTlsFiles {
  std::string ca, certificate, key, server_name;
  bool operator==(const RedisTlsFiles&) const = default;
};

/// The volume of the rocksdb backend.
struct GcsVolume {
  std::string claim_name;  // of a claim that exists; empty: Raykeep makes <c>-gcs-pvc
  std::string size = "1Gi";
  std::string storage_class;  // empty: the cluster's default
  std::vector<std::string> access_modes{"ReadWriteOnce"};
  std::string sub_path;
  bool retain = false;  // the claim outlives the cluster
};

struct FaultTolerance {
  enum class Wish {
    unsaid,  // the Site decides
    off,     // ray.io/ft-enabled: "false"
    redis,
    rocksdb,
  };
  Wish wish = Wish::unsaid;
  bool by_options = false;  // gcsFaultToleranceOptions, not the older annotations
  std::vector<RedisAddress> addresses;
  Credential user;
  Credential password;
  RedisTlsFiles tls_files;
  std::string storage_namespace;  // empty: one for each generation of the cluster
  GcsVolume volume;
  std::optional<std::int64_t> clean_up_seconds;  // ray.io/gcs-ft-deletion-timeout
  /// The variable of the head's Ray container that holds the password, by the older annotations.
  std::string password_variable;
};

/// Reads what is there, without findings: validate_fault_tolerance() has them.
FaultTolerance parse_fault_tolerance(const Cursor& root);

/// The document with each written-out Redis password replaced by a reference to the Secret that
/// holds it: what may be stored in a ConfigMap.
void hide_redis_passwords(doc::Object& document, const std::string& cluster,
                          const FaultTolerance& wished);

/// The variable that a start parameter refers to: "$REDIS_PASSWORD", "${REDIS_PASSWORD}" or
/// "$(REDIS_PASSWORD)". Empty when it is none.
std::string variable_in(std::string_view parameter);

}  // namespace raykeep::spec
