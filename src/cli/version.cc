// raykeep version: what this program is, and which Ray and Kubernetes it was made for.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"
#include "doc/document.h"

#ifndef RAYKEEP_VERSION
#define RAYKEEP_VERSION "0"
#endif
#ifndef RAYKEEP_COMMIT
#define RAYKEEP_COMMIT ""
#endif

namespace raykeep::cli {
namespace {

constexpr std::string_view ray = ">=2.41";  // token authentication from 2.52
constexpr std::string_view kubernetes =
    ">=1.27";  // StatefulSets' and policies' fields that plans use
#if defined(__aarch64__)
constexpr std::string_view platform = "linux/arm64";
#else
constexpr std::string_view platform = "linux/amd64";
#endif

}  // namespace

int run(const VersionArguments& arguments) {
  if (arguments.output == Output::text) {
    std::string_view commit = RAYKEEP_COMMIT;
    fmt::print(
        "raykeep {}{} {}\nRay {}, token authentication from 2.52; Kubernetes {}; KubeRay documents "
        "ray.io/v1\n",
        RAYKEEP_VERSION, commit.empty() ? "" : fmt::format(" ({})", commit), platform, ray,
        kubernetes);
    return ExitCode::done;
  }
  doc::Object client{
      {"version", RAYKEEP_VERSION}, {"commit", RAYKEEP_COMMIT}, {"platform", platform}};
  doc::Value all = doc::Object{{"clientVersion", client}, {"ray", ray}, {"kubernetes", kubernetes}};
  fmt::print("{}",
             arguments.output == Output::json ? doc::write_json_pretty(all) : doc::write_yaml(all));
  return ExitCode::done;
}

}  // namespace raykeep::cli
