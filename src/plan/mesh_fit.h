// What would break a Ray cluster in the Site's mesh, or open it behind the mesh's back: what the
// document or the Site writes against the strategy of plan/mesh.h. Codes RK42xx.
#pragma once

#include <string_view>
#include <vector>

#include "base/finding.h"
#include "plan/object.h"

namespace raykeep::plan {

namespace mesh_code {
inline constexpr char many_listeners[] = "RK4201";
inline constexpr char late_proxy[] = "RK4202";
inline constexpr char early_end[] = "RK4203";
inline constexpr char excluded_port[] = "RK4204";
inline constexpr char no_interception[] = "RK4205";
inline constexpr char left_out[] = "RK4206";
inline constexpr char redis_in_clear[] = "RK4207";
inline constexpr char redis_intercepted[] = "RK4208";
inline constexpr char encrypted_twice[] = "RK4209";
inline constexpr char port_of_proxy[] = "RK4210";
inline constexpr char user_of_proxy[] = "RK4211";
inline constexpr char other_protocol[] = "RK4212";
inline constexpr char probes_in_clear[] = "RK4213";
inline constexpr char init_without_network[] = "RK4214";
inline constexpr char other_mesh[] = "RK4215";
inline constexpr char takes_plaintext[] = "RK4216";
inline constexpr char detected_protocol[] = "RK4217";
inline constexpr char udp_in_clear[] = "RK4218";
}  // namespace mesh_code

struct MeshCode {
  std::string_view code;
  std::string_view meaning;
};

/// All codes above.
const std::vector<MeshCode>& mesh_codes();

/// `objects` are the plan's. Empty where tls.mode is not mesh.
Findings mesh_fit(const Input& input, const std::vector<doc::Value>& objects);

/// Of one pod template and of what the document says beside it; a part of mesh_fit().
Findings mesh_fit_pod(const Input& input, const doc::Value& workload);

/// "spec.workerGroupSpecs[1]": where the document says what a planned workload is made from. Empty
/// for what the Site alone says.
std::string place_of(const Input& input, const doc::Value& workload);

}  // namespace raykeep::plan
