#include "flow/encryption.h"

namespace raykeep::flow {

Encryption encryption_of(const spec::Site& site) {
  switch (site.tls_mode) {
    case spec::TlsMode::native:
      return {"mutual TLS (Ray)", "none"};
    case spec::TlsMode::mesh:
      return {"mutual TLS (mesh)", "mutual TLS (mesh)"};
    case spec::TlsMode::none:
      break;
  }
  return {"none", "none"};
}

}  // namespace raykeep::flow
