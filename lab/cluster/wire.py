"""What goes over the wire between the nodes, read packet by packet.

One node's end of the bridge sees all there is: with two nodes every packet between them passes it once. A text that
is cut in two by the end of a packet is not seen: who wants to be sure repeats it.
"""
from __future__ import annotations

import collections
import json
import select
import socket
import struct
import sys
import time

ETH_P_ALL = 3
SO_RCVBUFFORCE = 33
SOL_PACKET, PACKET_STATISTICS = 263, 6
PATIENCE = 10  # seconds for what lies in the kernel's buffer at the end
IPV4, TCP, UDP, VXLAN_PORT = 0x0800, 6, 17, 8472  # the port is Cilium's


def ends(frame: bytes) -> str:
    """"10.244.1.5 -> 10.244.2.7:6379": the server's port is the lower one. Inside of a tunnel where there is one."""
    at = 14
    if len(frame) < 34 or struct.unpack_from("!H", frame, 12)[0] != IPV4:
        return "not IPv4"
    transport = at + (frame[at] & 15) * 4
    protocol = frame[at + 9]
    source, target = (socket.inet_ntoa(frame[at + 12 + 4 * i:at + 16 + 4 * i]) for i in range(2))
    if protocol not in (TCP, UDP):
        return f"{source} -> {target}"
    ports = struct.unpack_from("!HH", frame, transport)
    if protocol == UDP and ports[1] == VXLAN_PORT:
        return ends(frame[transport + 16:])
    return f"{source}:{ports[0]} -> {target}" if ports[0] < ports[1] else f"{source} -> {target}:{ports[1]}"


def watch(interface: str, texts: list[str]) -> None:
    """Until the end of standard input."""
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    wire.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 512 << 20)
    wire.bind((interface, 0))
    wire.setblocking(False)
    wanted = {text: text.encode() for text in texts}
    seen: dict[str, collections.Counter] = {text: collections.Counter() for text in texts}
    frames = size = 0
    print("watching", flush=True)
    ends_at = float("inf")
    while time.monotonic() < ends_at:
        ending = ends_at < float("inf")
        ready, _, _ = select.select([wire] if ending else [wire, sys.stdin], [], [], 0.5 if ending else None)
        if sys.stdin in ready:
            ends_at = time.monotonic() + PATIENCE
        if ending and wire not in ready:
            break  # nothing is left that was sent before we were told to end
        for _ in range(1000 if wire in ready else 0):
            try:
                frame = wire.recv(1 << 17)
            except BlockingIOError:
                break
            frames, size = frames + 1, size + len(frame)
            for text, sought in wanted.items():
                if sought in frame:
                    seen[text][ends(frame)] += frame.count(sought)
    dropped = struct.unpack("II", wire.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))[1]
    print(json.dumps({"frames": frames, "bytes": size, "dropped": dropped,
                      "seen": {text: dict(counts.most_common()) for text, counts in seen.items()}}))
