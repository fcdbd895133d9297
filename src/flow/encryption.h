// How Ray's own traffic is protected on a Site. Ray's TLS covers gRPC only, a mesh covers all TCP.
#pragma once

#include <string>

#include "spec/site.h"

namespace raykeep::flow {

struct Encryption {
  std::string grpc, http;
};

Encryption encryption_of(const spec::Site& site);

}  // namespace raykeep::flow
