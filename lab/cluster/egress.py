"""What tried to leave the lab: the gateway counts and drops it (the rules are network.py's)."""
from __future__ import annotations

import json

from .site import Lab, run


def _list(lab: Lab, *what: str) -> list[dict]:
    return json.loads(run(lab.inside("cp", "nft", "-j", *what)))["nftables"]


def packets(lab: Lab) -> int:
    return next(entry["counter"]["packets"]
                for entry in _list(lab, "list", "counter", "inet", "lab", "escaped") if "counter" in entry)


def destinations(lab: Lab) -> list[str]:
    """One line for each source, destination, protocol and port, the busiest first."""
    found = []
    for name in ("ports", "others"):
        for entry in _list(lab, "list", "set", "inet", "lab", name):
            for element in entry.get("set", {}).get("elem", []):
                key, count = element["elem"]["val"]["concat"], element["elem"]["counter"]["packets"]
                source, target, protocol, *port = map(str, key)
                found.append((count, f"{source} -> {target} {protocol} {' '.join(port)}".rstrip()))
    return [f"{count:6d}  {text}" for count, text in sorted(found, reverse=True)]


def reset(lab: Lab) -> None:
    run(lab.inside("cp", "nft", "-f", "-"), input="""
        reset counter inet lab escaped
        flush set inet lab ports
        flush set inet lab others
    """)
