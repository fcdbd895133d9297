#include "control/drill_table.h"

#include <algorithm>

#include <fmt/format.h>

namespace raykeep::control {
namespace {

using How = Drill::How;

constexpr Drill table[] = {
    {.name = "gcs-kill", .what = "SIGKILL to the GCS", .process = "gcs_server", .signal = "KILL"},
    {.name = "gcs-hang", .what = "SIGSTOP to the GCS", .process = "gcs_server", .signal = "STOP"},
    {.name = "gcs-kill-20",
     .what = "SIGKILL to the GCS, 20 times",
     .process = "gcs_server",
     .signal = "KILL",
     .times = 20},
    {.name = "dashboard-kill",
     .what = "SIGKILL to the dashboard",
     .process = "dashboard",
     .signal = "KILL"},
    {.name = "head-container",
     .what = "SIGTERM to the head's container",
     .how = How::end_container},
    {.name = "head-pod", .what = "the head's pod deleted", .how = How::delete_pod},
    {.name = "raylet-hang",
     .what = "SIGSTOP to a worker's raylet",
     .head = false,
     .process = "raylet",
     .signal = "STOP"},
    {.name = "worker-pod", .what = "a worker's pod deleted", .head = false, .how = How::delete_pod},
};

}  // namespace

std::span<const Drill> all_drills() { return table; }

const Drill* find_drill(std::string_view name) {
  auto found = std::ranges::find(table, name, &Drill::name);
  return found == std::end(table) ? nullptr : &*found;
}

std::string signal_program(std::string_view process, std::string_view signal) {
  // Ray's images have a shell, and not all have ps or pkill.
  std::string is_it =
      process == "dashboard"
          ? "tr '\\0' ' ' <$p/cmdline | grep -q '/dashboard/dashboard[.]py '"
          : fmt::format("case \"$(readlink $p/exe)\" in */{}) ;; *) false ;; esac", process);
  return fmt::format(
      "found=1; for p in /proc/[0-9]*; do if {{ {}; }} 2>/dev/null; then kill -{} ${{p#/proc/}} && "
      "found=0; fi; done; exit $found",
      is_it, signal);
}

}  // namespace raykeep::control
