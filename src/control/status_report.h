// What the controller says of a cluster, in the owner ConfigMap beside the document (status_key):
// conditions as Kubernetes has them. And the events that it writes. Pure.
#pragma once

#include <string>
#include <vector>

#include "control/decide/decision.h"
#include "control/observe.h"

namespace raykeep::control {

/// What the stored document and Site are, short: tells one from the next.
std::string stored_fingerprint(const doc::Value& owner);

/// The JSON text to store, about the document of that fingerprint. Each condition keeps its
/// lastTransitionTime while its status lasts, so that the text changes only when what it says does.
/// `before`: the text that is stored now.
std::string status_text(const std::vector<decide::Condition>& conditions,
                        const std::string& fingerprint, std::string_view before, WallTime now);

struct StoredCondition {
  std::string type;
  std::string status;  // "True", "False", "Unknown"
  std::string reason;
  std::string message;
  bool operator==(const StoredCondition&) const = default;
};

struct StoredStatus {
  std::string fingerprint;  // of the document that it speaks of
  std::vector<StoredCondition> conditions;

  const StoredCondition* find(std::string_view type) const;
};

/// What the owner says; empty when no controller ever wrote there, or it cannot be read.
StoredStatus stored_status(const doc::Value& owner);

/// A core/v1 Event about `object`, the live one. `instance`: who says it, the controller's pod.
doc::Value event_object(const decide::Event& event, const doc::Value& object,
                        const std::string& instance, WallTime now);

}  // namespace raykeep::control
