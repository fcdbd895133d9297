"""The lab's network: four namespaces, one bridge, no uplink.

  desk 10.240.0.100 --+
  n1   10.240.0.11  --+-- br0 in cp 10.240.0.1 (API server, registry, gateway)
  n2   10.240.0.12  --+

The control plane is everybody's gateway, and the gateway leads nowhere: whatever is addressed
outside the lab's ranges is counted there and dropped. All veth ends are created inside the lab's
namespaces, so no interface of a lab is ever visible on the machine.
"""
from __future__ import annotations

import fcntl
import os
import pathlib

from . import site
from .site import NODES, Lab, run

ROLES = ("cp", "n1", "n2", "desk")

# Prerouting, not forward: there is no route, so routing would drop such a packet before forward.
# 224.0.0.0/24 never leaves a link, whatever the network.
RULES = f"""
table inet lab {{
  counter escaped {{}}
  set inside {{ type ipv4_addr; flags interval; elements = {{
    {site.HOSTS}, {site.PODS}, {site.SERVICES}, 127.0.0.0/8, 224.0.0.0/24 }} }}
  set ports {{ type ipv4_addr . ipv4_addr . inet_proto . inet_service; size 4096; flags dynamic; counter; }}
  set others {{ type ipv4_addr . ipv4_addr . inet_proto; size 4096; flags dynamic; counter; }}
  chain outside {{
    counter name escaped
    meta l4proto {{ tcp, udp }} update @ports {{ ip saddr . ip daddr . meta l4proto . th dport }} drop
    update @others {{ ip saddr . ip daddr . meta l4proto }}
    drop
  }}
  chain arriving {{
    type filter hook prerouting priority raw;
    ip daddr @inside accept
    meta nfproto ipv4 jump outside
  }}
  chain own {{
    type filter hook output priority raw;
    ip daddr @inside accept
    meta nfproto ipv4 jump outside
  }}
}}
"""

# The desk is a workstation: it opens no connection to a pod. It answers them, though, and the
# gateway sees only that half of such a connection: hence the rule is at the desk itself.
DESK_RULES = f"""
table inet lab {{
  chain out {{
    type filter hook output priority filter;
    ct state new ip daddr {{ {site.PODS}, {site.SERVICES} }} reject with icmp admin-prohibited
  }}
}}
"""


def create(lab: Lab) -> None:
    # The first "ip netns add" of a machine turns /run/netns into a shared mount; two at once fight.
    with open(lab.state.parent / ".netns.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for role in ROLES:
            run(["ip", "netns", "add", lab.netns(role)])

    cp = lab.netns("cp")
    run(["ip", "-n", cp, "-batch", "-"], input=f"""
        link set lo up
        link add br0 type bridge
        addr add {site.CONTROL_PLANE}/24 dev br0
        link set br0 up
        route add default dev br0
    """)
    # The default route exists so that the control plane's own attempts are packets to be counted.
    hosts = [(node.name, node.address) for node in NODES] + [("desk", site.DESK)]
    for role, address in hosts:
        _no_ipv6(lab, role)
        run(["ip", "-n", cp, "-batch", "-"], input=f"""
            link add {role} type veth peer name eth0 netns {lab.netns(role)}
            link set {role} master br0 up
        """)
        run(["ip", "-n", lab.netns(role), "-batch", "-"], input=f"""
            link set lo up
            addr add {address}/24 dev eth0
            link set eth0 up
            route add default via {site.CONTROL_PLANE}
        """)
    for node in NODES:
        run(["ip", "-n", cp, "route", "add", node.pods, "via", node.address])
    # The API server calls webhooks and proxies to Services; the first node's kube-proxy translates.
    run(["ip", "-n", cp, "route", "add", site.SERVICES, "via", NODES[0].address])
    _no_ipv6(lab, "cp")
    for role in ("cp", "n1", "n2"):
        run(lab.inside(role, "sysctl", "-qw", "net.ipv4.ip_forward=1"))
    run(lab.inside("cp", "nft", "-f", "-"), input=RULES)
    run(lab.inside("desk", "nft", "-f", "-"), input=DESK_RULES)


def _no_ipv6(lab: Lab, role: str) -> None:
    if pathlib.Path("/proc/sys/net/ipv6").exists():
        run(lab.inside(role, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1",
                       "net.ipv6.conf.default.disable_ipv6=1"))


def remove(lab: Lab) -> None:
    for role in ROLES:
        if os.path.exists(f"/run/netns/{lab.netns(role)}"):
            run(["ip", "netns", "del", lab.netns(role)])


def exists(lab: Lab) -> bool:
    return any(os.path.exists(f"/run/netns/{lab.netns(role)}") for role in ROLES)
