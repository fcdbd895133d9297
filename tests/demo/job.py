"""The demo's Ray job: one task on every node, which says where it runs and adds up its share of the numbers."""
import socket

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

ray.init(logging_level="ERROR")


@ray.remote(num_cpus=0.1)
def share(first: int, step: int) -> tuple[str, int]:
    return socket.gethostname(), sum(range(first, 1_000_001, step))


nodes = sorted(n["NodeID"] for n in ray.nodes() if n["Alive"])
parts = ray.get([
    share.options(scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote(i, len(nodes))
    for i, node in enumerate(nodes)
])
for host, part in parts:
    print(f"node {host}: {part}")
print(f"{len(parts)} nodes, sum of 0..1000000 = {sum(part for _, part in parts)}")
