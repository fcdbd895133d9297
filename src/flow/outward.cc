#include "flow/outward.h"

namespace raykeep::flow {

std::vector<Flow> flows_to_dns(const End& from, const spec::Site& site, const char* reason) {
  std::vector<Flow> made;
  for (const spec::SitePort& port : site.dns.ports) {
    made.push_back({.from = from,
                    .to = {Role::dns, ""},
                    .port_name = port.protocol == spec::Protocol::udp ? "dns" : "dns-tcp",
                    .ports = port.range,
                    .protocol = port.protocol,
                    .encryption = "none",
                    .reason = reason,
                    .peers = site.dns.servers});
  }
  return made;
}

std::vector<Flow> flows_outside(const End& from, const spec::Site& site) {
  std::vector<Flow> made;
  for (const spec::Egress& egress : site.egress) {
    for (const spec::SitePort& port : egress.ports) {
      made.push_back({.from = from,
                      .to = {Role::outside, egress.name},
                      .port_name = "egress",
                      .ports = port.range,
                      .protocol = port.protocol,
                      .encryption = "up to the application",
                      .reason = egress.reason,
                      .peers = egress.to});
    }
  }
  return made;
}

}  // namespace raykeep::flow
