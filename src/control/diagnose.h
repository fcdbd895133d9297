// Why a cluster is not well, in words: from pods, their containers, events and controllers'
// conditions to what is wrong with which object, why, and what to do next. Pure. Each kind of
// trouble is one small function; their order in diagnose.cc is the order of the answer: what stops
// everything first.
#pragma once

#include <string>
#include <vector>

#include "control/observe.h"

namespace raykeep::control {

struct Diagnosis {
  std::string object;     // "Pod demo-head-0", "StatefulSet demo-head"
  std::string reason;     // one stable word for programs: "ImagePull", "PodSecurity", ...
  std::string what;       // "the image lab/ray:1 cannot be pulled"
  std::string why;        // what Kubernetes or the container said; may be empty
  std::string next;       // what to do
  int others = 0;         // how many more objects have the same
  bool hopeless = false;  // waiting will not heal it: somebody must change something
  bool refusal = false;   // the API server did not let a controller make the pods
  bool operator==(const Diagnosis&) const = default;
};

std::vector<Diagnosis> diagnose(const Observed& observed);

/// One or two lines: "Pod demo-head-0: the image x cannot be pulled: not found\n  next: ...".
std::string to_string(const Diagnosis& diagnosis);

/// The same without how long it has been so: for conditions, which are stored when they change.
std::string lasting_text(Diagnosis diagnosis);

/// A container whose log may say why it is not well.
struct LogWanted {
  std::string pod;
  std::string container;
  bool previous;  // the log of the run that ended
};

/// At most `most`, and no more than two of one group: they mostly say the same.
std::vector<LogWanted> logs_worth_reading(const Observed& observed, std::size_t most);

/// Is the pod of an older revision than its StatefulSet or Deployment wants now? Its troubles are
/// the past's.
bool is_outdated(const doc::Value& pod, const Observed& observed);

/// Is every container ready, says Kubernetes?
bool is_ready(const doc::Value& pod);

}  // namespace raykeep::control
