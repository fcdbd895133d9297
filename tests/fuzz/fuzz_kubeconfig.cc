// Any bytes as a kubeconfig: no crash, and what is accepted names a server that is a URL. Files
// named in it are not read.
#include <cstdint>
#include <cstdlib>

#include "kube/kubeconfig.h"
#include "net/url.h"

using namespace raykeep;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kube::Kubeconfig merged;
  std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!kube::add_kubeconfig(merged, text, "fuzz")) return 0;
  auto no_files = [](const std::string&) -> Result<std::string> { return "file"; };
  auto contexts = merged.contexts;
  contexts.push_back({});  // the current one
  for (const auto& context : contexts) {
    auto config =
        kube::resolve(merged, {.kubeconfig = "", .context = context.name, .ns = ""}, no_files);
    if (config && !net::parse_url(config->server)) std::abort();
  }
  return 0;
}
