// A cluster's generation: what tells it from an earlier one of the same name, so that its head
// never reads the state that the earlier one left behind.
//
// The UID of the owner ConfigMap is the generation, and only the API server knows it. So a plan is
// made with a placeholder, and whoever applies it puts the generation in, as he adds owner
// references. An owner that was applied from rendered files carries its generation as an
// annotation.
#pragma once

#include <string>
#include <string_view>

#include "plan/object.h"

namespace raykeep::plan {

/// Stands in a plan's objects where the generation will be. Ray's storage namespaces cannot have an
/// @, so no document can mean it.
inline constexpr std::string_view generation_placeholder = "@raykeep.io/generation@";

/// The generation that `render` writes: one for all, since nobody will put another in.
inline constexpr std::string_view static_generation = "static";

/// RAY_external_storage_namespace: the document's own, or "<namespace>.<cluster>.<generation>".
std::string storage_namespace(const spec::Storage& storage, const std::string& ns,
                              const std::string& cluster, std::string_view generation);

/// The object with its generation in place of the placeholder.
doc::Value in_generation(doc::Value object, std::string_view generation);

/// Of a live owner ConfigMap: its annotation, else its UID.
std::string generation_of(const doc::Value& owner);

}  // namespace raykeep::plan
