// Every way in which one policy of a set can be a little wrong: a rule or a port too few, a peer or
// a port too many.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "doc/json.h"

namespace raykeep::policies {

struct Mutation {
  std::string what;  // for people: "demo-head ingress[0]: every port"
  std::size_t policy;
  doc::Value changed;  // in its place; null: it is taken away
};

/// All of them, in a stable order.
std::vector<Mutation> mutations(const std::vector<doc::Value>& policies);

}  // namespace raykeep::policies
