// The policies against the flow table: for each pod of ours and each other inhabitant, what its
// policies let it send and take must be exactly what the rows say, over all ports of all protocols.
// Each side is compared for itself, because a rule that is too wide at one end hides behind the
// other's. And nobody else may be isolated.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "evaluator.h"
#include "scene.h"

namespace raykeep::policies {

struct Difference {
  std::string text;  // for people; empty: there is none
  explicit operator bool() const { return !text.empty(); }
};

class Comparison {
 public:
  /// The scene must outlive it.
  explicit Comparison(const Scene& scene);

  /// The first difference that is found.
  Difference with(const Policies& policies) const;

  /// How many pairs of inhabitants are looked at, in each direction.
  std::size_t pairs() const;

 private:
  struct Expected {
    const Inhabitant* subject;
    bool ingress;
    std::vector<std::pair<const Inhabitant*, PortSet>> others;  // none for a stranger
  };
  static Difference look(const Expected& expected, const Policies& policies);

  std::vector<Expected> expected_;
};

}  // namespace raykeep::policies
