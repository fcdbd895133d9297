// document + Site -> Kubernetes objects. A pure function: the same input gives the same bytes. No
// clock, no randomness, no environment; what needs those (secrets, the owner's UID) is added by
// whoever applies the plan.
#pragma once

#include <string>
#include <vector>

#include "base/finding.h"
#include "base/secret.h"
#include "doc/json.h"
#include "flow/flow.h"
#include "plan/names.h"
#include "spec/ray_cluster.h"
#include "spec/site.h"
#include "spec/storage.h"

namespace raykeep::plan {

/// A Secret that pods expect and no plan holds: whoever applies the plan makes it where it is
/// absent.
struct PlannedSecret {
  enum class Kind {
    document_password,  // the document's Redis password, under spec::redis_password_key
    managed_redis,      // a random password, Redis' ACL file with it, and perhaps a certificate:
                        // see managed_redis.h
  };
  Kind kind;
  std::string name;
  /// The document's. Empty where a stored document only refers to it: then the Secret is there.
  Secret<std::string> password;
  /// The names in the certificate; none where there is none to be made.
  std::vector<std::string> server_names = {};
};

struct Plan {
  std::string ns;
  std::string cluster;
  std::string service;  // the RayService that the cluster belongs to; empty: none
  /// In the order to apply them: the owner first, policies before pods. All in `ns`, all with the
  /// inventory labels, no ownerReferences, no status. The token Secret is not among them unless a
  /// token was given.
  std::vector<doc::Value> objects;
  std::vector<flow::Flow> flows;
  /// The Secret with Ray's token that the pods expect: `auth_token` in it. Empty: authentication is
  /// off.
  std::string token_secret;
  /// The document brings its own Secret, which Raykeep must not make or delete.
  bool token_secret_is_users = false;
  std::vector<PlannedSecret> secrets;
  /// Where the head keeps its state, and under which name there; the latter with
  /// generation_placeholder in it unless the generation was given.
  spec::Storage storage;
  std::string storage_namespace;
  Findings
      findings;  // RK4xxx: contradictions between document and Site, things the plan cannot honour
};

struct PlanOptions {
  std::string ns;          // wins over the document's namespace; one of the two must be there
  std::string generation;  // when not empty, put in place of the placeholder, and into the owner
  std::string token;  // when not empty, the plan contains the token Secret (render --token-file)
};

/// Does Ray check a token? Where the document says so, and where it says nothing and Ray can
/// (2.52): KubeRay's documentation calls token the default, Ray 2.61 makes it one.
bool uses_token(const spec::RayCluster& cluster);

Plan plan(const spec::RayCluster& cluster, const spec::Site& site, const PlanOptions& options);

}  // namespace raykeep::plan
