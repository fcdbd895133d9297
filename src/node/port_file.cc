#include "node/port_file.h"

#include <fmt/format.h>

#include "node/daemon.h"
#include "node/whole_file.h"

namespace raykeep::node {
namespace {

/// The digits behind " name=" in a command that is one text; empty when there are none.
std::string number_in(std::string_view command, std::string_view name) {
  const std::string before = fmt::format(" {}=", name);
  const auto at = command.find(before);
  if (at == command.npos) return "";
  command.remove_prefix(at + before.size());
  const std::string_view word = command.substr(0, command.find(' '));
  const bool digits = word.size() <= 5 && word.find_first_not_of("0123456789") == word.npos;
  return digits ? std::string(word) : "";
}

}  // namespace

std::optional<PortFile> awaited_port_file(const std::vector<std::string>& raylet_argv) {
  const auto told = option(raylet_argv, "--dashboard_agent_listen_port");
  if (!told.empty() && told != "0") return {};
  const std::string port =
      number_in(option(raylet_argv, "--dashboard_agent_command"), "--listen-port");
  const std::string node = node_id_of(raylet_argv);
  const auto folder = option(raylet_argv, "--session_dir");
  if (port.empty() || port == "0" || node.empty() || !folder.starts_with('/')) return {};
  return PortFile{.path = fmt::format("{}/dashboard_agent_listen_port_{}", folder, node),
                  .text = port};
}

void write(const PortFile& file) {
  // What the agent wrote itself is true, also where it could not listen and wrote -1.
  write_whole_file(file.path, file.text, 0644, Existing::keep);
}

}  // namespace raykeep::node
