// What stands between a document and its running in a namespace: one thing, who can lift it, and
// the words to send them. Judges make these from what was seen; nothing here asks anybody.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "doc/json.h"

namespace raykeep::preflight {

enum class Weight {
  blocks,     // `up` cannot succeed
  may_block,  // it may, or something will not work later
  unchecked,  // this could not be found out with these rights
  notice,     // worth knowing
};

enum class Who {
  you,              // the document or the Site is to be changed
  namespace_admin,  // who gives out the namespace, its quota and its rights
  cluster_admin,    // nodes, storage classes, priority classes, the API server
  policy_team,      // admission policies and Pod Security
  registry_team,
  network_team,  // DNS, firewalls, what is beyond the cluster
  mesh_team,
};

std::string_view to_string(Weight weight);  // "blocks", "may block", "not checked", "notice"
std::string_view to_string(Who who);        // "the namespace's administrator"

struct Obstacle {
  std::string_view code;  // "RK6005"; see codes below
  Weight weight = Weight::blocks;
  Who who = Who::you;
  std::string about;  // what it is about: "ResourceQuota compute: limits.memory"
  std::string what;   // one sentence
  std::string why;    // what the cluster said; may be empty
  std::string send;   // for `who`: a sentence, or YAML to apply; may have several lines
  bool operator==(const Obstacle&) const = default;
};

using Obstacles = std::vector<Obstacle>;

/// Codes are stable for ever; `raykeep check --explain` tells their meaning.
namespace code {
inline constexpr char right[] = "RK6001";
inline constexpr char no_namespace[] = "RK6002";
inline constexpr char pod_security[] = "RK6003";
inline constexpr char no_default_deny[] = "RK6004";
inline constexpr char quota[] = "RK6005";
inline constexpr char limit_range[] = "RK6006";
inline constexpr char policy[] = "RK6007";
inline constexpr char webhook_away[] = "RK6008";
inline constexpr char security_context[] = "RK6009";
inline constexpr char name_taken[] = "RK6010";
inline constexpr char service_account[] = "RK6011";
inline constexpr char pull_secret[] = "RK6012";
inline constexpr char reference[] = "RK6013";
inline constexpr char reference_key[] = "RK6014";
inline constexpr char volume_claim[] = "RK6015";
inline constexpr char priority_class[] = "RK6016";
inline constexpr char runtime_class[] = "RK6017";
inline constexpr char storage_class[] = "RK6018";
inline constexpr char refused[] = "RK6019";
inline constexpr char old_server[] = "RK6020";
inline constexpr char clock_skew[] = "RK6021";
inline constexpr char credential[] = "RK6022";
inline constexpr char image_absent[] = "RK6023";
inline constexpr char image_denied[] = "RK6024";
inline constexpr char image_unreachable[] = "RK6025";
inline constexpr char image_slow[] = "RK6026";
inline constexpr char no_node[] = "RK6027";
inline constexpr char dns[] = "RK6028";
inline constexpr char egress[] = "RK6029";
inline constexpr char mesh[] = "RK6030";
inline constexpr char going[] = "RK6031";
inline constexpr char unreadable[] = "RK6032";
inline constexpr char no_probe[] = "RK6033";
inline constexpr char no_answer[] = "RK6034";
inline constexpr char mesh_open[] = "RK6035";
}  // namespace code

struct Meaning {
  std::string_view code;
  std::string_view text;
};

/// All codes above.
const std::vector<Meaning>& meanings();

/// What is said twice is left out: of two obstacles with one code and subject the heavier stays.
/// Those that block come first, and each person's stand together.
Obstacles in_order(Obstacles obstacles);

/// Does something stand in the way, or may it?
bool any_in_the_way(const Obstacles& obstacles);

/// A line for each, then for each person a block "To send to ...".
std::string to_text(const Obstacles& obstacles);

doc::Array to_json(const Obstacles& obstacles);

}  // namespace raykeep::preflight
