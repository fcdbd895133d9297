// Any bytes as what registries and login files say.
#include <cstdint>
#include <string_view>

#include "oci/challenge.h"
#include "oci/logins.h"
#include "oci/manifest.h"
#include "oci/reference.h"
#include "require.h"

using namespace raykeep::oci;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Challenge& each : read_challenges({{"WWW-Authenticate", std::string(text)}}))
    require(!each.scheme.empty(), "a challenge has a scheme", text);
  (void)read_token(text);
  if (auto reference = Reference::parse(text)) {
    const auto again = Reference::parse(reference->text());
    require(again && *again == *reference, "a name in full means the same", text);
  }
  if (auto logins = Logins::parse(text)) {
    (void)logins->find("docker.io", "library/redis");
    const std::string helper = logins->helper_for("docker.io");
    require(helper.find('/') == std::string::npos, "a helper is no path", text);
  }
  (void)parse_manifest(text, "application/vnd.oci.image.manifest.v1+json");
  (void)parse_index(text, "application/vnd.oci.image.index.v1+json");
  return 0;
}
