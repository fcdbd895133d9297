// The drills, as data.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace raykeep::control {

/// One thing that can be done to a cluster.
struct Drill {
  enum class How {
    signal,         // to a process of Ray's
    end_container,  // SIGTERM to process 1 of the Ray container; the kubelet starts it again
    delete_pod,
  };
  std::string_view name;  // "gcs-kill"
  std::string_view what;  // for people
  bool head = true;       // else a worker
  How how = How::signal;
  std::string_view process = {};  // as the agent calls it
  std::string_view signal = {};   // "KILL", "STOP"
  int times = 1;

  /// Whether Ray's node goes with it: its own actors are then lost, by Ray's design.
  bool ends_node() const { return how != How::signal || process == "raylet"; }
};

std::span<const Drill> all_drills();

/// The drill of that name, or nullptr.
const Drill* find_drill(std::string_view name);

/// The shell program that signals every process of that name in a container: "gcs_server" and
/// "raylet" by their executable, "dashboard" by its script.
std::string signal_program(std::string_view process, std::string_view signal);

}  // namespace raykeep::control
