// The codes of what can be wrong with a file as such, before anyone asks what it means: RK1001 to
// RK1099. A code is a promise to scripts and to docs/findings.md: never renumbered, never used for
// something else.
#pragma once

namespace raykeep::doc::code {

inline constexpr char unreadable_file[] = "RK1001";    // cannot be opened or read
inline constexpr char too_big[] = "RK1002";            // more bytes than Limits allows
inline constexpr char not_utf8[] = "RK1003";           // an invalid byte sequence, UTF-16 included
inline constexpr char control_character[] = "RK1004";  // a character that YAML forbids
inline constexpr char syntax[] = "RK1005";             // not YAML
inline constexpr char tab[] = "RK1006";                // a tab where only spaces may indent
inline constexpr char duplicate_key[] = "RK1007";      // the same key twice in one map
inline constexpr char unusable_key[] =
    "RK1008";                                 // null, a list, a map as key: JSON has only strings
inline constexpr char too_deep[] = "RK1009";  // maps and lists nested beyond Limits
inline constexpr char too_many_values[] = "RK1010";  // more values than Limits allows
inline constexpr char alias_bomb[] = "RK1011";  // aliases that contain themselves or grow too large
inline constexpr char unknown_alias[] = "RK1012";  // *name without &name before it
inline constexpr char unknown_tag[] = "RK1013";    // a tag that has no meaning in Kubernetes
inline constexpr char wrong_for_tag[] = "RK1014";  // !!int abc
inline constexpr char not_finite[] = "RK1015";     // .nan and .inf: JSON has neither
inline constexpr char bad_merge[] =
    "RK1016";  // << with no map, or after a key that it would change
inline constexpr char too_many_documents[] = "RK1017";   // more than Limits allows in one stream
inline constexpr char too_many_directives[] = "RK1018";  // % lines without end
inline constexpr char too_many_findings[] = "RK1019";    // the rest is not shown

}  // namespace raykeep::doc::code
