// The namespace itself, and the API server before it: is it there, is it guarded, does a mesh reach
// into it, is the server new enough, do the clocks agree, how long does the credential last.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kube/ask.h"
#include "preflight/obstacle.h"
#include "spec/site.h"

namespace raykeep::preflight {

using WallTime = std::chrono::system_clock::time_point;

Obstacles judge_namespace(const std::string& ns, const kube::Said& object);

/// Is everything that no policy allows denied, for pods that no other policy selects?
bool denies_by_default(const std::vector<doc::Value>& policies, std::string_view direction);

Obstacles judge_default_deny(const std::string& ns, const std::vector<doc::Value>& policies);

/// The mesh that puts its proxy into the namespace's pods by the labels and annotations of
/// `metadata` (a namespace's or a pod's): "Istio", "Istio ambient", "Linkerd"; empty: none.
std::string mesh_of(const doc::Value& object);

Obstacles judge_mesh(const doc::Value& ns_object, const spec::Site& site);

Obstacles judge_version(const kube::Said& version);

/// `date` is the header as HTTP writes it; `now` this machine's clock when the answer came.
Obstacles judge_clock(std::string_view date, WallTime now);

/// "Fri, 27 Nov 2026 06:43:38 GMT" (RFC 9110, section 5.6.7).
std::optional<WallTime> parse_http_date(std::string_view text);

/// When a JSON web token ends; nothing for other tokens. Its signature is nobody's business here.
std::optional<WallTime> end_of_token(std::string_view token);

Obstacles judge_credential(std::optional<WallTime> ends, WallTime now);

}  // namespace raykeep::preflight
