// What is to be tried from where: for each pair of roles every flow that must pass, and on all
// other ports that Ray uses anywhere, on their neighbours and on some that nobody uses, that
// nothing passes. The number of attempts grows with the pairs of roles, not with the pods. Pure.
#pragma once

#include <string>
#include <vector>

#include "flow/flow.h"
#include "spec/storage.h"
#include "verify/places.h"
#include "verify/target.h"

namespace raykeep::verify {

inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

struct Attempt {
  std::size_t from = 0;      // which place
  std::size_t to = nowhere;  // likewise; nowhere: what `to_name` says
  std::string to_name;       // "head", "dns", "API server", "egress models"
  Target target;
  bool wanted = false;   // the table permits it: it must pass; else it must not
  std::string flow;      // its id where wanted
  bool control = false;  // between the strangers: shows that silence means something
};

/// A flow that cannot be tried from here.
struct Untried {
  std::string flow;
  std::string why;
};

struct Matrix {
  std::vector<Attempt> attempts;
  std::vector<Untried> untried;
};

struct MatrixInput {
  const std::vector<flow::Flow>& flows;
  const spec::Storage& storage;
  const std::vector<Place>& places;
  std::vector<int> more = {};  // further ports: what containers declare, what policies open
};

Matrix matrix(const MatrixInput& input);

}  // namespace raykeep::verify
