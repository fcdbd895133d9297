#include "profile/rules.h"

namespace raykeep::profile {

const std::vector<Rule>& rules() {
  static const std::vector<Rule> table = [] {
    std::vector<Rule> all = pod_rules();
    for (Rule& each : object_rules()) all.push_back(std::move(each));
    return all;
  }();
  return table;
}

}  // namespace raykeep::profile
