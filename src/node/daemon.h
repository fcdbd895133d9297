// Ray's processes on a node, as we know them: by what stands in their command line, for Ray's
// Python processes all have the same name. Pure: reads argv and environments that somebody else
// fetched.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace raykeep::node {

/// What `ray start` leaves behind and we take care of. Everything else (workers, the dashboard's
/// and the raylet's helpers) belongs to one of these and comes and goes with it.
enum class Daemon { gcs, raylet, dashboard, monitor, log_monitor, client_server };

inline constexpr std::array all_daemons{Daemon::gcs,         Daemon::raylet,
                                        Daemon::dashboard,   Daemon::monitor,
                                        Daemon::log_monitor, Daemon::client_server};
inline constexpr std::size_t daemon_count = all_daemons.size();

/// "gcs_server", "raylet", ...: stable, for logs and metrics.
std::string_view name_of(Daemon daemon);

/// Which of them a process is, or nothing. Source: the command lines of Ray 2.41, 2.50 and 2.60
/// (ray/_private/services.py makes them).
std::optional<Daemon> daemon_of(const std::vector<std::string>& argv);

/// Where a GCS keeps its tables. Only what outlives the process lets it be restarted alone.
enum class Storage { unknown, memory, redis, rocksdb };

std::string_view name_of(Storage storage);

/// From a GCS's command line (`--redis_address`) and environment (RAY_gcs_storage). Ray >= 2.57
/// knows rocksdb; before, no Redis means memory.
Storage storage_of(const std::vector<std::string>& argv,
                   const std::vector<std::string>& environment);

/// The node's id from a raylet's command line (`--node_id`), in hex; empty where Ray does not put
/// it there (older versions make it up inside).
std::string node_id_of(const std::vector<std::string>& raylet_argv);

/// The value of "--name=value"; empty when it is not there.
std::string_view option(const std::vector<std::string>& argv, std::string_view name);

/// True when a restarted GCS with kept tables takes the old raylets back, so that it can be
/// restarted alone. `version` as Ray writes it: "2.60.0", "3.0.0.dev0". Tried on 2.41.0, 2.50.0 and
/// 2.60.0; what we do not know gets the bigger restart.
bool restarts_gcs_in_place(std::string_view version);

}  // namespace raykeep::node
