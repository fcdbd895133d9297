// Ray 2.54 to 2.60: a raylet waits 15 s for its dashboard agent to write down which port it listens
// on, and ends itself when the agent's imports take longer, as they do where many nodes start at
// once. It asks for it even where `ray start` was given the port, because that option reaches the
// agent and not the raylet. What is known needs no waiting: we write it down first. Measured on
// 2.60 with an agent of 60 s: the raylet died after 15 s without this and ran after 3 s with it.
// Source: src/ray/raylet/node_manager.cc (WaitForDashboardAgentPorts),
// src/ray/util/port_persistence.h, ray/_private/services.py (start_raylet) of Ray 2.60.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace raykeep::node {

struct PortFile {
  std::string path = {};
  std::string text = {};  // the port in digits
  bool operator==(const PortFile&) const = default;
};

/// What the raylet with this command line waits for although its port is given; nothing where it is
/// not given, or where Ray tells it to the raylet itself.
std::optional<PortFile> awaited_port_file(const std::vector<std::string>& raylet_argv);

/// Writes the file unless there is one. Throws Failure::invalid.
void write(const PortFile& file);

}  // namespace raykeep::node
