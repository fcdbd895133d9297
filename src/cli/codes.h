// Codes of the findings that reading a command's files gives: RK50xx. Stable for ever. RK51xx are
// those of policy profiles: profile/profile.h.
#pragma once

#include <string>
#include <string_view>

namespace raykeep::cli::codes {

inline constexpr std::string_view no_kind = "RK5001";
inline constexpr std::string_view kind_to_come = "RK5002";
inline constexpr std::string_view foreign_kind = "RK5003";
inline constexpr std::string_view site_among_documents = "RK5004";
inline constexpr std::string_view not_one_site = "RK5005";
inline constexpr std::string_view nothing_to_run = "RK5006";
inline constexpr std::string_view double_name = "RK5007";
inline constexpr std::string_view lock_without_site = "RK5008";

/// What a code of any module means and what to do; empty for a code that is none.
std::string explain(std::string_view code);

}  // namespace raykeep::cli::codes
