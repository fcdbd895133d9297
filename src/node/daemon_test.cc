#include "node/daemon.h"

#include <gtest/gtest.h>

namespace raykeep::node {
namespace {

using Argv = std::vector<std::string>;

TEST(Daemon, IsKnownByItsCommandLine) {
  struct Row {
    Argv argv;
    std::optional<Daemon> daemon;
  };
  const Row rows[] = {
      {{"/opt/ray/ray/core/src/ray/gcs/gcs_server", "--log_dir=/tmp/ray"}, Daemon::gcs},
      {{"/opt/ray/ray/core/src/ray/raylet/raylet", "--node_id=ab"}, Daemon::raylet},
      {{"/usr/bin/python3", "/x/ray/dashboard/dashboard.py", "--host=0.0.0.0"}, Daemon::dashboard},
      {{"/usr/bin/python3.11", "-u", "/x/ray/autoscaler/_private/monitor.py", "--a=b"},
       Daemon::monitor},
      {{"/usr/bin/python3", "-u", "/x/ray/_private/log_monitor.py"}, Daemon::log_monitor},
      {{"python3", "-m", "ray.util.client.server", "--address=a:1", "--mode=proxy"},
       Daemon::client_server},
      // A server for one client's session is the proxy's child.
      {{"python3", "-m", "ray.util.client.server", "--mode=specific-server"}, std::nullopt},
      {{"python3", "-B", "-c", "from multiprocessing.forkserver import main; main(25, ...)"},
       std::nullopt},
      {{"ray::DashboardAgent"}, std::nullopt},
      {{"ray::IDLE"}, std::nullopt},
      {{"ray-dashboard-NodeHead-0 (/usr/bin/python3 -B -c ...)"}, std::nullopt},
      {{"/bin/bash", "-c", "ray start --head; raylet"}, std::nullopt},
      {{"/usr/bin/python3", "/usr/local/bin/ray", "start", "--head"}, std::nullopt},
      {{"/usr/bin/python3", "/home/me/monitor.py"}, std::nullopt},
      {{"tail", "-f", "/tmp/ray/session_latest/logs/gcs_server.out"}, std::nullopt},
      {{"gcs_server"}, std::nullopt},
      {{"/usr/bin/python3"}, std::nullopt},
      {{}, std::nullopt},
  };
  for (const auto& row : rows) {
    auto daemon = daemon_of(row.argv);
    EXPECT_EQ(daemon, row.daemon) << (row.argv.empty() ? "" : row.argv[0]);
  }
}

TEST(Daemon, StorageIsThatOfTheGcsItself) {
  EXPECT_EQ(storage_of({"gcs_server", "--log_dir=x"}, {"A=b"}), Storage::memory);
  EXPECT_EQ(storage_of({"gcs_server", "--redis_address=127.0.0.1"}, {}), Storage::redis);
  EXPECT_EQ(storage_of({"gcs_server", "--redis_address="}, {}), Storage::memory);
  EXPECT_EQ(storage_of({"gcs_server"}, {"RAY_gcs_storage=rocksdb"}), Storage::rocksdb);
  EXPECT_EQ(storage_of({"gcs_server"}, {"RAY_gcs_storage=memory"}), Storage::memory);
}

TEST(Daemon, NodeIdIsHexOrNothing) {
  EXPECT_EQ(node_id_of({"raylet", "--node_ip_address=::1", "--node_id=a32031ea"}), "a32031ea");
  EXPECT_EQ(node_id_of({"raylet", "--node_id=NIL"}), "");
  EXPECT_EQ(node_id_of({"raylet", "--node_id_x=ab"}), "");
}

TEST(Daemon, UnknownVersionsGetTheBiggerRestart) {
  for (auto version : {"2.41.0", "2.50.1", "2.60.0", "3.0.0.dev0", "2.100.0"})
    EXPECT_TRUE(restarts_gcs_in_place(version)) << version;
  for (auto version : {"2.40.0", "1.13.0", "", "nightly", "2", "2.x"})
    EXPECT_FALSE(restarts_gcs_in_place(version)) << version;
}

}  // namespace
}  // namespace raykeep::node
