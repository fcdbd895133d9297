#include "report/exceptions.h"

#include <fmt/format.h>

#include "base/text.h"
#include "plan/mesh.h"
#include "report/describe.h"
#include "report/workloads.h"

namespace raykeep::report {
namespace {

class List {
 public:
  void add(std::string what, std::string asked_by, std::string why, std::string_view weight) {
    all_.push_back(doc::Object{{"what", std::move(what)},
                               {"askedBy", std::move(asked_by)},
                               {"why", std::move(why)},
                               {"weight", weight}});
  }
  doc::Array take() { return std::move(all_); }

 private:
  doc::Array all_;
};

void of_encryption(const Input& input, List& list) {
  const spec::Site& site = input.site;
  if (site.tls_mode == spec::TlsMode::none)
    list.add("Ray's traffic is not encrypted", "Site spec.tls.mode",
             site.tls_mode_written ? "mode: none is written out"
                                   : "nothing is written, and none is the default",
             "high");
  using Backend = spec::Storage::Backend;
  const spec::Storage& storage = input.plan.storage;
  if (storage.backend == Backend::redis && !storage.tls.enabled && !site.redis.in_mesh)
    list.add("the head's state goes to Redis in the clear", "Site spec.redis.tls, or the document",
             storage.tls.written ? "enabled: false is written out" : "", "high");
  if (site.mesh == spec::Mesh::istio_sidecar && !plan::redis_with_own_tls(storage, site).empty())
    list.add("the head's connections to Redis go past the mesh's proxy, with TLS of their own",
             "Site spec.redis.tls, or the document",
             "the Redis is not in the mesh; annotation excludeOutboundPorts of the head's pod",
             "normal");
  if (storage.backend == Backend::managed_redis && !site.redis.managed->tls &&
      site.mesh == spec::Mesh::none)
    list.add("the head's state goes to the cluster's Redis in the clear",
             "Site spec.redis.managed.tls", "", "high");
}

void of_peers(const Input& input, List& list) {
  struct Field {
    const char* name;
    const std::vector<spec::Peer>& peers;
    const char* may;
  };
  const spec::Site& site = input.site;
  for (const Field& field :
       {Field{"monitoring", site.monitoring, "scrape metrics"},
        Field{"ingress", site.ingress, "call Serve"},
        Field{"submitters", site.submitters, "submit jobs, which run any code in the cluster"},
        Field{"clients", site.clients,
              "open Ray Client sessions, which run any code in the "
              "cluster"}}) {
    for (const spec::Peer& peer : field.peers) {
      if (std::string wide = too_wide(peer); !wide.empty())
        list.add(fmt::format("{} may {}", wide, field.may),
                 fmt::format("Site spec.peers.{} ({})", field.name, peer.name), "", "normal");
    }
  }
  if (input.plan.storage.fault == spec::Storage::Fault::guessed_peers)
    list.add("the head may reach every pod of the Redis' namespace on its port",
             "the address, without Site spec.redis.peers", "", "normal");
}

void of_egress(const Input& input, List& list) {
  for (const spec::Egress& egress : input.site.egress) {
    std::vector<std::string> peers, ports;
    bool wide = false;
    for (const spec::Peer& peer : egress.to) {
      peers.push_back(describe(peer));
      wide |= !too_wide(peer).empty();
    }
    for (const spec::SitePort& port : egress.ports)
      ports.push_back(fmt::format("{}/{}", to_string(port.range), to_string(port.protocol)));
    list.add(fmt::format("every Ray pod may reach {} on {}", join(peers, "; "), join(ports, ", ")),
             fmt::format("Site spec.egress ({})", egress.name), egress.reason,
             wide ? "high" : "normal");
  }
}

void of_pods(const Input& input, const doc::Array& workloads, List& list) {
  if (!input.site.pods.service_account_name.empty())
    list.add(fmt::format("pods run as service account {}; they do not hold its token",
                         input.site.pods.service_account_name),
             "Site spec.pods.serviceAccountName", "", "note");
  if (!input.site.end_port)
    list.add("policies name the worker ports one by one", "Site spec.networkPolicy.endPort",
             "the enforcer does not know ranges", "note");
  for (const doc::Value& workload : workloads) {
    const doc::Array& objects = workload.at("objects").as_array();
    std::string where(std::string_view(objects.front().as_string()));
    if (objects.size() > 1) where += fmt::format(" and {} more", objects.size() - 1);
    for (const doc::Value& deviation : workload.at("deviations").as_array())
      list.add(fmt::format("{}: {}", where, std::string_view(deviation.as_string())),
               "the document's pod template", "", "high");
  }
}

void of_reach(const Input& input, List& list) {
  if (input.plan.token_secret.empty())
    list.add("Ray asks nobody for a token: who reaches a port of it runs code in it",
             "the document's authOptions or rayVersion", "", "high");
  for (const doc::Value& object : input.objects()) {
    std::string_view type = doc::find_string(object, {"spec", "type"});
    if (doc::find_string(object, {"kind"}) != "Service" || type.empty() || type == "ClusterIP")
      continue;
    list.add(fmt::format("{} is of type {}: it has an address outside the cluster's network",
                         label_of(object), type),
             "the document's serviceType or headService", "", "normal");
  }
}

}  // namespace

doc::Array exceptions(const Input& input, const doc::Array& workloads) {
  List list;
  of_encryption(input, list);
  of_reach(input, list);
  of_egress(input, list);
  of_peers(input, list);
  of_pods(input, workloads, list);
  return list.take();
}

}  // namespace raykeep::report
