// The namespace's authority as it stands in its Secret, and the rotation of it. Pure but for making
// keys.
//
// An authority is replaced in three steps, so that at no time two nodes meet that do not trust each
// other. First the next one is published and trusted by whoever starts from then on; when every
// node has started since, it signs; when every node has started since that, the old one is
// forgotten.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "control/timestamp.h"
#include "doc/json.h"
#include "pki/authority.h"

namespace raykeep::control {

/// In the Secret's data, beside tls.crt and tls.key, which sign.
inline constexpr std::string_view next_certificate_key = "next.crt";  // trusted, signs later
inline constexpr std::string_view next_private_key_key = "next.key";
inline constexpr std::string_view previous_certificate_key = "previous.crt";  // still trusted

/// On the Secret: when the present step of the rotation began, and that nodes are to be started
/// again for it at once.
inline constexpr std::string_view stage_annotation = "raykeep.io/stage-since";
inline constexpr std::string_view rotate_annotation = "raykeep.io/rotate";

struct AuthorityRecord {
  pki::Authority current;
  std::optional<pki::Authority> next;
  std::string previous;  // certificates; empty: none
  /// Made by somebody else (cert-manager, the platform's people): it is used and never changed.
  bool ours = true;
  std::string roots;  // of somebody else's: what nodes trust, ca.crt
  std::optional<WallTime> stage_since;
  bool hurry = false;  // raykeep.io/rotate is on the Secret
  std::string resource_version;

  /// Everything that nodes trust, as PEM.
  std::string trusted() const;

  /// Nodes that began before are of the step before: some time after the step, because clocks
  /// differ. Nothing where no rotation is under way.
  std::optional<WallTime> stage_counts_from() const;
};

/// The error says what is wrong with the Secret.
Result<AuthorityRecord> read_authority(const doc::Value& secret);

/// A Secret with a new authority that is valid for `validity`.
doc::Value new_authority(const std::string& ns, std::chrono::seconds validity);

/// What the rotation depends on.
struct RotationFacts {
  WallTime now;
  WallTime current_ends;
  std::chrono::seconds lifetime;      // of a node's certificate
  std::vector<WallTime> nodes_began;  // of every pod that has one
};

enum class Rotation { none, begin, promote, finish };
std::string_view to_string(Rotation step);

/// The step that is due. An authority of ours is replaced when it would end within three lifetimes
/// of a node's certificate, or on demand.
Rotation due_rotation(const AuthorityRecord& record, const RotationFacts& facts);

/// The merge patch that takes the step; it is refused if the Secret was changed meanwhile.
/// Requires: step is not `none`.
doc::Value rotation_patch(const AuthorityRecord& record, Rotation step, WallTime now,
                          std::chrono::seconds validity);

}  // namespace raykeep::control
