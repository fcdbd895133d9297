// What the API server says when it says no: a `Status` object, turned into a sentence with a
// remedy.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "doc/json.h"
#include "kube/config.h"

namespace raykeep::kube {

/// metav1.Status, as far as anyone looks at it; empty fields where the server's answer had none.
struct Status {
  int code = 0;
  std::string reason;  // "NotFound", "AlreadyExists", "Forbidden"; the API's, not HTTP's
  std::string message;
  std::string kind;  // details.kind: the *plural* for most reasons ("pods")
  std::string name;  // details.name
  std::string uid;
  struct Cause {
    std::string reason;  // "FieldValueInvalid", "FieldManagerConflict"
    std::string message;
    std::string field;  // "spec.template.spec.containers[0].image"
  };
  std::vector<Cause> causes;
};

/// Reads a Status; for a body that is none (a proxy's HTML page), the message is its beginning,
/// made harmless.
Status read_status(int code, std::string_view body);
Status read_status(const doc::Value& object);

/// What was asked, for messages and for advice on rights.
struct Asked {
  std::string doing = {};     // "apply", "find": how messages begin
  std::string verb = {};      // of RBAC: "get", "list", "watch", "create", "patch", "delete"
  std::string object = {};    // "StatefulSet ray/demo-head"
  std::string resource = {};  // "statefulsets", "pods/log"; empty for plain paths
  std::string group = {};     // "apps"
  std::string ns = {};
};

/// The Failure for an answer that was not expected. Secrets of `config` never appear in it.
Failure refusal(const Asked& asked, const Status& status, const Config& config);

}  // namespace raykeep::kube
