"""What Cilium drops on the nodes: every packet that a policy kept from arriving, seen as it happens.

The gateway's counter (lab/egress) sees what left a node. A packet that a NetworkPolicy denies never gets there, so
whether somebody tried can only be seen here.
"""
import ipaddress
import json
import subprocess
import tempfile
import typing

from lab import ROOT, until

# Where the lab's own things are: machines, pods, Services (lab/README.md).
INSIDE = [ipaddress.ip_network(block) for block in ("10.240.0.0/24", "10.244.0.0/16", "10.96.0.0/16")]


class Drop(typing.NamedTuple):
    source: str
    target: str
    port: str  # "6379", or empty where the protocol has none
    reason: str

    def leaves(self) -> bool:
        """Was it meant for somewhere outside of the lab?"""
        address = ipaddress.ip_address(self.target)
        return not (address.is_multicast or address.is_link_local or any(address in block for block in INSIDE))


class Drops:
    """Follows both nodes from when it is made until close()."""

    def __init__(self, lab):
        self._followed = []
        for node in ("n1", "n2"):
            out = tempfile.NamedTemporaryFile(mode="w+", prefix=f"drops-{node}-")
            process = subprocess.Popen([ROOT / "lab/cilium", "--name", lab.name, node, "monitor", "-t", "drop", "-j"],
                                       stdout=out, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
            self._followed.append((process, out))

    def seen(self) -> list:
        """Every packet over IP that was dropped so far."""
        found = []
        for process, out in self._followed:
            assert process.poll() is None, "the monitor ended: what it did not see proves nothing"
            with open(out.name) as text:
                for line in text:
                    if not line.startswith("{") or not line.endswith("}\n"):
                        continue
                    event = json.loads(line)
                    ends, ports = event["summary"].get("l3"), event["summary"].get("l4", {})
                    if ends:
                        found.append(Drop(ends["src"], ends["dst"], ports.get("dst", ""), event["reason"]))
        return found

    def await_one(self, what, condition) -> None:
        """Waits until a drop of which condition(drop) holds was seen: a watcher that sees nothing proves nothing."""
        until(what, lambda: any(condition(drop) for drop in self.seen()), patience=20)

    def close(self) -> None:
        for process, out in self._followed:
            process.terminate()
            process.wait()
            out.close()
