// What up and down say while they work. The printers (terminal, plain lines, JSON) live in cli;
// here is only what there is to say.
#pragma once

#include <functional>
#include <string>
#include <variant>

#include "control/status.h"

namespace raykeep::control {

/// One object was dealt with.
struct Done {
  enum class What { created, changed, unchanged, removed } what;
  std::string object;  // "StatefulSet demo-head"
  bool dry_run = false;
};

/// Where everything is; said again whenever something changed, and each second on the way.
struct OnTheWay {
  ClusterStatus status;
  std::chrono::seconds waited{};
};

/// The pods that down still waits for.
struct StillThere {
  std::vector<std::string> objects;
  std::vector<Diagnosis> troubles;
  std::chrono::seconds waited{};
};

/// Something is wrong; said once for each trouble.
struct Trouble {
  Diagnosis diagnosis;
};

/// Worth knowing.
struct Note {
  std::string text;
};

using Progress = std::variant<Done, OnTheWay, StillThere, Trouble, Note>;
using Report = std::function<void(const Progress&)>;

}  // namespace raykeep::control
