#include "node/port_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace raykeep::node {
namespace {

/// A raylet's command line as Ray 2.60 writes it, shortened.
std::vector<std::string> raylet(const std::string& agent, const std::string& more = "--x=1") {
  return {"/opt/ray/ray/core/src/ray/raylet/raylet",
          "--node_id=ef5f21b6",
          "--session_dir=/tmp/ray/session_1",
          "--metrics-agent-port=52366",
          "--dashboard_agent_command=/usr/bin/python3 -u /opt/ray/ray/dashboard/agent.py " + agent,
          more};
}

TEST(PortFile, IsTheDashboardAgentsWhereItsPortIsGiven) {
  EXPECT_EQ(awaited_port_file(raylet("--grpc-port=52366 --listen-port=52365 --temp-dir=/tmp/ray")),
            (PortFile{"/tmp/ray/session_1/dashboard_agent_listen_port_ef5f21b6", "52365"}));
  EXPECT_EQ(awaited_port_file(raylet("--listen-port=7"))->text, "7");
}

TEST(PortFile, IsNotWrittenWhereWeCannotKnow) {
  for (const char* agent : {"--listen-port=0", "--listen-port=", "--listen-port=52365x",
                            "--listen-port=123456", "--grpc-port=1", "--x-listen-port=1"})
    EXPECT_FALSE(awaited_port_file(raylet(agent))) << agent;
  // Ray may tell the raylet one day.
  EXPECT_FALSE(
      awaited_port_file(raylet("--listen-port=52365", "--dashboard_agent_listen_port=52365")));
  EXPECT_TRUE(awaited_port_file(raylet("--listen-port=52365", "--dashboard_agent_listen_port=0")));
  auto old = raylet("--listen-port=52365");
  old[1] = "--raylet_socket_name=x";  // a Ray that makes the node's id up inside
  EXPECT_FALSE(awaited_port_file(old));
  EXPECT_FALSE(awaited_port_file({}));
}

TEST(PortFile, LeavesTheAgentsOwnWordAlone) {
  const std::filesystem::path folder = testing::TempDir() + "port_file";
  std::filesystem::remove_all(folder);
  const PortFile file{folder / "dashboard_agent_listen_port_ab", "52365"};
  EXPECT_THROW(write(file), Failure) << "no folder";
  std::filesystem::create_directory(folder);
  auto text = [&] {
    std::string line;
    std::getline(std::ifstream(file.path) >> std::ws, line);
    return line;
  };
  write(file);
  EXPECT_EQ(text(), "52365");
  std::ofstream(file.path) << "-1";
  write(file);
  EXPECT_EQ(text(), "-1");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1) << "no parts left";
}

}  // namespace
}  // namespace raykeep::node
